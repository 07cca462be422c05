/**
 * One worker's part of exact greedy k-center. Each round the workers bring leaves up to date with the centres chosen last, put
 * together the farthest rows there are, and choose among those as long as the choice is certain.
 */
import { controlOf, controlWords, type KCenterTask } from './k-center-task.ts';
import { Shard } from './shard.ts';
import { mostCentres, mostFront } from './table.ts';

export interface ShardResult {
  /** [centres applied] slots of the centres. */
  chosen: Int32Array;
  /** [centres applied] squared distance of the farthest row after that many centres. */
  radius: Float64Array;
  /** Log of approaches: slot, centre position, squared distance. Empty without `history`. */
  logSlot: Int32Array;
  logCentre: Int32Array;
  logDistance: Float32Array;
}

/** Rows in the front at first, and at least. */
const leastFront = 256;
/** A new front reaches down to this share of the farthest squared distance, then to what proves right. */
const firstReach = 0.8;

/**
 * Yields at every barrier how many distances it answered for since the last one.
 * All workers choose the same centres: largest squared distance, ties to the lowest row.
 */
export function* runShard(task: KCenterTask, rank: number): Generator<number, ShardResult> {
  const { layout, given, centres } = task;
  const control = controlOf(task);
  const shard = new Shard(task, rank);
  shard.setLeaves();
  yield layout.rows;
  const chosen = new Int32Array(centres);
  const radius = new Float64Array(centres);
  let applied = 0;
  let fresh = 0;
  let frontRows = leastFront;
  let reach = firstReach;
  let least = 0;
  for (let round = 0; ; round++) {
    const parity = round & 1;
    shard.bringUpToDate(applied, task.everyRow ? 0 : least, controlWords.leaf + parity);
    yield layout.rows * fresh;
    shard.gatherFront(least, frontRows);
    if (rank === 0) {
      Atomics.store(control, controlWords.applied, applied);
      control[controlWords.seen + parity] = Atomics.load(control, controlWords.stop);
      control[controlWords.leaf + (1 - parity)] = 0;
    }
    yield layout.rows;
    const front = shard.openFront(least);
    if (front.rows < frontRows / 4) reach *= 0.9;
    else if (front.overflows) reach = Math.min(0.99, reach * 1.05);
    fresh = 0;
    if (front.rows === 0) {
      // all are nearer than thought
      least = least < Number.MIN_VALUE / reach ? 0 : least * reach;
      continue;
    }
    if (applied > 0) radius[applied - 1] = front.farthest;
    if (applied === centres || (applied > 0 && control[controlWords.seen + parity] === 1)) break;
    if (applied >= given.length && front.farthest <= 0) break;

    const before = applied;
    const most = Math.min(centres, applied + mostCentres);
    let left: number | null = front.farthest;
    for (; left !== null && applied < most; applied++) {
      if (applied >= given.length && left <= 0) break;
      const next = applied < given.length ? shard.slotOf(given[applied]!) : shard.farthestOfFront;
      chosen[applied] = next;
      left = shard.choose(next, applied);
      radius[applied] = left ?? 0;
      // until the first is applied, all rows are as far as can be
      if (applied === 0) left = null;
    }
    fresh = applied - before;
    least = before === 0 ? 0 : reach * (left ?? shard.cut);
    if (fresh < mostCentres / 2) frontRows = Math.min(mostFront, frontRows * 2);
    else if (fresh === mostCentres) frontRows = Math.max(leastFront, Math.floor(frontRows * 0.8));
  }
  return { chosen: chosen.slice(0, applied), radius: radius.slice(0, applied), ...shard.log() };
}
