/** Where the bounds look at values from: centred and scaled, so that float32 is fine enough for them. */
import type { Standardisation } from '../outliers/standardise.ts';

/** Values are seen from the origin and scaled so that none is farther from it than 1. */
export interface Frame {
  /** [d] */
  origin: Float32Array;
  /** A power of two. */
  scale: number;
  /** [d] columns by falling variance: the order in which squares are added. */
  columns: Int32Array;
}

/** Scales beyond would leave float32. */
const mostDoublings = 100;

export function frameOf({ mean, scale, reach, constant }: Standardisation): Frame {
  const spread = scale.slice();
  for (const j of constant) spread[j] = 0;
  const columns = Int32Array.from(spread, (_, j) => j).sort((a, b) => spread[b]! - spread[a]! || a - b);
  const origin = Float32Array.from(mean);
  const shift = Math.sqrt(mean.reduce((sum, value, j) => sum + (value - origin[j]!) ** 2, 0));
  const doublings = -Math.ceil(Math.log2(reach + shift));
  return { origin, scale: 2 ** Math.max(-mostDoublings, Math.min(mostDoublings, doublings)), columns };
}
