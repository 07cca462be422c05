/** Why one segment was kept, left out or rejected, in numbers and in sentences. */
import { AppError } from '#shared/errors.ts';
import { entersAt, positionsOf, type DistilledGroup } from '#shared/eeg/distillate.ts';
import { distanceBetween } from './difference.ts';
import { ownersAt } from './selection/k-center.ts';

export interface Reasons {
  fate: 'kept' | 'left-out' | 'rejected';
  /** 1-based place in the order; null when rejected or beyond the largest share ordered. */
  order: number | null;
  /** Store index and distance (in units of `difference`) of the kept one it resembles; for a kept one, of those kept before it. */
  nearest: { index: number; distance: number } | null;
  /** Store indices of left-out segments that a kept one represents, nearest first. */
  standsFor: number[];
  /** Share of all segments from which it is kept; null when rejected or not ordered. */
  entersAt: number | null;
  sentences: string[];
}

/** Everything that depends on how many are kept, once for all segments of a group. */
export interface KeptView {
  group: DistilledGroup;
  kept: number;
  /** [count] position in the order; −1 not ordered, −2 rejected. */
  position: Int32Array;
  /** [count] position of the nearest of the kept, −1 where there is none, and its distance in the latent space. */
  owner: Int32Array;
  distance: Float64Array;
  /** Left-out rows that the kept one at position p represents, nearest first: members[memberStart[p]] … */
  memberStart: Uint32Array;
  members: Int32Array;
}

/** The group at a budget, from the stored approaches: no distance is computed. */
export function viewKept(group: DistilledGroup, kept: number): KeptView {
  const position = positionsOf(group);
  const { owner, distance } = ownersAt(group.approaches, kept);
  const memberStart = new Uint32Array(kept + 1);
  const leftOut = (row: number) => owner[row]! >= 0 && !(position[row]! >= 0 && position[row]! < kept);
  for (let row = 0; row < group.count; row++) if (leftOut(row)) memberStart[owner[row]! + 1]!++;
  for (let p = 0; p < kept; p++) memberStart[p + 1]! += memberStart[p]!;
  const members = new Int32Array(memberStart[kept]!);
  const at = memberStart.slice();
  for (let row = 0; row < group.count; row++) if (leftOut(row)) members[at[owner[row]!]!++] = row;
  for (let p = 0; p < kept; p++)
    members.subarray(memberStart[p], memberStart[p + 1]).sort((a, b) => distance[a]! - distance[b]! || a - b);
  return { group, kept, position, owner, distance, memberStart, members };
}

/**
 * @param index store index of a segment of the group
 * @param name  a segment as people call it, e.g. 'S-088, 00:03:24'
 */
export function explainSegment(view: KeptView, index: number, name: (index: number) => string): Reasons {
  const { group, kept, position } = view;
  const row = index - group.first;
  if (!(row >= 0 && row < group.count))
    throw new AppError('not-found', `Segment ${index} is not in ${group.name}.`);
  const place = position[row]!;
  if (place === -2) return explainRejected(view, index);
  if (place >= 0 && place < kept) return explainKept(view, row, place, name);
  return explainLeftOut(view, row, place, name);
}

/** Nearest of the first k of an order, computed from the descriptions; for checks and for segments outside the stored result. */
export function nearestKept(
  embeddings: Float32Array,
  d: number,
  order: ArrayLike<number>,
  k: number,
  row: number,
): { position: number; distance: number } {
  let best = { position: -1, distance: Infinity };
  for (let position = 0; position < Math.min(k, order.length); position++) {
    const distance = distanceBetween(embeddings, d, order[position]!, row);
    if (distance < best.distance) best = { position, distance };
  }
  return best;
}

