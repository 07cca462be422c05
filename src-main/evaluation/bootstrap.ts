/** Intervals by drawing whole units again: subjects, because segments of one person are not independent. */
import type { Random } from '#shared/random.ts';

/**
 * How often each unit occurs in each draw with replacement.
 *
 * @returns `draws` rows of multiplicities, each summing to `units`
 */
export function drawUnits(units: number, draws: number, random: Random): Uint32Array[] {
  return Array.from({ length: draws }, () => {
    const counts = new Uint32Array(units);
    for (let i = 0; i < units; i++) counts[random.below(units)]!++;
    return counts;
  });
}

/**
 * Percentile interval; quantiles interpolate linearly, as NumPy and SciPy do. Draws without a value (null) are left out.
 *
 * @returns nulls when fewer than half of the draws have a value
 */
export function percentileInterval(
  values: readonly (number | null)[],
  level: number,
): { low: number | null; high: number | null } {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  if (known.length === 0 || known.length * 2 < values.length) return { low: null, high: null };
  return { low: quantile(known, (1 - level) / 2), high: quantile(known, (1 + level) / 2) };
}

function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below]!;
  return low + (sorted[Math.min(below + 1, sorted.length - 1)]! - low) * (at - below);
}
