/** What distilling found out: per source data set an order of segments from which every smaller share is a beginning. */

/** When which segment came nearer to the chosen ones; entries of row i are start[i] … start[i+1]−1, positions ascending. */
export interface Approaches {
  /** [count + 1] */
  start: Uint32Array;
  /** Position of the chosen segment in `order`. */
  centre: Int32Array;
  /** Distance to it: from then on the nearest, until the next entry. */
  distance: Float32Array;
}

/** One way of choosing, at every budget up to the length of its order. */
export interface ChosenOrder {
  /** 'k-center', 'random-0', 'pca', 'raw'. */
  name: string;
  /** How it was done, in words. */
  note: string;
  /** Store indices in the order of choosing. */
  order: Int32Array;
  /** [order.length] distance of the worst represented segment after so many are chosen, in the latent space; never rises. */
  coverage: Float32Array;
}

export interface RejectedSegment {
  /** Store index. */
  index: number;
  score: number;
  /** In how many dimensions of the description its value falls where at most `rareShare` of the segments do. */
  rareDimensions: number;
  /** The most telling ones: what they add to the score, and the share of segments in the same bin. */
  reasons: { dimension: number; score: number; share: number }[];
}

export interface HealthNote {
  level: 'ok' | 'warning' | 'error';
  text: string;
}

export interface DistilledGroup {
  name: string;
  /** Store indices first … first + count − 1. */
  first: number;
  count: number;
  dimensions: number;
  /** How many are kept at the share that was asked for: floor(keep · count). */
  kept: number;
  /** The method asked for. Chosen, left-out and rejected segments together are all of the group. */
  chosen: ChosenOrder;
  /** Others at the same budget, to compare. */
  others: ChosenOrder[];
  /** How many at the beginning of the order were pinned rather than chosen. */
  pinned: number;
  approaches: Approaches;
  /** [count] how odd each segment is (HBOS); high = odd. Empty when nothing was to be rejected. */
  oddness: Float32Array;
  rejected: RejectedSegment[];
  rareShare: number;
  /** 1 difference: median distance of back-to-back segments of one recording; null when there are none. */
  unit: number | null;
  /** Participation ratio of the latent covariance. */
  effectiveRank: number;
  health: HealthNote[];
}

export interface Distillate {
  version: 1;
  seed: number;
  keep: number;
  orderUpTo: number;
  method: string;
  groups: DistilledGroup[];
}

/** How many of a group are kept at a share of all its segments, rejected ones counted; at most what was ordered. */
export function keptAt(group: DistilledGroup, share: number): number {
  return Math.min(group.chosen.order.length, Math.floor(share * group.count + 1e-9));
}

/** The share from which the segment at a position of the order is kept. */
export function entersAt(group: DistilledGroup, position: number): number {
  return (position + 1) / group.count;
}

/** Store indices kept at a share, over all groups, in the order of choosing; `by` another method of the comparison. */
export function keptIndices(distillate: Distillate, share = distillate.keep, by?: string): Int32Array {
  const parts = distillate.groups.map((group) => {
    const method = by === undefined ? group.chosen : methodOf(group, by);
    return method ? method.order.subarray(0, keptAt(group, share)) : new Int32Array();
  });
  const all = new Int32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export function methodOf(group: DistilledGroup, name: string): ChosenOrder | undefined {
  return [group.chosen, ...group.others].find((method) => method.name === name);
}

/** [count] position in the order; −1: beyond the largest share ordered; −2: rejected. */
export function positionsOf(group: DistilledGroup): Int32Array {
  const positions = new Int32Array(group.count).fill(-1);
  group.chosen.order.forEach((index, position) => (positions[index - group.first] = position));
  for (const { index } of group.rejected) positions[index - group.first] = -2;
  return positions;
}

/** Farthest left out after `kept` of a method's order, in units of `difference` where there is one; null when none is kept. */
export function coverageAt(
  group: DistilledGroup,
  kept: number,
  method: ChosenOrder = group.chosen,
): number | null {
  const count = Math.min(kept, method.order.length);
  return count === 0 ? null : method.coverage[count - 1]! / (group.unit ?? 1);
}

/** How many segments the first `kept` of two orders have in common. */
export function sharedPicks(a: ChosenOrder, b: ChosenOrder, kept: number): number {
  const first = new Set(a.order.subarray(0, kept));
  return b.order.subarray(0, kept).reduce((sum, index) => sum + (first.has(index) ? 1 : 0), 0);
}

/** Jaccard overlap of the first `kept` of two orders: shared over all; 1 when both are empty. */
export function overlap(a: ChosenOrder, b: ChosenOrder, kept: number): number {
  const shared = sharedPicks(a, b, kept);
  const union = Math.min(kept, a.order.length) + Math.min(kept, b.order.length) - shared;
  return union === 0 ? 1 : shared / union;
}
