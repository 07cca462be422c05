/** Re-referencing of a segment. */

/**
 * Subtracts, at every sample, the mean of the good channels from every channel, in place.
 *
 * @param values [channels, samples] in µV
 * @param bad    positions left out of the mean; they are re-referenced all the same
 * @returns how many channels made the mean; 0 leaves everything as it was
 */
export function averageReference(
  values: Float32Array,
  channels: number,
  samples: number,
  bad: readonly number[] = [],
): number {
  const mean = new Float64Array(samples);
  let used = 0;
  for (let c = 0; c < channels; c++) {
    if (bad.includes(c)) continue;
    used++;
    for (let t = 0, i = c * samples; t < samples; t++, i++) mean[t]! += values[i]!;
  }
  if (used === 0) return 0;
  for (let t = 0; t < samples; t++) mean[t]! /= used;
  for (let c = 0, i = 0; c < channels; c++) for (let t = 0; t < samples; t++, i++) values[i]! -= mean[t]!;
  return used;
}
