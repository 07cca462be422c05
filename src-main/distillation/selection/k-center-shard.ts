/**
 * One worker's part of exact greedy k-center. Each round the workers put together the farthest rows there are, choose among
 * those as long as the choice is certain, and then bring all rows up to date with the centres so chosen, leaf by leaf: a
 * lower bound rules most rows out, the others are measured in float64.
 */
import { ApproachLog } from './approach-log.ts';
import { assemble } from './assembler.ts';
import type { Axes } from './axes.ts';
import { heightOf, reachOf, toleranceOf } from './bounds.ts';
import { decideKernel, type Decide } from './decide-kernel.ts';
import { LeafSetter, writeAlongAxes } from './fill.ts';
import type { Frame } from './frame.ts';
import { FrontPart } from './front.ts';
import { scanKernel, type Scan } from './scan-kernel.ts';
import {
  groupRows,
  leafRows,
  mostCentres,
  mostFront,
  mostPages,
  scratchSizes,
  type TableLayout,
} from './table.ts';

export interface KCenterTask {
  /** Shared by all workers, filled by `fillTable`. */
  memory: WebAssembly.Memory;
  layout: TableLayout;
  frame: Frame;
  axes: Axes;
  /** Rows that become centres first, in this order, at least one. */
  given: Int32Array;
  /** Centres in all, given ones included. */
  centres: number;
  /** Whether every approach of a row is logged. */
  history: boolean;
}

/** Words at `layout.at.control`, int32. */
export const controlWords = {
  /** 1 = stop, set from outside. */
  stop: 0,
  /** Centres applied. */
  applied: 1,
  /** Stop as seen by worker 0, and the next leaf to bring up to date, in even and odd rounds. */
  seen: 2,
  leaf: 4,
  /** Barrier: workers that have arrived, and its generation. */
  arrived: 6,
  generation: 7,
  /** The next leaf to set up. */
  setLeaf: 8,
} as const;

export function controlOf({ memory, layout }: KCenterTask): Int32Array {
  return new Int32Array(memory.buffer, layout.at.control, 16);
}

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

/** Centres that a leaf is brought up to date with before its bounds are drawn anew. */
const centresAtOnce = 64;
/** Rows in the front at first, and at least. */
const leastFront = 256;

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
  let frontRows = leastFront;
  for (let round = 0; ; round++) {
    const parity = round & 1;
    shard.gatherFront(frontRows);
    if (rank === 0) {
      Atomics.store(control, controlWords.applied, applied);
      control[controlWords.seen + parity] = Atomics.load(control, controlWords.stop);
      control[controlWords.leaf + parity] = 0;
    }
    yield layout.rows;
    const farthest = shard.openFront();
    if (applied > 0) radius[applied - 1] = Math.max(0, farthest);
    if (applied === centres || (applied > 0 && control[controlWords.seen + parity] === 1)) break;
    if (applied >= given.length && farthest <= 0) break;

    const before = applied;
    const most = Math.min(centres, applied + mostCentres);
    let left: number | null = farthest;
    for (; left !== null && applied < most; applied++) {
      if (applied >= given.length && left <= 0) break;
      const next = applied < given.length ? shard.slotOf(given[applied]!) : shard.farthestOfFront;
      chosen[applied] = next;
      left = shard.choose(next, applied - before);
      radius[applied] = left ?? 0;
      // until the first is applied, all rows are as far as can be
      if (applied === 0) left = null;
    }
    const count = applied - before;
    if (count < mostCentres / 2) frontRows = Math.min(mostFront, frontRows * 2);
    else if (count === mostCentres) frontRows = Math.max(leastFront, Math.floor(frontRows * 0.8));
    shard.bringUpToDate(before, count, controlWords.leaf + parity);
    yield layout.rows * count;
  }
  return { chosen: chosen.slice(0, applied), radius: radius.slice(0, applied), ...shard.log() };
}

