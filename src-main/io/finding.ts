/** Small words for telling a finding: the finding itself, places and times. */
import type { Finding, Severity } from '#shared/eeg/recording.ts';

export function finding(
  code: string,
  severity: Severity,
  where: string,
  effect: string,
  remedy: string,
): Finding {
  return { code, severity, where, effect, remedy };
}

/** 'hh:mm:ss' with milliseconds when there are any. */
export function timeText(seconds: number): string {
  const millis = Math.round(seconds * 1000);
  const part = (divisor: number, modulo: number) =>
    String(Math.floor(millis / divisor) % modulo).padStart(2, '0');
  const fraction = millis % 1000;
  const tail = fraction === 0 ? '' : `.${String(fraction).padStart(3, '0')}`;
  return `${part(3_600_000, 1e6)}:${part(60_000, 60)}:${part(1000, 60)}${tail}`;
}

/** 'Channel T8', or 'Channels T8, P8 and 3 more'. */
export function channelsText(labels: readonly string[]): string {
  if (labels.length === 1) return `Channel ${labels[0]}`;
  const shown = labels.slice(0, 5).join(', ');
  return `Channels ${shown}${labels.length > 5 ? ` and ${labels.length - 5} more` : ''}`;
}
