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

/**
 * The number of bins 1 … floor(√n) − 1 with the highest criterion, the smallest on ties; 1 below four values.
 * Counts come from searches in the sorted values: exact, O(n log n) for all candidates together.
 */
export function chooseBins(sorted: Float64Array, rule: BinRule): number {
  const n = sorted.length;
  const limit = Math.max(2, Math.floor(Math.sqrt(n)));
  const places = new Places(sorted);
  let best = -Infinity;
  let chosen = 1;
  for (let bins = 1; bins < limit; bins++) {
    const value = criterion(rule, n, bins, places);
    if (value > best) {
      best = value;
      chosen = bins;
    }
  }
  return chosen;
}

function criterion(rule: BinRule, n: number, bins: number, places: Places): number {
  const { low, high } = places;
  const [from, to] = low === high ? [low - 0.5, high + 0.5] : [low, high];
  const step = (to - from) / bins;
  const penalty = bins - 1 + Math.log(bins) ** 2.5;
  let value = 0;
  let before = 0;
  for (let i = 1; i <= bins; i++) {
    const place = i === bins ? n : places.of(i * step + from);
    const count = place - before;
    before = place;
    if (rule === 'pyod') value += count * Math.log((bins * count) / n + 1) - penalty;
    else if (count > 0) value += count * Math.log((bins * count) / n);
  }
  return rule === 'pyod' ? value : value - penalty;
}

/** Finds how many sorted values lie below a value: a table of equal steps leads near, halving does the rest. */
class Places {
  readonly low: number;
  readonly high: number;
  readonly #sorted: Float64Array;
  /** [cells + 1] values below the beginning of each cell. */
  readonly #below: Int32Array;
  readonly #perValue: number;

  constructor(sorted: Float64Array) {
    this.#sorted = sorted;
    this.low = sorted[0]!;
    this.high = sorted[sorted.length - 1]!;
    const cells = Math.min(1 << 16, sorted.length);
    this.#perValue = this.high > this.low ? cells / (this.high - this.low) : 0;
    this.#below = new Int32Array(cells + 2);
    let cell = 0;
    for (let i = 0; i < sorted.length; i++)
      for (const own = this.#cellOf(sorted[i]!); cell < own;) this.#below[++cell] = i;
    this.#below.fill(sorted.length, cell + 1);
  }

  /** @param value between low and high */
  of(value: number): number {
    const cell = this.#cellOf(value);
    let low = this.#below[cell]!;
    let high = this.#below[cell + 1]!;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#sorted[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The same rounding for values and edges: what is below in value is never above in cell. */
  #cellOf(value: number): number {
    return Math.min(this.#below.length - 2, ((value - this.low) * this.#perValue) | 0);
  }
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
