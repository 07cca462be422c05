/** How many bins a histogram should have: penalised likelihood over all candidates, counted on sorted values. */

export const binRules = ['pyod', 'birge-rozenholc'] as const;
/** `pyod`: the criterion as PyOD computes it (far fewer bins); `birge-rozenholc`: as published (ESAIM P&S 10, 2006). */
export type BinRule = (typeof binRules)[number];

/** Edges of `bins` equal bins; a single value is widened by 0.5 to both sides. Same rounding as numpy.linspace. */
export function linearEdges(low: number, high: number, bins: number): Float64Array {
  const from = low === high ? low - 0.5 : low;
  const to = low === high ? high + 0.5 : high;
  const edges = new Float64Array(bins + 1);
  const step = (to - from) / bins;
  for (let i = 0; i <= bins; i++) edges[i] = i * step + from;
  edges[bins] = to;
  return edges;
}

/** Values per bin, left-closed, the last bin closed on both sides. `sorted` ascending. */
export function countSorted(sorted: Float64Array, edges: Float64Array): Float64Array {
  const bins = edges.length - 1;
  const counts = new Float64Array(bins);
  let from = 0;
  for (let i = 0; i < bins - 1; i++) {
    const to = lowerBound(sorted, edges[i + 1]!, from);
    counts[i] = to - from;
    from = to;
  }
  counts[bins - 1] = sorted.length - from;
  return counts;
}

/** The same counts without sorting: a division finds the bin up to one step of rounding, the edges decide. */
export function countUnsorted(values: Float64Array, edges: Float64Array): Float64Array {
  const bins = edges.length - 1;
  const low = edges[0]!;
  const perValue = bins / (edges[bins]! - low);
  const counts = new Float64Array(bins);
  for (const value of values) {
    let bin = Math.min(bins - 1, Math.floor((value - low) * perValue));
    while (bin > 0 && value < edges[bin]!) bin--;
    while (bin < bins - 1 && value >= edges[bin + 1]!) bin++;
    counts[bin]!++;
  }
  return counts;
}

/**
 * The number of bins 1 … floor(√n) − 1 with the highest criterion, the smallest on ties; 1 below four values.
 * Counts come from binary searches in the sorted values: exact, O(n log n) for all candidates together.
 */
export function chooseBins(sorted: Float64Array, rule: BinRule): number {
  const n = sorted.length;
  const limit = Math.max(2, Math.floor(Math.sqrt(n)));
  let best = -Infinity;
  let chosen = 1;
  for (let bins = 1; bins < limit; bins++) {
    const counts = countSorted(sorted, linearEdges(sorted[0]!, sorted[n - 1]!, bins));
    const penalty = bins - 1 + Math.log(bins) ** 2.5;
    let value = 0;
    if (rule === 'pyod')
      for (const count of counts) value += count * Math.log((bins * count) / n + 1) - penalty;
    else {
      for (const count of counts) if (count > 0) value += count * Math.log((bins * count) / n);
      value -= penalty;
    }
    if (value > best) {
      best = value;
      chosen = bins;
    }
  }
  return chosen;
}

/** First position at or after `from` whose value is not below `value`: a few doublings, then halving. */
function lowerBound(sorted: Float64Array, value: number, from: number): number {
  let low = from;
  let step = 16;
  while (low + step < sorted.length && sorted[low + step]! < value) {
    low += step + 1;
    step *= 2;
  }
  let high = Math.min(low + step, sorted.length);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
