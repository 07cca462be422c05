/** What a trace holds at a time or over a span, in its true µV. */
import type { Piece } from './trace-path.ts';

/** The nearest value, or both ends where only minimum and maximum of a column are known; null in a gap. */
export function valueAt(pieces: readonly Piece[], atS: number): { low: number; high: number } | null {
  for (const { values, firstS, stepS, pairs } of pieces) {
    const count = pairs ? values.length / 2 : values.length;
    const i = Math.round((atS - firstS) / stepS);
    if (i < 0 || i >= count) continue;
    const low = values[pairs ? 2 * i : i]!;
    const high = values[pairs ? 2 * i + 1 : i]!;
    if (!Number.isNaN(low)) return { low, high };
  }
  return null;
}

export interface SpanFigures {
  /** Values seen; 0 in a gap. */
  count: number;
  low: number;
  high: number;
  mean: number;
  /** Root mean square around the mean; of columns, from their middles. */
  rms: number;
}

export function figuresOf(pieces: readonly Piece[], fromS: number, toS: number): SpanFigures {
  let [count, low, high, sum, squares] = [0, Infinity, -Infinity, 0, 0];
  eachIn(pieces, fromS, toS, (a, b) => {
    const middle = (a + b) / 2;
    count++;
    sum += middle;
    squares += middle * middle;
    if (a < low) low = a;
    if (b > high) high = b;
  });
  const mean = count > 0 ? sum / count : NaN;
  return {
    count,
    low,
    high,
    mean,
    rms: count > 0 ? Math.sqrt(Math.max(0, squares / count - mean * mean)) : NaN,
  };
}

/** Time of the largest excursion from the span's mean near a place: where a cursor snaps to. */
export function extremumNear(pieces: readonly Piece[], atS: number, reachS: number): number {
  const { mean } = figuresOf(pieces, atS - reachS, atS + reachS);
  let best = -1;
  let where = atS;
  eachIn(pieces, atS - reachS, atS + reachS, (a, b, time) => {
    const size = Math.max(Math.abs(a - mean), Math.abs(b - mean));
    if (size > best) {
      best = size;
      where = time;
    }
  });
  return where;
}

/** Stretches of at least `leastS` in which the trace moves less than `withinUv`: a flat or detached channel. */
export function flatSpans(
  pieces: readonly Piece[],
  leastS: number,
  withinUv: number,
): { fromS: number; toS: number }[] {
  const found: { fromS: number; toS: number }[] = [];
  let from = NaN;
  let last = NaN;
  let [low, high] = [Infinity, -Infinity];
  const close = (): void => {
    if (last - from >= leastS) found.push({ fromS: from, toS: last });
    from = NaN;
  };
  eachIn(pieces, -Infinity, Infinity, (a, b, time, step) => {
    const wider = Math.max(high, b) - Math.min(low, a) > withinUv;
    if (Number.isNaN(from) || wider || time - last > 1.5 * step) {
      if (!Number.isNaN(from)) close();
      from = time;
      [low, high] = [a, b];
    } else {
      low = Math.min(low, a);
      high = Math.max(high, b);
    }
    last = time;
  });
  if (!Number.isNaN(from)) close();
  return found;
}

/** Lowest and highest value; null when nothing is recorded. */
export function rangeOf(pieces: readonly Piece[]): { low: number; high: number } | null {
  let [low, high] = [Infinity, -Infinity];
  for (const { values } of pieces)
    for (const value of values) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  return low <= high ? { low, high } : null;
}

/** Median of the page, for traces that are drawn around their own level; NaN when there is nothing. */
export function medianOf(pieces: readonly Piece[]): number {
  const sample: number[] = [];
  for (const { values } of pieces) {
    // Odd: an even step could meet a wave of the mains at one phase only.
    const step = Math.floor(values.length / 500) | 1;
    for (let i = 0; i < values.length; i += step) if (!Number.isNaN(values[i]!)) sample.push(values[i]!);
  }
  return sample.length === 0 ? NaN : sample.sort((a, b) => a - b)[Math.floor(sample.length / 2)]!;
}

/**
 * Half of what lies between the 0.5th and 99.5th percentile: the size a lane must hold, a heart's spikes included. The step is odd, so
 * that of minimum and maximum pairs both are seen. A trace that is still for most of the page, such as a pulse, counts whole.
 * 0: nothing recorded, or nothing moves.
 */
export function halfRangeOf(pieces: readonly Piece[]): number {
  const sample: number[] = [];
  for (const { values } of pieces) {
    const step = Math.floor(values.length / 40_000) | 1;
    for (let i = 0; i < values.length; i += step) if (!Number.isNaN(values[i]!)) sample.push(values[i]!);
  }
  if (sample.length === 0) return 0;
  sample.sort((a, b) => a - b);
  const at = (share: number): number => sample[Math.round(share * (sample.length - 1))]!;
  const [most, all] = [at(0.995) - at(0.005), at(1) - at(0)];
  return (most > all / 50 ? most : all) / 2;
}

function eachIn(
  pieces: readonly Piece[],
  fromS: number,
  toS: number,
  take: (low: number, high: number, timeS: number, stepS: number) => void,
): void {
  for (const { values, firstS, stepS, pairs } of pieces) {
    const count = pairs ? values.length / 2 : values.length;
    const first = Math.max(0, Math.ceil((fromS - firstS) / stepS));
    const last = Math.min(count - 1, Math.floor((toS - firstS) / stepS));
    for (let i = first; i <= last; i++) {
      const low = values[pairs ? 2 * i : i]!;
      if (Number.isNaN(low)) continue;
      take(low, values[pairs ? 2 * i + 1 : i]!, firstS + i * stepS, stepS);
    }
  }
}
