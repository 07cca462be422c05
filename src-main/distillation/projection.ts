/** A flat map of the descriptions: their first two principal components. */
import type { Random } from '#shared/random.ts';
import { fitPca, projectPca } from './selection/pca.ts';

/** Points a map shows at most. */
export const mostPoints = 60_000;

export interface FlatMap {
  /** Rows shown: those asked for first, the rest drawn evenly. */
  rows: Int32Array;
  /** [rows.length, 2] centred, the larger axis within ±1. */
  points: Float32Array;
  /** Share of the variance that the two directions hold. */
  explained: number;
}

/**
 * @param embeddings [n, d]
 * @param first      rows that must be shown, e.g. kept and rejected ones, as far as the cap allows
 */
export function projectFlat(
  embeddings: Float32Array,
  d: number,
  random: Random,
  first: ArrayLike<number> = [],
  cap = mostPoints,
): FlatMap {
  const n = embeddings.length / d;
  const rows = pickRows(n, random, first, cap);
  const table = new Float32Array(rows.length * d);
  rows.forEach((row, i) => table.set(embeddings.subarray(row * d, (row + 1) * d), i * d));
  if (rows.length === 0) return { rows, points: new Float32Array(), explained: 0 };
  const pca = fitPca(table, d, 2, random);
  const flat = projectPca(pca, table);
  const width = flat.length / rows.length;
  const points = new Float32Array(rows.length * 2);
  let largest = 0;
  for (let i = 0; i < rows.length; i++)
    for (let j = 0; j < width; j++) {
      points[2 * i + j] = flat[i * width + j]!;
      largest = Math.max(largest, Math.abs(points[2 * i + j]!));
    }
  if (largest > 0) for (let at = 0; at < points.length; at++) points[at]! /= largest;
  const explained = pca.total > 0 ? pca.variance.reduce((a, b) => a + b, 0) / pca.total : 0;
  return { rows, points, explained };
}

function pickRows(n: number, random: Random, first: ArrayLike<number>, cap: number): Int32Array {
  if (n <= cap && first.length === 0) return Int32Array.from({ length: n }, (_, i) => i);
  const taken = new Set<number>();
  for (let i = 0; i < first.length && taken.size < cap; i++) taken.add(first[i]!);
  for (const row of random.permutation(n)) {
    if (taken.size >= cap) break;
    taken.add(row);
  }
  return Int32Array.from(taken);
}