function explainKept(view: KeptView, row: number, place: number, name: (index: number) => string): Reasons {
  const { group, distance } = view;
  const { start, centre, distance: stored } = group.approaches;
  let before = -1;
  for (let at = start[row]!; at < start[row + 1]! && centre[at]! < place; at++) before = at;
  const nearest =
    before < 0
      ? null
      : { index: group.chosen.order[centre[before]!]!, distance: inUnits(group, stored[before]!) };
  const rows = view.members.subarray(view.memberStart[place], view.memberStart[place + 1]);
  const opening =
    place < group.pinned
      ? `Kept because it is protected.`
      : nearest === null
        ? `Kept first: the order begins here.`
        : group.chosen.name.startsWith('random-')
          ? `Kept by chance, as the ${ordinal(place + 1)}.`
          : `Kept as the ${ordinal(place + 1)}.`;
  const sentences = [opening];
  if (nearest)
    sentences.push(
      `The nearest kept before it is ${told(group, nearest.distance)} away (${name(nearest.index)}).`,
    );
  sentences.push(
    rows.length === 0
      ? 'It stands for itself only.'
      : `It stands for ${rows.length} left-out ${rows.length === 1 ? 'segment' : 'segments'}, the farthest ${told(group, inUnits(group, distance[rows.at(-1)!]!))} away.`,
  );
  return {
    fate: 'kept',
    order: place + 1,
    nearest,
    standsFor: Array.from(rows, (other) => other + group.first),
    entersAt: entersAt(group, place),
    sentences,
  };
}

function explainLeftOut(
  view: KeptView,
  row: number,
  place: number,
  name: (index: number) => string,
): Reasons {
  const { group, owner, distance } = view;
  const at = owner[row]!;
  const nearest =
    at < 0 ? null : { index: group.chosen.order[at]!, distance: inUnits(group, distance[row]!) };
  const sentences = [
    nearest
      ? `Left out: ${told(group, nearest.distance)} from the ${ordinal(at + 1)} kept (${name(nearest.index)}).`
      : 'Left out: nothing is kept at this share.',
    place >= 0
      ? `It would become kept at ${percent(entersAt(group, place))} %.`
      : `It would not become kept up to ${percent(group.chosen.order.length / group.count)} %, the largest share ordered.`,
  ];
  return {
    fate: 'left-out',
    order: place >= 0 ? place + 1 : null,
    nearest,
    standsFor: [],
    entersAt: place >= 0 ? entersAt(group, place) : null,
    sentences,
  };
}

function explainRejected({ group }: KeptView, index: number): Reasons {
  const found = group.rejected.find((segment) => segment.index === index)!;
  const rare = group.rareShare <= 1e-4 ? '1 in 10,000' : `2 in ${group.count.toLocaleString('en')}`;
  const [first] = found.reasons;
  const sentences = [
    found.rareDimensions > 0
      ? `Rejected: in ${found.rareDimensions} of ${group.dimensions} descriptions it falls where at most ${rare} do.`
      : `Rejected: it is a little unusual in many of ${group.dimensions} descriptions at once.`,
  ];
  if (first)
    sentences.push(
      `Most in description ${first.dimension + 1}, where ${inWords(first.share * group.count)} of ${group.count.toLocaleString('en')} segments fall.`,
    );
  return { fate: 'rejected', order: null, nearest: null, standsFor: [], entersAt: null, sentences };
}

function inUnits(group: DistilledGroup, distance: number): number {
  return distance / (group.unit ?? 1);
}

function told(group: DistilledGroup, distance: number): string {
  const digits = distance < 10 ? distance.toFixed(1) : Math.round(distance).toLocaleString('en');
  return group.unit === null ? `${digits} (latent units)` : digits;
}

function inWords(count: number): string {
  return Math.round(count).toLocaleString('en');
}

function percent(share: number): string {
  return (100 * share).toFixed(share < 0.1 ? 2 : 1);
}

function ordinal(n: number): string {
  const suffix = n % 100 >= 11 && n % 100 <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th');
  return `${n.toLocaleString('en')}${suffix}`;
}
