/** Fixed-width ASCII fields of an EDF header, written: numbers that fit, text without surprises, clocks. */
import { AppError } from '#shared/errors.ts';

/**
 * A decimal number of at most `width` characters, without exponent, with as many digits as fit.
 *
 * @param toward 'down' and 'up' round away from the value so that a range never shrinks by being written
 * @throws AppError 'invalid-input' when not even the whole part fits, or the value is not finite
 */
export function formatNumber(
  value: number,
  width = 8,
  toward: 'nearest' | 'down' | 'up' = 'nearest',
): string {
  if (!Number.isFinite(value))
    throw new AppError('invalid-input', `${value} cannot stand in an EDF header; give a finite number.`);
  for (let digits = width - 2; digits >= 0; digits--) {
    const text = roundTo(value, digits, toward);
    if (text.length <= width) return text;
  }
  throw new AppError(
    'invalid-input',
    `${value} does not fit into the ${width} characters an EDF header has for it; use a smaller range or another unit.`,
  );
}

function roundTo(value: number, digits: number, toward: 'nearest' | 'down' | 'up'): string {
  let text = value.toFixed(digits);
  const off = Number(text) - value;
  if ((toward === 'down' && off > 0) || (toward === 'up' && off < 0))
    text = (Number(text) + (toward === 'up' ? 1 : -1) * 10 ** -digits).toFixed(digits);
  if (text.includes('.')) text = text.replace(/0+$/, '').replace(/\.$/, '');
  return text === '-0' ? '0' : text;
}

/** Printable ASCII only: accents are dropped, µ and Ω become u and Ohm, anything else unknown becomes '_'. */
export function asciiText(text: string): string {
  return text
    .replace(/[µμ]/g, 'u')
    .replace(/[ΩΩ]/g, 'Ohm')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\x20-\x7e]/gu, '_');
}

/** ASCII text padded with spaces to exactly `width` bytes, cut when longer. */
export function padField(text: string, width: number): string {
  return asciiText(text).slice(0, width).padEnd(width, ' ');
}

/** A local clock without time zone; `fraction` in seconds, 0 ≤ fraction < 1. */
export interface Clock {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  fraction: number;
}

const clockPattern = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?$/;

/** Reads 'YYYY-MM-DDTHH:MM:SS[.fff]'. @throws AppError 'invalid-input' */
export function parseClock(text: string): Clock {
  const match = clockPattern.exec(text);
  if (!match)
    throw new AppError('invalid-input', `"${text}" is not a local clock; write it as 1985-01-01T00:00:00.`);
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  return {
    year: year!,
    month: month!,
    day: day!,
    hour: hour!,
    minute: minute!,
    second: second!,
    fraction: Number(match[7] ?? 0),
  };
}

/** The clock some seconds later, by calendar rules, without any time zone. */
export function addSeconds(clock: Clock, seconds: number): Clock {
  // microseconds, so that fractions like 0.1 do not gather rounding dust
  const micros = Math.round((clock.fraction + seconds) * 1e6);
  const whole = Math.floor(micros / 1e6);
  const date = new Date(
    Date.UTC(clock.year, clock.month - 1, clock.day, clock.hour, clock.minute, clock.second + whole),
  );
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    fraction: (micros - whole * 1e6) / 1e6,
  };
}

/** 'YYYY-MM-DDTHH:MM:SS', with '.fff…' only when there is a fraction. */
export function formatClock(clock: Clock): string {
  const fraction = clock.fraction > 0 ? clock.fraction.toFixed(6).slice(1).replace(/0+$/, '') : '';
  return `${two(clock.year, 4)}-${two(clock.month)}-${two(clock.day)}T${two(clock.hour)}:${two(clock.minute)}:${two(clock.second)}${fraction}`;
}

/** 'dd.mm.yy'. @throws AppError 'invalid-input' outside 1985–2084, the years EDF can hold. */
export function edfDate(clock: Clock): string {
  if (clock.year < 1985 || clock.year > 2084)
    throw new AppError(
      'invalid-input',
      `The year ${clock.year} cannot stand in an EDF header (1985 to 2084); leave the date out or shift it.`,
    );
  return `${two(clock.day)}.${two(clock.month)}.${two(clock.year % 100)}`;
}

export const edfTime = (clock: Clock): string =>
  `${two(clock.hour)}.${two(clock.minute)}.${two(clock.second)}`;

export const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

/** 'dd-MMM-yyyy' as the recording field of EDF+ wants it. */
export const edfLongDate = (clock: Clock): string =>
  `${two(clock.day)}-${months[clock.month - 1]}-${two(clock.year, 4)}`;

const two = (value: number, width = 2) => String(value).padStart(width, '0');
