/** Principal components: exact for narrow tables, by subspace iteration on a sample for wide ones. */
import { AppError } from '#shared/errors.ts';
import type { Random } from '#shared/random.ts';
import { measureSpread } from '../outliers/standardise.ts';
import { symmetricEigen } from './symmetric-eigen.ts';

export interface Pca {
  width: number;
  /** [width] */
  mean: Float64Array;
  /** [components, width], orthonormal rows by falling variance. */
  components: Float64Array;
  /** [components] population variance along each. */
  variance: Float64Array;
  /** Population variance of all columns together. */
  total: number;
}

/** Above this many columns the covariance matrix is not formed. */
export const exactUpTo = 256;
/** More directions than asked for, so that those asked for settle quickly (Halko, Martinsson & Tropp 2011). */
const spare = 10;
const iterations = 4;

/**
 * @param x [n, d] row-major, finite, n ≥ 1
 * @param components at most this many; fewer when rows or columns are fewer
 * @param random needed above 256 columns, for the first directions
 */
export function fitPca(x: Float32Array, d: number, components: number, random?: Random): Pca {
  const n = x.length / d;
  const count = Math.min(components, d, n);
  const { mean } = measureSpread(x, d);
  if (d <= exactUpTo) return exact(x, d, count, mean);
  if (!random)
    throw new AppError('internal', 'Principal components of a wide table need a source of chance.');
  return bySubspace(x, d, count, mean, random);
}

/** @returns [n, components] float32 */
export function projectPca(pca: Pca, x: Float32Array): Float32Array {
  const n = x.length / pca.width;
  const p = pca.variance.length;
  const projected = new Float32Array(n * p);
  const row = new Float64Array(pca.width);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < pca.width; j++) row[j] = x[i * pca.width + j]! - pca.mean[j]!;
    for (let c = 0; c < p; c++) projected[i * p + c] = dot(row, 0, pca.components, c * pca.width, pca.width);
  }
  return projected;
}

function exact(x: Float32Array, d: number, count: number, mean: Float64Array): Pca {
  const n = x.length / d;
  const covariance = new Float64Array(d * d);
  const row = new Float64Array(d);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < d; j++) row[j] = x[i * d + j]! - mean[j]!;
    for (let a = 0; a < d; a++) {
      const value = row[a]!;
      for (let b = 0; b <= a; b++) covariance[a * d + b]! += value * row[b]!;
    }
  }
  let total = 0;
  for (let a = 0; a < d; a++)
    for (let b = 0; b <= a; b++) {
      covariance[a * d + b]! /= n;
      covariance[b * d + a] = covariance[a * d + b]!;
      if (a === b) total += covariance[a * d + a]!;
    }
  const { values, vectors } = symmetricEigen(covariance, d);
  return {
    width: d,
    mean,
    components: vectors.slice(0, count * d),
    variance: values.slice(0, count).map((value) => Math.max(0, value)),
    total,
  };
}

function bySubspace(x: Float32Array, d: number, count: number, mean: Float64Array, random: Random): Pca {
  const n = x.length / d;
  const q = Math.min(count + spare, n, d);
  let directions = Float64Array.from({ length: q * d }, () => random.normal());
  let images = new Float64Array(0);
  let total = 0;
  const rows = new Float64Array(rowsAtOnce * d);
  const image = new Float64Array(rowsAtOnce);
  for (let round = 0; round <= iterations; round++) {
    orthonormalise(directions, q, d);
    images = new Float64Array(q * n);
    const next = new Float64Array(q * d);
    total = 0;
    for (let i = 0; i < n; i += rowsAtOnce) {
      for (let r = 0; r < rowsAtOnce; r++) {
        // rows beyond the last are zeros, and their images are not kept
        const row = rows.subarray(r * d, (r + 1) * d).fill(0);
        if (i + r < n) for (let j = 0; j < d; j++) row[j] = x[(i + r) * d + j]! - mean[j]!;
        total += dot(row, 0, row, 0, d) / n;
      }
      for (let c = 0; c < q; c++) {
        projectRows(rows, d, directions, c * d, image);
        for (let r = 0; r < rowsAtOnce && i + r < n; r++) images[c * n + i + r] = image[r]!;
        if (round < iterations) addRows(rows, d, image, next, c * d);
      }
    }
    if (round < iterations) directions = next;
  }
  const covariance = new Float64Array(q * q);
  for (let a = 0; a < q; a++)
    for (let b = 0; b < q; b++) covariance[a * q + b] = dot(images, a * n, images, b * n, n) / n;
  const { values, vectors } = symmetricEigen(covariance, q);
  const components = new Float64Array(count * d);
  for (let c = 0; c < count; c++)
    for (let a = 0; a < q; a++)
      for (let j = 0; j < d; j++) components[c * d + j]! += vectors[c * q + a]! * directions[a * d + j]!;
  return { width: d, mean, components, variance: values.slice(0, count).map((v) => Math.max(0, v)), total };
}

/** Wide rows do not fit the cache: a direction is fetched once for so many of them. */
const rowsAtOnce = 4;

/** image[r] = row r · the direction at `from`. */
function projectRows(
  rows: Float64Array,
  d: number,
  directions: Float64Array,
  from: number,
  image: Float64Array,
): void {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let j = 0; j < d; j++) {
    const value = directions[from + j]!;
    s0 += value * rows[j]!;
    s1 += value * rows[d + j]!;
    s2 += value * rows[2 * d + j]!;
    s3 += value * rows[3 * d + j]!;
  }
  image[0] = s0;
  image[1] = s1;
  image[2] = s2;
  image[3] = s3;
}

/** Adds Σ image[r] · row r to the direction at `to`. */
function addRows(rows: Float64Array, d: number, image: Float64Array, next: Float64Array, to: number): void {
  const [a, b, c, e] = image as unknown as [number, number, number, number];
  for (let j = 0; j < d; j++)
    next[to + j]! += a * rows[j]! + b * rows[d + j]! + c * rows[2 * d + j]! + e * rows[3 * d + j]!;
}

/** Gram–Schmidt, each row twice; a row that depends on those before it becomes zero. */
function orthonormalise(rows: Float64Array, count: number, d: number): void {
  for (let a = 0; a < count; a++) {
    const before = Math.sqrt(dot(rows, a * d, rows, a * d, d));
    for (let pass = 0; pass < 2; pass++)
      for (let b = 0; b < a; b++) {
        const share = dot(rows, a * d, rows, b * d, d);
        for (let j = 0; j < d; j++) rows[a * d + j]! -= share * rows[b * d + j]!;
      }
    const length = Math.sqrt(dot(rows, a * d, rows, a * d, d));
    const scale = length > 1e-12 * before ? 1 / length : 0;
    for (let j = 0; j < d; j++) rows[a * d + j]! *= scale;
  }
}

function dot(a: Float64Array, from: number, b: Float64Array, to: number, count: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let j = 0;
  for (; j + 3 < count; j += 4) {
    s0 += a[from + j]! * b[to + j]!;
    s1 += a[from + j + 1]! * b[to + j + 1]!;
    s2 += a[from + j + 2]! * b[to + j + 2]!;
    s3 += a[from + j + 3]! * b[to + j + 3]!;
  }
  for (; j < count; j++) s0 += a[from + j]! * b[to + j]!;
  return s0 + s1 + (s2 + s3);
}
