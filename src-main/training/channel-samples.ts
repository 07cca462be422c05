/** Draws batches of single channels: each window at most once a batch, each batch from one group, so rate and length agree. */
import type { SegmentSource } from '#shared/eeg/segment.ts';
import type { Random } from '#shared/random.ts';

export interface ChannelBatch {
  group: number;
  /** Row of each sample's segment; all different. */
  segments: Int32Array;
  /** Position of each sample's electrode in the group. */
  channels: Int32Array;
}

/** Contrast needs strangers: fewer samples in a batch than this are joined to the batch before or left out. */
const smallest = 4;

/**
 * The batches of one pass, in random order. Rounds go over all windows of a group in a new order each; a window gives another of its
 * electrodes each round, in an order of its own, so that a pass over everything meets every channel exactly once.
 *
 * @param indices segments to draw from
 * @param samples how many single channels; 0: every channel of every segment. Groups share them in proportion to what they hold
 */
export function drawChannelBatches(
  source: SegmentSource,
  indices: ArrayLike<number>,
  samples: number,
  batch: number,
  random: Random,
): ChannelBatch[] {
  const byGroup = Map.groupBy(Array.from(indices), (index) => source.segments[index]!.group);
  const electrodes = new Map(Array.from(indices, (index) => [index, presentChannels(source, index)]));
  const total = Array.from(electrodes.values()).reduce((sum, list) => sum + list.length, 0);
  const batches: ChannelBatch[] = [];
  for (const [group, rows] of [...byGroup].sort(([a], [b]) => a - b)) {
    const held = rows.reduce((sum, index) => sum + electrodes.get(index)!.length, 0);
    let left = samples === 0 ? held : Math.min(held, Math.round((samples * held) / total));
    const orders = new Map(rows.map((index) => [index, shuffle(electrodes.get(index)!, random)]));
    for (let round = 0; left > 0; round++) {
      const open = rows.filter((index) => round < orders.get(index)!.length);
      const drawn = shuffle(open, random).slice(0, left);
      left -= drawn.length;
      batches.push(
        ...chunks(drawn, batch).map((part) => ({
          group,
          segments: Int32Array.from(part),
          channels: Int32Array.from(part, (index) => orders.get(index)![round]!),
        })),
      );
    }
  }
  return Array.from(random.permutation(batches.length), (at) => batches[at]!);
}

/** Positions of the electrodes that a segment's recording has. */
export function presentChannels(source: SegmentSource, index: number): number[] {
  return Array.from(source.present(index).entries())
    .filter(([, present]) => present === 1)
    .map(([channel]) => channel);
}

/** Equal parts of at most `size`; a remainder too small to contrast with is dropped, so no window meets itself. */
function chunks(list: number[], size: number): number[][] {
  const parts = Math.ceil(list.length / size);
  const each = Math.ceil(list.length / Math.max(1, parts));
  return Array.from({ length: parts }, (_, i) => list.slice(i * each, (i + 1) * each)).filter(
    (part) => part.length >= smallest,
  );
}

function shuffle(list: readonly number[], random: Random): number[] {
  return Array.from(random.permutation(list.length), (at) => list[at]!);
}
