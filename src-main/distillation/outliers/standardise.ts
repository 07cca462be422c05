/** Brings every dimension of a description to zero mean and unit spread, so that none outweighs the others. */
import { AppError } from '#shared/errors.ts';

export interface Standardisation {
  /** [d] */
  mean: Float64Array;
  /** [d] population standard deviation; 1 where a dimension never varies. */
  scale: Float64Array;
  /** [d] */
  low: Float64Array;
  high: Float64Array;
  /** Dimensions with one single value. */
  constant: number[];
  /** Largest value, signs set aside. */
  largest: number;
  /** Distance of the farthest row from the mean. */
  reach: number;
}

/**
 * Mean and population standard deviation per dimension, two passes in float64.
 *
 * @param x [n, d] row-major, finite, n ≥ 1
 */
export function measureSpread(x: Float32Array, d: number): Standardisation {
  const n = x.length / d;
  const mean = new Float64Array(d);
  const scale = new Float64Array(d);
  const low = new Float64Array(d).fill(Infinity);
  const high = new Float64Array(d).fill(-Infinity);
  inBlocks(n, d, (from, to, j) => {
    let [sum, least, most] = [mean[j]!, low[j]!, high[j]!];
    for (let at = from * d + j; at < to * d; at += d) {
      const value = x[at]!;
      sum += value;
      if (value < least) least = value;
      if (value > most) most = value;
    }
    mean[j] = sum;
    low[j] = least;
    high[j] = most;
  });
  for (let j = 0; j < d; j++) mean[j] = low[j] === high[j] ? low[j]! : mean[j]! / n;
  const distances = new Float64Array(blockRows);
  let farthest = 0;
  inBlocks(n, d, (from, to, j) => {
    const middle = mean[j]!;
    let sum = scale[j]!;
    for (let i = 0, at = from * d + j; i < to - from; i++, at += d) {
      const delta = x[at]! - middle;
      const square = delta * delta;
      sum += square;
      distances[i] = j === 0 ? square : distances[i]! + square;
    }
    scale[j] = sum;
    if (j === d - 1) for (let i = 0; i < to - from; i++) farthest = Math.max(farthest, distances[i]!);
  });
  const constant: number[] = [];
  for (let j = 0; j < d; j++) {
    if (low[j] === high[j]) constant.push(j);
    scale[j] = Math.sqrt(scale[j]! / n) || 1;
  }
  const largest = low.reduce((most, value, j) => Math.max(most, -value, high[j]!), 0);
  return { mean, scale, low, high, constant, largest, reach: Math.sqrt(farthest) };
}

/**
 * The same for a table that may hold anything.
 *
 * @throws as `requireFinite`
 */
export function measureFinite(x: Float32Array, d: number): Standardisation {
  requireWhole(x, d);
  const spread = measureSpread(x, d);
  // one value that is not finite makes a mean that is not
  if (!spread.mean.every(Number.isFinite)) requireFinite(x, d);
  return spread;
}

/** So many rows stay near the processor while their columns are gone through one by one. */
const blockRows = 256;

/** Rows from … to − 1, column j; each column sees the rows in their order. */
function inBlocks(n: number, d: number, visit: (from: number, to: number, j: number) => void): void {
  for (let from = 0; from < n; from += blockRows)
    for (let j = 0; j < d; j++) visit(from, Math.min(n, from + blockRows), j);
}

/**
 * Refuses a table that is not [n, d] or holds a value that is not finite.
 *
 * @throws AppError 'invalid-input'; `details.rows` lists the offending rows (the first 1000), `details.count` all of them
 */
export function requireFinite(x: Float32Array, d: number): void {
  requireWhole(x, d);
  const rows: number[] = [];
  let count = 0;
  const n = x.length / d;
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let at = i * d; at < (i + 1) * d; at++) sum += x[at]! * 0;
    if (sum === 0) continue;
    count++;
    if (rows.length < 1000) rows.push(i);
  }
  if (count > 0)
    throw new AppError(
      'invalid-input',
      `${count} of ${n} rows hold values that are not finite numbers (first: row ${rows[0]}); leave these rows out and run again.`,
      { details: { rows, count } },
    );
}

function requireWhole(x: Float32Array, d: number): void {
  if (!Number.isInteger(d) || d < 1 || x.length % d !== 0)
    throw new AppError(
      'invalid-input',
      `A table of ${x.length} values cannot have ${d} columns; give the number of columns it was written with.`,
    );
}
