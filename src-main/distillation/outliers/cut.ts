/** Which rows are odd enough to go: a precise share, or everything above a percentile as PyOD does. */
import { AppError } from '#shared/errors.ts';

export interface Cut {
  /** Rows to remove, oddest first. */
  rows: Int32Array;
  /** Rows score above this (percentile) or are the highest (exact: the lowest score removed); null when none. */
  threshold: number | null;
  warnings: string[];
}

/**
 * @param scores [n] high = odd
 * @param share  0 (none) … 0.5
 * @param mode   'exact': precisely floor(share·n), on ties the lower row goes first; 'percentile': score strictly above the
 *               linearly interpolated percentile, so ties at the cut stay
 */
export function cutOutliers(scores: Float64Array, share: number, mode: 'exact' | 'percentile'): Cut {
  if (!(share >= 0 && share <= 0.5))
    throw new AppError('invalid-input', `The share to reject must lie between 0 and 0.5, not ${share}.`);
  const n = scores.length;
  if (share === 0 || n === 0) return { rows: new Int32Array(), threshold: null, warnings: [] };
  const warnings: string[] = [];
  if (share * n < 1 - 1e-9)
    warnings.push(
      `${(100 * share).toLocaleString('en', { maximumFractionDigits: 4 })} % of ${n} segments is less than one: ` +
        (mode === 'exact' ? 'none is rejected.' : 'the percentile rule still rejects one.'),
    );
  const sorted = scores.slice().sort();
  const oddestFirst = (rows: Int32Array) => rows.sort((a, b) => scores[b]! - scores[a]! || a - b);
  if (mode === 'percentile') {
    const threshold = percentileOfSorted(sorted, 100 * (1 - share));
    return { rows: oddestFirst(rowsWhere(scores, (score) => score > threshold)), threshold, warnings };
  }
  const count = Math.floor(share * n + 1e-9);
  if (count === 0) return { rows: new Int32Array(), threshold: null, warnings };
  const threshold = sorted[n - count]!;
  const above = rowsWhere(scores, (score) => score > threshold);
  const tied = rowsWhere(scores, (score) => score === threshold).subarray(0, count - above.length);
  return { rows: oddestFirst(Int32Array.from([...above, ...tied])), threshold, warnings };
}

function rowsWhere(scores: Float64Array, holds: (score: number) => boolean): Int32Array {
  const rows: number[] = [];
  for (let i = 0; i < scores.length; i++) if (holds(scores[i]!)) rows.push(i);
  return Int32Array.from(rows);
}

/** Linearly interpolated percentile with numpy's rounding; `sorted` ascending, not empty. */
export function percentileOfSorted(sorted: Float64Array, percent: number): number {
  const at = (percent / 100) * (sorted.length - 1);
  const below = Math.floor(at);
  const a = sorted[below]!;
  const b = sorted[Math.min(below + 1, sorted.length - 1)]!;
  const t = at - below;
  return t >= 0.5 ? b - (b - a) * (1 - t) : a + (b - a) * t;
}
