/** What the terminal shows while a job runs: a bar on a terminal, plain lines otherwise, nothing with --quiet. */
import type { JobMessage } from '#shared/job-input.ts';

export interface ProgressLine {
  show(message: JobMessage): void;
  end(): void;
}

export function progressLine(quiet: boolean, stream: NodeJS.WriteStream = process.stderr): ProgressLine {
  if (quiet) return { show: () => undefined, end: () => undefined };
  let open = false;
  let phase = '';
  const line = (text: string) => {
    if (stream.isTTY) {
      stream.write(`\r\x1b[K${text}`);
      open = true;
    } else stream.write(`${text}\n`);
  };
  const close = () => {
    if (open) stream.write('\n');
    open = false;
  };
  return {
    end: close,
    show({ job, event }) {
      const name = job.phases[job.phase] ?? job.title;
      if (event?.type === 'phase' && name !== phase) {
        close();
        phase = name;
        line(`${job.phase + 1}/${job.phases.length} ${name}`);
      } else if (event?.type === 'progress' && stream.isTTY) {
        line(
          `${job.phase + 1}/${job.phases.length} ${name} ${bar(event.done / Math.max(1, event.total))} ${event.done}/${event.total} ${event.unit}${eta(job.etaS)}`,
        );
      } else if (event?.type === 'note') {
        close();
        stream.write(`${{ info: ' ', ok: '✓', warning: '!', error: '×' }[event.level]} ${event.text}\n`);
      }
    },
  };
}

function bar(share: number): string {
  const full = Math.round(20 * Math.min(1, share));
  return `${'█'.repeat(full)}${'░'.repeat(20 - full)}`;
}

function eta(seconds: number | null): string {
  if (seconds === null) return '';
  return seconds < 90 ? `, ${Math.ceil(seconds)} s left` : `, ${Math.ceil(seconds / 60)} min left`;
}

/** A table with aligned columns; numbers to the right. */
export function table(rows: readonly (readonly (string | number)[])[]): string {
  const text = rows.map((row) => row.map(String));
  const widths = (text[0] ?? []).map((_, column) =>
    Math.max(...text.map((row) => (row[column] ?? '').length)),
  );
  return text
    .map((row) =>
      row
        .map((cell, column) =>
          /^[−\-\d.,% –±[\]()×]+$/.test(cell) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
