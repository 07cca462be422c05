/** Random tables for tests: clustered, tied, duplicated. */
import { createRandom } from '#shared/random.ts';

/** [n, d] from a few clusters of unequal width, with some far-off rows. */
export function clustered(n: number, d: number, seed: number, clusters = 8): Float32Array {
  const random = createRandom(seed);
  const centres = Float32Array.from({ length: clusters * d }, () => 4 * random.normal());
  const x = new Float32Array(n * d);
  for (let i = 0; i < n; i++) {
    const cluster = random.below(clusters);
    const width = random.next() < 0.02 ? 6 : 0.3 + cluster / clusters;
    for (let j = 0; j < d; j++) x[i * d + j] = centres[cluster * d + j]! + width * random.normal();
  }
  return x;
}

/** [n, d] of small whole numbers: many duplicates and ties. */
export function gridded(n: number, d: number, levels: number, seed: number): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length: n * d }, () => random.below(levels));
}
