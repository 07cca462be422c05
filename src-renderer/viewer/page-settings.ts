/** How a page is shown: the ladders of every setting, their words, and the address that quotes them. */

export interface PageSettings {
  montage: string;
  /** µV per millimetre. */
  sensitivity: number;
  /** 0: off */
  lffHz: number;
  hffHz: number;
  notchHz: number;
  /** Page length. */
  seconds: number;
}

/** ACNS guideline 1 (2016): starts at 7 µV/mm, 1–70 Hz, no notch. */
export const defaultSettings: PageSettings = {
  montage: '',
  sensitivity: 7,
  lffHz: 1,
  hffHz: 70,
  notchHz: 0,
  seconds: 10,
};

export const sensitivities = [1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200] as const;
export const lowFilters = [0, 0.1, 0.16, 0.3, 0.5, 1, 1.6, 3, 5] as const;
export const highFilters = [0, 15, 30, 35, 40, 50, 70, 100] as const;
export const notches = [0, 50, 60] as const;
/** Seconds of the recording in one second of playing. */
export const playSpeeds = [1, 2, 4, 8, 16] as const;
export const pageLengths = [10, 15, 20, 30, 60, 300, 5] as const;

/** The next rung of a ladder; stays at its ends. A value between two rungs goes to the nearer end of the step. */
export function stepAlong(ladder: readonly number[], value: number, by: 1 | -1): number {
  const sorted = [...ladder].sort((a, b) => a - b);
  const next = by > 0 ? sorted.find((rung) => rung > value) : sorted.findLast((rung) => rung < value);
  return next ?? value;
}

/** The next of a ring, back to the first after the last; an unknown value goes to the first. */
export function nextInRing<Value>(ring: readonly Value[], value: Value): Value {
  return ring[(ring.indexOf(value) + 1) % ring.length]!;
}

/** 'off', '1 Hz (0.16 s)': the time constant of a single pole is 1 / 2πf. */
export function lowFilterText(hz: number): string {
  return hz === 0 ? 'off' : `${hz} Hz (${timeConstant(hz)} s)`;
}

export function timeConstant(hz: number): string {
  const seconds = 1 / (2 * Math.PI * hz);
  return seconds >= 0.995 ? seconds.toFixed(1) : String(Number(seconds.toPrecision(2)));
}

/** '10 s', '5 min'. */
export function pageText(seconds: number): string {
  return seconds >= 120 ? `${seconds / 60} min` : `${seconds} s`;
}

export function hzText(hz: number): string {
  return hz === 0 ? 'off' : `${hz} Hz`;
}

/** Reads what an address quotes; what it does not say, or says wrongly, comes from `fallback`. */
export function settingsFrom(query: URLSearchParams, fallback: PageSettings): PageSettings {
  const number = (name: string, ladder: readonly number[], otherwise: number): number => {
    const text = query.get(name);
    const value = text === null || text === '' ? NaN : Number(text);
    return ladder.includes(value) ? value : otherwise;
  };
  return {
    montage: query.get('montage') ?? fallback.montage,
    sensitivity: number('sens', sensitivities, fallback.sensitivity),
    lffHz: number('lff', lowFilters, fallback.lffHz),
    hffHz: number('hff', highFilters, fallback.hffHz),
    notchHz: number('notch', notches, fallback.notchHz),
    seconds: number('page', pageLengths, fallback.seconds),
  };
}

/** What an address needs to quote this page. */
export function quoteOf(settings: PageSettings, startS: number): Record<string, string | number> {
  return {
    t: Number(startS.toFixed(3)),
    page: settings.seconds,
    montage: settings.montage,
    lff: settings.lffHz,
    hff: settings.hffHz,
    notch: settings.notchHz,
    sens: settings.sensitivity,
  };
}

/** Why a filter of this page deserves a second look at this sampling rate; null when it does not. */
export function filterWarning({ hffHz, notchHz }: PageSettings, lowestRateHz: number): string | null {
  if (hffHz >= lowestRateHz / 2 && hffHz > 0)
    return `A channel sampled at ${lowestRateHz} Hz holds nothing above ${lowestRateHz / 2} Hz: the high filter does nothing there.`;
  if (notchHz >= lowestRateHz / 2 && notchHz > 0)
    return `A channel sampled at ${lowestRateHz} Hz holds no ${notchHz} Hz: the notch does nothing there.`;
  if (hffHz > 0 && hffHz <= 35)
    return 'A high filter this low can make muscle look like beta, and hides sharpness.';
  return null;
}

/**
 * Where 'go to' leads: '12:03', '00:12:03.5' and '723 s' are counted from the start, 'at 09:44:03' is the recording's own clock,
 * on its first day or after midnight.
 * @returns seconds from the start, or null when the text is no time or the clock is not known
 */
export function parsePlace(text: string, startedAt: string | null): number | null {
  const [, at, rest = ''] = /^\s*(at\s+)?(.*?)\s*s?\s*$/i.exec(text) ?? [];
  if (!/^\d+(?::\d{1,2}){0,2}(?:\.\d+)?$/.test(rest)) return null;
  const seconds = rest.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  if (at === undefined) return seconds;
  return startedAt === null ? null : (((seconds - clockOf(startedAt)) % 86_400) + 86_400) % 86_400;
}

/** Seconds since midnight of the recording's own clock; no time zone is ever applied. */
export function clockOf(startedAt: string): number {
  const [, h = '0', min = '0', s = '0'] = /T(\d+):(\d+):([\d.]+)/.exec(startedAt) ?? [];
  return Number(h) * 3600 + Number(min) * 60 + Number(s);
}

/** '09:44:03'; from the second day on 'd2 09:44', which has room in the same place. */
export function shortClock(startedAt: string, atS: number): string {
  const [, day, clock = ''] = /^(?:day (\d+), )?(.*)$/.exec(clockText(startedAt, atS)) ?? [];
  return day === undefined ? clock : `d${day} ${clock.slice(0, 5)}`;
}

/** '09:44:03', with the day from the second on: 'day 2, 09:44:03'. */
export function clockText(startedAt: string, atS: number): string {
  const seconds = Math.floor(clockOf(startedAt) + atS);
  const day = Math.floor(seconds / 86_400);
  const rest = ((seconds % 86_400) + 86_400) % 86_400;
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const text = `${two(rest / 3600)}:${two((rest / 60) % 60)}:${two(rest % 60)}`;
  return day > 0 ? `day ${day + 1}, ${text}` : text;
}
