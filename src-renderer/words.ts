/** Numbers, times and lengths as the screens write them: units with a space, no more digits than they deserve. */

const locale = 'en-GB';

/** 10562 becomes '10,562'. */
export function count(value: number): string {
  return value.toLocaleString(locale, { maximumFractionDigits: 0 });
}

/** '1 recording', '301 recordings'. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Three significant digits at most, minus as a real minus. */
export function figure(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return 'unknown';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size < 1e-4 || size >= 1e7) return value.toExponential(digits - 1).replace('-', '−');
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  return value.toLocaleString(locale, { maximumFractionDigits: decimals }).replace('-', '−');
}

/** Two significant digits with their zeros, for figures that stand below one another: '1.0', '0.95', '12'. */
export function twoDigits(value: number): string {
  const rounded = Number(value.toPrecision(2));
  const size = Math.abs(rounded);
  const decimals = size === 0 ? 0 : Math.max(0, 1 - Math.floor(Math.log10(size)));
  return rounded
    .toLocaleString(locale, { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
    .replace('-', '−');
}

/** A share 0…1 as '5 %', '0.05 %'. */
export function percent(share: number, digits = 2): string {
  return `${figure(share * 100, digits)} %`;
}

/** '4.2 GB', '512 kB'; powers of ten as disks are sold. */
export function bytes(value: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let size = value;
  let unit = 0;
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${unit === 0 ? count(size) : figure(size, size < 10 ? 2 : 3)} ${units[unit]}`;
}

/** A length: '20 min 48 s', '23 h 41 min', '8.4 s' below ten seconds. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return 'unknown';
  if (seconds < 9.95) return `${figure(Math.max(0, seconds), 2)} s`;
  const whole = Math.round(seconds);
  const [h, min, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (h > 0) return min > 0 ? `${count(h)} h ${min} min` : `${count(h)} h`;
  if (min > 0) return s > 0 ? `${min} min ${s} s` : `${min} min`;
  return `${s} s`;
}

/** Hours of recording as people say them: '34 min', '8.2 h', '428 h'. */
export function hours(value: number): string {
  return value < 1 ? duration(Math.max(60, Math.round(value * 60) * 60)) : `${figure(value, 3)} h`;
}

/** How much EEG there is: '27.3 h', '6.2 min' below an hour. */
export function eegLength(hours: number): string {
  return hours >= 1 ? `${figure(hours)} h` : `${figure(hours * 60)} min`;
}

/** 'F01' of 'Film clips/F01': the group stands beside it. */
export function subjectName(subject: string): string {
  return subject.slice(subject.lastIndexOf('/') + 1);
}

/** A range of lengths in one unit: '41–55 min', 'about 20 s'. */
export function durationRange(lowS: number, highS: number): string {
  if (highS < 0.5) return 'under 1 s';
  const low = duration(lowS);
  const high = duration(highS);
  if (low === high) return `about ${low}`;
  const [unit, size] = highS >= 5400 ? ['h', 3600] : highS >= 90 ? ['min', 60] : ['s', 1];
  const [a, b] = [lowS / Number(size), highS / Number(size)].map((value) =>
    unit === 'h' ? figure(value, value < 10 ? 2 : 3) : figure(Math.round(value), 3),
  );
  if (a === '0') return `up to ${b} ${unit}`;
  return a === b ? `about ${b} ${unit}` : `${a}–${b} ${unit}`;
}

/** A length in a table column: '20:02', '23:41:10'. */
export function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const [h, min, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number): string => String(value).padStart(2, '0');
  return h > 0 ? `${h}:${two(min)}:${two(s)}` : `${min}:${two(s)}`;
}

/** A place in time: '00:12:03'. */
export function time(seconds: number): string {
  const whole = Math.floor(Math.max(0, seconds));
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(whole / 3600))}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

/** '13:06' for today, '12 Nov, 13:06' otherwise; `at` is an ISO instant. */
export function when(at: string | null, now = new Date()): string {
  if (at === null) return '';
  const date = new Date(at);
  const hour = date.toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit' });
  if (date.toDateString() === now.toDateString()) return hour;
  const year = date.getFullYear() === now.getFullYear() ? undefined : ('numeric' as const);
  return `${date.toLocaleDateString(locale, { day: 'numeric', month: 'short', year })}, ${hour}`;
}

/** 'EDF', 'EDF and BDF', 'EDF, BDF and CSV'. */
export function list(items: readonly string[]): string {
  return items.length < 2
    ? (items[0] ?? '')
    : `${items.slice(0, -1).join(', ')} and ${items[items.length - 1]}`;
}
