/**
 * Which rows a new centre cannot be nearer to, without measuring them.
 *
 * Everything is seen from the pivot p of a leaf: a row lies A from it, a centre b. Along a few axes the products of their
 * coordinates are known; of what is left of both outside the axes, ρ and σ long, the product is at most ρσ (Cauchy–Schwarz).
 * So with s = Σ uᵢvᵢ + ρσ
 *
 *     distance² ≥ A² + b² − 2s,
 *
 * and the centre changes nothing where s ≤ (A² − m²)/2 + b²/2, m being the row's present distance. The first term is the
 * row's height. Cheaper still, distance ≥ b − A: nothing changes in a group that a centre is farther from than its reach,
 * the largest A + m.
 *
 * Computed in float32 on values that are centred and scaled to at most 1, both are allowed for by widening them.
 */
import type { TableLayout } from './table.ts';

export interface Tolerance {
  /** Of sums of products, as a share of the squares they come from: more than terms × 2⁻²⁴, twice. */
  relative: number;
  /** Of the place of a point along the axes. */
  absolute: number;
}

export function toleranceOf({ columns, axes }: Pick<TableLayout, 'columns' | 'axes'>): Tolerance {
  return {
    relative: (columns + axes + 32) * 2 ** -23,
    // every coordinate is a float32 sum of products with a unit vector
    absolute: Math.sqrt(axes) * (columns + 8) * 2 ** -23,
  };
}

/** @param radius A, @param present m */
export function heightOf({ relative, absolute }: Tolerance, radius: number, present: number): number {
  const [a, m] = [radius * radius, present * present];
  return (a - m) / 2 - absolute * radius - absolute * absolute - relative * (a + m);
}

export function reachOf({ relative, absolute }: Tolerance, radius: number, present: number): number {
  return (radius + present + 2 * absolute) * (1 + 2 * relative);
}

/** ρ, never too small. @param along squared length along the axes */
export function restOf({ relative, absolute }: Tolerance, radius: number, along: number): number {
  const whole = radius * (1 + relative) + 2 * absolute;
  return Math.sqrt(Math.max(0, whole * whole - along)) * (1 + relative);
}
