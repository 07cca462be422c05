/** Where histogram bins begin, in the values as they are stored: no value needs to be standardised to find its bin. */
/** How one dimension is brought to zero mean and unit spread, and its smallest and largest value before that. */
export interface Measure {
  mean: number;
  scale: number;
  low: number;
  high: number;
}

/** Both [bins + 1]; the first is −Infinity, the last Infinity. */
export interface Borders {
  /** The lowest float32 that, standardised, lies above edge i: it is scored in bin i. */
  above: Float32Array;
  /** The lowest that lies on or above it: it is counted in bin i. */
  onOrAbove: Float32Array;
}

/** @param edges [bins + 1] of standardised values */
export function bordersOf(edges: Float64Array, measure: Measure): Borders {
  const above = new Float32Array(edges.length).fill(Infinity);
  const onOrAbove = above.slice();
  for (let i = 1; i < edges.length - 1; i++) {
    const edge = edges[i]!;
    above[i] = lowestWhere((value) => value > edge, edge, measure);
    onOrAbove[i] = lowestWhere((value) => value >= edge, edge, measure);
  }
  above[0] = -Infinity;
  onOrAbove[0] = -Infinity;
  return { above, onOrAbove };
}

const word = new Int32Array(1);
const float = new Float32Array(word.buffer);

/** The neighbouring float32 upwards (1) or downwards (−1). */
function next(value: number, direction: 1 | -1): number {
  float[0] = value;
  if (value === 0) word[0] = direction === 1 ? 1 : -0x7fffffff;
  else word[0]! += value > 0 ? direction : -direction;
  return float[0];
}

/** Standardising keeps the order, so a few steps from about the right place find the first value that holds. */
function lowestWhere(holds: (value: number) => boolean, edge: number, { mean, scale }: Measure): number {
  const isIn = (value: number) => holds((value - mean) / scale);
  let value = Math.fround(edge * scale + mean);
  while (!isIn(value)) value = next(value, 1);
  for (let lower = next(value, -1); isIn(lower); lower = next(value, -1)) value = lower;
  return value;
}

/**
 * The scoring bin of every value, and how many values count for each bin.
 *
 * @param binOf [column.length], filled
 * @returns [bins] left-closed, the last bin closed on both sides
 */
export function assignBins(
  column: Float32Array,
  { low, high }: Measure,
  { above, onOrAbove }: Borders,
  binOf: Int32Array,
): Float64Array {
  const last = above.length - 2;
  const perValue = high > low ? (last + 1) / (high - low) : 0;
  const counts = new Float64Array(last + 1);
  for (let i = 0; i < column.length; i++) {
    const value = column[i]!;
    let bin = Math.min(last, ((value - low) * perValue) | 0);
    // the product may be off by a step of rounding; the borders decide
    while (value < above[bin]!) bin--;
    while (value >= above[bin + 1]!) bin++;
    binOf[i] = bin;
    counts[bin]!++;
  }
  for (let i = 1; i <= last; i++)
    if (onOrAbove[i]! < above[i]!) {
      // values exactly on an edge score in the bin below and count for the one above
      const moved = countBetween(column, onOrAbove[i]!, above[i]!);
      counts[i - 1]! -= moved;
      counts[i]! += moved;
    }
  return counts;
}

function countBetween(column: Float32Array, from: number, to: number): number {
  let count = 0;
  for (let i = 0; i < column.length; i++) if (column[i]! >= from && column[i]! < to) count++;
  return count;
}
