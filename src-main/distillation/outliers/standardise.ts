/** Brings every dimension of a description to zero mean and unit spread, so that none outweighs the others. */
import { AppError } from '#shared/errors.ts';

export interface Standardisation {
  /** [d] */
  mean: Float64Array;
  /** [d] population standard deviation; 1 where a dimension never varies. */
  scale: Float64Array;
  /** Dimensions with one single value. */
  constant: number[];
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
  for (let i = 0, at = 0; i < n; i++)
    for (let j = 0; j < d; j++, at++) {
      const value = x[at]!;
      mean[j]! += value;
      if (value < low[j]!) low[j] = value;
      if (value > high[j]!) high[j] = value;
    }
  for (let j = 0; j < d; j++) mean[j] = low[j] === high[j] ? low[j]! : mean[j]! / n;
  for (let i = 0, at = 0; i < n; i++)
    for (let j = 0; j < d; j++, at++) {
      const delta = x[at]! - mean[j]!;
      scale[j]! += delta * delta;
    }
  const constant: number[] = [];
  for (let j = 0; j < d; j++) {
    if (low[j] === high[j]) constant.push(j);
    scale[j] = Math.sqrt(scale[j]! / n) || 1;
  }
  return { mean, scale, constant };
}

/**
 * Refuses a table that is not [n, d] or holds a value that is not finite.
 *
 * @throws AppError 'invalid-input'; `details.rows` lists the offending rows (the first 1000), `details.count` all of them
 */
export function requireFinite(x: Float32Array, d: number): void {
  if (!Number.isInteger(d) || d < 1 || x.length % d !== 0)
    throw new AppError(
      'invalid-input',
      `A table of ${x.length} values cannot have ${d} columns; give the number of columns it was written with.`,
    );
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