class Shard {
  readonly #task: KCenterTask;
  readonly #rank: number;
  readonly #control: Int32Array;
  readonly #values: Float32Array;
  readonly #squared: Float64Array;
  readonly #rowOf: Int32Array;
  readonly #slotOf: Int32Array;
  readonly #owner: Int32Array;
  readonly #radii: Float32Array;
  readonly #heights: Float32Array;
  readonly #groupReach: Float32Array;
  readonly #leafReach: Float32Array;
  readonly #leafFarthest: Float64Array;
  readonly #leafGroup: Int32Array;
  readonly #tolerance;
  readonly #parts: FrontPart[];
  readonly #scan: Scan;
  readonly #decide: Decide;
  readonly #log: ApproachLog | null;
  /** Addresses of the scratch. */
  readonly #at;
  readonly #pairs: Int32Array;
  readonly #nearerWords: Int32Array;
  readonly #nearerSquared: Float64Array;
  readonly #centres: Float32Array;
  readonly #bounds: Float32Array;
  readonly #frontValues: Float32Array;
  readonly #frontSquared: Float64Array;
  /** Slots of the front, by row. */
  #front = new Int32Array(0);
  #cutSquared = -1;
  #cutRow = 0;
  #best = 0;
  #guess = 0;

  constructor(task: KCenterTask, rank: number) {
    const { memory, layout } = task;
    const { buffer } = memory;
    const { at, columns, axes, groups, leaves } = layout;
    const slots = groups * groupRows;
    this.#task = task;
    this.#rank = rank;
    this.#control = controlOf(task);
    this.#values = new Float32Array(buffer, at.values, slots * columns);
    this.#squared = new Float64Array(buffer, at.squared, slots);
    this.#rowOf = new Int32Array(buffer, at.rowOf, slots);
    this.#slotOf = new Int32Array(buffer, at.slotOf, layout.allRows);
    this.#owner = new Int32Array(buffer, at.owner, slots);
    this.#radii = new Float32Array(buffer, at.radii, slots);
    this.#heights = new Float32Array(buffer, at.heights, slots);
    this.#groupReach = new Float32Array(buffer, at.groupReach, groups);
    this.#leafReach = new Float32Array(buffer, at.leafReach, leaves);
    this.#leafFarthest = new Float64Array(buffer, at.leafFarthest, leaves);
    this.#leafGroup = new Int32Array(buffer, at.leafGroup, leaves + 1);
    this.#tolerance = toleranceOf(layout);
    this.#parts = at.fronts.map((_, worker) => new FrontPart(buffer, layout, worker, this.#rowOf));
    const offsets = scratchSizes(columns, axes);
    const base = at.scratch[rank]!;
    this.#at = {
      centres: base + offsets.centres,
      bounds: base + offsets.bounds,
      pairs: base + offsets.pairs,
      nearer: base + offsets.nearer,
      front: base + offsets.front,
      frontSquared: base + offsets.frontSquared,
    };
    this.#pairs = new Int32Array(buffer, this.#at.pairs, 2 * mostFront);
    const pairsAtOnce = leafRows * mostCentres;
    this.#nearerWords = new Int32Array(buffer, this.#at.nearer, 4 * pairsAtOnce);
    this.#nearerSquared = new Float64Array(buffer, this.#at.nearer, 2 * pairsAtOnce);
    this.#centres = new Float32Array(buffer, this.#at.centres, columns * mostCentres);
    this.#bounds = new Float32Array(buffer, this.#at.bounds, (columns + axes) * mostCentres);
    this.#frontValues = new Float32Array(buffer, this.#at.front, columns * (mostFront + 1));
    this.#frontSquared = new Float64Array(buffer, this.#at.frontSquared, mostFront + 1);
    const make = (fused: boolean) =>
      assemble(
        [scanKernel(layout, this.#tolerance, base + offsets.axes, fused), decideKernel(layout)],
        mostPages,
      );
    const bytes = WebAssembly.validate(make(true)) ? make(true) : make(false);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { host: { memory } });
    this.#scan = exports['scan'] as Scan;
    this.#decide = exports['decide'] as Decide;
    this.#log = task.history ? new ApproachLog(Math.ceil(layout.rows / layout.workers)) : null;
  }

