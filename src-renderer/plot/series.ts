/** What a plot draws, as data: lines, bands, marks; and the same as a table or CSV. */
import { figure } from '../words.ts';

/** Room beside a plot's area in CSS pixels: its y axis, and the right end. What lies under the same x needs them. */
export const plotSides = { axis: 44, end: 24 } as const;

export interface PlotSeries {
  label: string;
  values: readonly (number | null)[];
  /** Token without dashes: 'accent', 'left-out', 'cat-3'. */
  colour: string;
  width?: number;
  dash?: readonly number[];
  points?: boolean;
  /** Label at the end of the line instead of a legend. */
  direct?: boolean;
  /** Only the edge of a band: not drawn itself. */
  invisible?: boolean;
  /** Not in the table and the legend, e.g. a smoothed copy. */
  helper?: boolean;
}

export interface PlotBand {
  /** Indices into the series: upper, lower. */
  between: readonly [number, number];
  colour: string;
  alpha?: number;
}

export interface PlotMark {
  x: number;
  /** With `y`: a ring at the point; without: a dashed upright line. */
  y?: number;
  text: string;
  /** Shaded from x to here, e.g. the warm-up. */
  until?: number;
}

export interface PlotLevel {
  y: number;
  colour: string;
  text?: string;
}

/** One row per x, one column per series; helpers and invisible edges stay in only when they carry a name of their own. */
export function toTable(
  xTitle: string,
  x: readonly number[],
  series: readonly PlotSeries[],
): { head: string[]; rows: (number | null)[][] } {
  const shown = series.filter((entry) => !entry.helper);
  return {
    head: [xTitle, ...shown.map(({ label }) => label)],
    rows: x.map((value, i) => [value, ...shown.map(({ values }) => values[i] ?? null)]),
  };
}

/** Ticks of one axis with the same number of decimals: '1.9', '2.0', '2.1'. */
export function tickTexts(splits: readonly (number | null)[], format?: (value: number) => string): string[] {
  const steps = splits.flatMap((value, i) => {
    const before = splits[i - 1];
    return value === null || before === null || before === undefined ? [] : [Math.abs(value - before)];
  });
  const step = Math.min(...steps.filter((value) => value > 0), Infinity);
  const even = steps.every((value) => Math.abs(value - step) < step * 1e-6);
  // As many decimals as write the step exactly: 0.25 needs two.
  const decimals =
    [0, 1, 2, 3, 4, 5].find((digits) => Math.abs(Number(step.toFixed(digits)) - step) < step * 1e-6) ?? 6;
  return splits.map((value) => {
    if (value === null) return '';
    if (format) return format(value);
    if (!even || !Number.isFinite(step)) return figure(value);
    return value
      .toLocaleString('en-GB', { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
      .replace('-', '−');
  });
}

const units = new Set(['Hz', 's', 'ms', 'min', 'h', '%', 'µV', 'dB']);

/** What the axis counts, once, at the last tick that has a number: 'pass 50', '40 Hz'. */
export function withUnit(texts: readonly string[], unit: string): string[] {
  const last = texts.findLastIndex((text) => text !== '');
  const said = (text: string): string => (units.has(unit) ? `${text} ${unit}` : `${unit} ${text}`);
  return texts.map((text, i) => (i === last && unit !== '' ? said(text) : text));
}

/** RFC 4180, decimal point, empty where there is no value. */
export function toCsv({ head, rows }: { head: string[]; rows: (number | null)[][] }): string {
  const cell = (value: string | number | null): string => {
    const text = value === null ? '' : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [head, ...rows].map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n';
}

/** Series over different x on one common, rising x; null where a series has no point. */
export function alignSeries(series: readonly { x: readonly number[]; y: readonly number[] }[]): {
  x: number[];
  ys: (number | null)[][];
} {
  const x = [...new Set(series.flatMap((entry) => entry.x))].sort((a, b) => a - b);
  return {
    x,
    ys: series.map((entry) => {
      const at = new Map(entry.x.map((value, i) => [value, entry.y[i]!]));
      return x.map((value) => at.get(value) ?? null);
    }),
  };
}

/** Mean over up to `reach` points on both sides, holes left out. */
export function smooth(values: readonly (number | null)[], reach: number): (number | null)[] {
  const present = values.flatMap((value, i) => (value === null ? [] : [{ value, i }]));
  const out: (number | null)[] = values.map(() => null);
  for (const [k, { i }] of present.entries()) {
    const near = present.slice(Math.max(0, k - reach), k + reach + 1);
    out[i] = near.reduce((sum, { value }) => sum + value, 0) / near.length;
  }
  return out;
}
