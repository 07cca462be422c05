/** The unit in which differences are told: how far apart two back-to-back segments of one recording usually are. */
import type { Segment } from '#shared/eeg/segment.ts';

/**
 * Median Euclidean distance over pairs where one segment begins where the other ends; where windows overlap so that none does,
 * over the nearest following segment that does not overlap. Null without any pair or when the median is 0.
 *
 * @param segments   rows of `embeddings`, in order
 * @param embeddings [segments.length, d]
 */
export function backToBackDistance(
  segments: readonly Segment[],
  embeddings: Float32Array,
  d: number,
): number | null {
  const rows = segments.map((segment, row) => ({ ...segment, row }));
  const distances: number[] = [];
  for (const all of Map.groupBy(rows, ({ recording }) => recording).values()) {
    const ordered = all.toSorted((a, b) => a.startS - b.startS);
    let next = 0;
    for (const segment of ordered) {
      const endS = segment.startS + segment.durationS;
      while (next < ordered.length && ordered[next]!.startS < endS - 1e-3) next++;
      const follower = ordered[next];
      // a gap of a whole segment or more: no longer back to back
      if (!follower || follower.startS >= endS + segment.durationS) continue;
      distances.push(distanceBetween(embeddings, d, segment.row, follower.row));
    }
  }
  if (distances.length === 0) return null;
  const sorted = Float64Array.from(distances).sort();
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return median > 0 ? median : null;
}

/** Euclidean distance of two rows, in float64. */
export function distanceBetween(table: Float32Array, d: number, a: number, b: number): number {
  let sum = 0;
  for (let j = 0; j < d; j++) sum += (table[a * d + j]! - table[b * d + j]!) ** 2;
  return Math.sqrt(sum);
}