  log() {
    return this.#log?.written() ?? new ApproachLog(0).written();
  }

  slotOf(row: number): number {
    return this.#slotOf[row]!;
  }

  /** Sets up leaf after leaf, as long as there are any that no worker has taken. */
  setLeaves(): void {
    const { memory, layout, frame, axes } = this.#task;
    const setter = new LeafSetter(memory, layout, frame, axes);
    for (;;) {
      const leaf = Atomics.add(this.#control, controlWords.setLeaf, 1);
      if (leaf >= layout.leaves) return;
      setter.set(leaf);
    }
  }

  /** Offers the farthest rows of this worker's share of the leaves. */
  gatherFront(rows: number): void {
    const { leaves, workers } = this.#task.layout;
    const part = this.#parts[this.#rank]!;
    const most = Math.ceil(rows / workers);
    for (let least = this.#guess; ; least = 0) {
      part.clear();
      for (let leaf = this.#rank; leaf < leaves; leaf += workers) {
        const farthest = this.#leafFarthest[leaf]!;
        if (farthest < least || farthest < part.worthOffering(most)) {
          part.passOver();
          continue;
        }
        const to = this.#leafGroup[leaf + 1]! * groupRows;
        for (let slot = this.#leafGroup[leaf]! * groupRows; slot < to; slot++) {
          const squared = this.#squared[slot]!;
          if (squared >= least && squared >= part.worthOffering(most)) part.offer(slot, squared, most);
          else if (squared >= 0) part.passOver();
        }
      }
      if (least === 0 || part.count >= most) return;
    }
  }

  /** Puts the workers' farthest rows together; returns the largest squared distance of all rows. */
  openFront(): number {
    this.#cutSquared = -1;
    this.#cutRow = 0;
    for (const part of this.#parts) {
      if (!part.more || part.count === 0) continue;
      const [squared, row] = [part.squared(0), this.#rowOf[part.slot(0)]!];
      if (squared > this.#cutSquared || (squared === this.#cutSquared && row < this.#cutRow)) {
        this.#cutSquared = squared;
        this.#cutRow = row;
      }
    }
    // from the parts, not the table: other workers may already bring that up to date
    const certain: { slot: number; row: number; squared: number }[] = [];
    for (const part of this.#parts)
      for (let i = 0; i < part.count; i++) {
        const [slot, squared] = [part.slot(i), part.squared(i)];
        const row = this.#rowOf[slot]!;
        if (this.#isCertain(squared, row)) certain.push({ slot, row, squared });
      }
    certain.sort((a, b) => a.row - b.row);
    const { columns } = this.#task.layout;
    this.#front = Int32Array.from(certain, ({ slot }) => slot);
    certain.forEach(({ slot, squared }, i) => {
      this.#frontSquared[i] = squared;
      this.#frontValues.set(this.#values.subarray(slot * columns, (slot + 1) * columns), i * columns);
      this.#pairs[2 * i] = i;
    });
    // next time the front will be a little nearer
    this.#guess = Number.isFinite(this.#cutSquared) ? 0.8 * Math.max(0, this.#cutSquared) : 0;
    this.#findBest();
    return this.#frontSquared[this.#best]!;
  }

  get farthestOfFront(): number {
    return this.#front[this.#best]!;
  }

  /**
   * Takes a centre into the batch and measures the front against it.
   *
   * @returns the largest squared distance of all rows that is left, null when a row outside the front may be as far
   */
  choose(slot: number, place: number): number | null {
    const { columns } = this.#task.layout;
    const row = this.#values.subarray(slot * columns, (slot + 1) * columns);
    this.#centres.set(row, place * columns);
    this.#writeBound(row, place);
    const count = this.#front.length;
    for (let i = 0; i < count; i++) this.#pairs[2 * i + 1] = place;
    const { pairs, front, frontSquared, centres, nearer } = this.#at;
    this.#decide(pairs, pairs + 8 * count, front, frontSquared, centres, nearer);
    this.#findBest();
    const left = this.#frontSquared[this.#best]!;
    return this.#isCertain(left, this.#rowOf[this.#front[this.#best]!]!) ? left : null;
  }

  #isCertain(squared: number, row: number): boolean {
    return squared > this.#cutSquared || (squared === this.#cutSquared && row <= this.#cutRow);
  }

  #findBest(): void {
    this.#best = 0;
    for (let i = 1; i < this.#front.length; i++)
      if (this.#frontSquared[i]! > this.#frontSquared[this.#best]!) this.#best = i;
  }

  /** The centre as the bounds see it. */
  #writeBound(row: Float32Array, place: number): void {
    const { layout, frame, axes } = this.#task;
    const { boundBytes, columns } = layout;
    const bound = this.#bounds.subarray((place * boundBytes) / 4, ((place + 1) * boundBytes) / 4);
    frame.columns.forEach((column, j) => (bound[j] = (row[j]! - frame.origin[column]!) * frame.scale));
    writeAlongAxes(bound, frame, axes, columns);
  }

  /** Applies a batch of centres to leaf after leaf, as long as there are any that no worker has taken. */
  bringUpToDate(firstPosition: number, count: number, counter: number): void {
    const { leaves } = this.#task.layout;
    for (;;) {
      const leaf = Atomics.add(this.#control, counter, 1);
      if (leaf >= leaves) return;
      let changed = false;
      for (let from = 0; from < count; from += centresAtOnce)
        if (this.#apply(leaf, firstPosition, from, Math.min(centresAtOnce, count - from))) changed = true;
      if (changed) this.#measureLeaf(leaf);
    }
  }

  #apply(leaf: number, firstPosition: number, from: number, count: number): boolean {
    const { layout } = this.#task;
    const { at } = layout;
    const firstGroup = this.#leafGroup[leaf]!;
    const groups = this.#leafGroup[leaf + 1]! - firstGroup;
    const { pairs, bounds, centres, nearer } = this.#at;
    const end = this.#scan(leaf, firstGroup, groups, bounds + from * layout.boundBytes, count, pairs) >>> 0;
    if (end === pairs) return false;
    const found =
      this.#decide(pairs, end, at.values, at.squared, centres + 4 * layout.columns * from, nearer) >>> 0;
    if (found === nearer) return false;
    const entries = (found - nearer) / 16;
    for (let i = 0; i < entries; i++) {
      const slot = this.#nearerWords[4 * i + 2]!;
      const position = firstPosition + from + this.#nearerWords[4 * i + 3]!;
      this.#owner[slot] = position;
      this.#log?.add(slot, position, this.#nearerSquared[2 * i]!);
      this.#heights[slot] = heightOf(this.#tolerance, this.#radii[slot]!, this.#present(slot));
      this.#groupReach[Math.floor(slot / groupRows)] = -1;
    }
    this.#measureReach(leaf);
    return true;
  }

  #present(slot: number): number {
    return Math.sqrt(this.#squared[slot]!) * this.#task.frame.scale;
  }

  #measureReach(leaf: number): void {
    let leafReach = 0;
    for (let group = this.#leafGroup[leaf]!; group < this.#leafGroup[leaf + 1]!; group++) {
      if (this.#groupReach[group]! < 0) {
        let reach = 0;
        for (let slot = group * groupRows; slot < (group + 1) * groupRows; slot++)
          if (this.#squared[slot]! >= 0)
            reach = Math.max(reach, reachOf(this.#tolerance, this.#radii[slot]!, this.#present(slot)));
        this.#groupReach[group] = reach;
      }
      leafReach = Math.max(leafReach, this.#groupReach[group]!);
    }
    this.#leafReach[leaf] = leafReach;
  }

  #measureLeaf(leaf: number): void {
    let farthest = -1;
    const to = this.#leafGroup[leaf + 1]! * groupRows;
    for (let slot = this.#leafGroup[leaf]! * groupRows; slot < to; slot++)
      if (this.#squared[slot]! > farthest) farthest = this.#squared[slot]!;
    this.#leafFarthest[leaf] = farthest;
  }
}
