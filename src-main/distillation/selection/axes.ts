/** Few directions that hold most of how rows differ: with them, most rows can be told to be far from each other cheaply. */
import { createRandom } from '#shared/random.ts';
import { fitPca } from './pca.ts';
import { axesAtOnce, roundUp } from './table.ts';

export interface Axes {
  count: number;
  /** [count, d] orthonormal rows. */
  directions: Float64Array;
}

/** Share of the variance wanted along the axes: more tells more rows apart, fewer are compared faster. */
const wantedShare = 0.72;
/** Where that takes more than this share of the axes, rows differ in all directions alike, and only all axes tell. */
const fewAxes = 0.6;
const mostAxes = 128;
const sampleRows = 2048;
/** Above this many columns components come by iteration, a fixed number of them. */
const exactColumns = 128;
const axesOfWideTables = 24;

/**
 * Always the same for the same table; the axes change how long a choice takes, never the choice.
 *
 * @param x [n, d] row-major
 * @param rows which of them
 */
export function chooseAxes(x: Float32Array, d: number, rows: Int32Array): Axes {
  const most = Math.min(d, mostAxes);
  const count = Math.min(rows.length, sampleRows);
  const sample = new Float32Array(count * d);
  for (let i = 0; i < count; i++) {
    const row = rows[Math.floor((i * rows.length) / count)]!;
    sample.set(x.subarray(row * d, (row + 1) * d), i * d);
  }
  const pca = fitPca(sample, d, d <= exactColumns ? most : axesOfWideTables, createRandom(0));
  let axes = 0;
  let share = 0;
  while (axes < pca.variance.length && share < wantedShare * pca.total) share += pca.variance[axes++]!;
  if (axes > fewAxes * d) axes = most;
  const whole = Math.min(roundUp(Math.max(axes, 1), axesAtOnce), pca.variance.length);
  return { count: whole, directions: pca.components.slice(0, whole * d) };
}
