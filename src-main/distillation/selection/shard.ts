/** The table as one worker sees it: brings leaves up to date with new centres, and knows the farthest rows. */
import { ApproachLog } from './approach-log.ts';
import { assemble } from './assembler.ts';
import { heightOf, reachOf, toleranceOf } from './bounds.ts';
import { decideKernel, type Decide } from './decide-kernel.ts';
import { LeafSetter, writeAlongAxes } from './fill.ts';
import { FrontPart } from './front.ts';
import { controlOf, controlWords, type KCenterTask } from './k-center-task.ts';
import { scanKernel, type Scan } from './scan-kernel.ts';
import { centresAtOnce, groupRows, leafRows, mostFront, mostPages, scratchSizes } from './table.ts';

export class Shard {
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
  readonly #leafApplied: Int32Array;
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
  #cutRow = Infinity;
  #best = 0;

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
    this.#leafApplied = new Int32Array(buffer, at.leafApplied, leaves);
    this.#tolerance = toleranceOf(layout);
    this.#parts = at.fronts.map((_, worker) => new FrontPart(buffer, layout, worker, this.#rowOf));
    const offsets = scratchSizes(columns, axes);
    const base = at.scratch[rank]!;
    this.#at = {
      pairs: base + offsets.pairs,
      nearer: base + offsets.nearer,
      front: base + offsets.front,
      frontSquared: base + offsets.frontSquared,
    };
    this.#pairs = new Int32Array(buffer, this.#at.pairs, 2 * mostFront);
    const pairsAtOnce = leafRows * centresAtOnce;
    this.#nearerWords = new Int32Array(buffer, this.#at.nearer, 4 * pairsAtOnce);
    this.#nearerSquared = new Float64Array(buffer, this.#at.nearer, 2 * pairsAtOnce);
    this.#centres = new Float32Array(buffer, at.centres, columns * layout.centres);
    this.#bounds = new Float32Array(buffer, at.bounds, (columns + axes) * layout.centres);
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

  /** Offers the farthest rows of this worker's share of the leaves, as far as they are not nearer than `least`. */
  gatherFront(least: number, rows: number): void {
    const { leaves, workers } = this.#task.layout;
    const part = this.#parts[this.#rank]!;
    const most = Math.ceil(rows / workers);
    part.clear();
    for (let leaf = this.#rank; leaf < leaves; leaf += workers) {
      const farthest = this.#leafFarthest[leaf]!;
      if (farthest < least) continue;
      const to = this.#leafGroup[leaf + 1]! * groupRows;
      for (let slot = this.#leafGroup[leaf]! * groupRows; slot < to; slot++)
        if (this.#squared[slot]! >= least) part.offer(slot, this.#squared[slot]!, most);
    }
  }

  /** Puts the workers' farthest rows together: as many as are certainly the farthest of all. */
  openFront(least: number): { rows: number; farthest: number; overflows: boolean } {
    this.#cutSquared = least;
    this.#cutRow = Infinity;
    let overflows = false;
    for (const part of this.#parts)
      if (part.overflows) {
        overflows = true;
        const [squared, row] = [part.squared(0), this.#rowOf[part.slot(0)]!];
        if (this.#isCertain(squared, row)) {
          this.#cutSquared = squared;
          this.#cutRow = row;
        }
      }
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
    this.#findBest();
    return { rows: certain.length, farthest: this.#frontSquared[this.#best]!, overflows };
  }

  /** Rows outside the front are not farther than this (squared). */
  get cut(): number {
    return this.#cutSquared;
  }

  get farthestOfFront(): number {
    return this.#front[this.#best]!;
  }

  /**
   * Makes a row the centre of a position and measures the front against it.
   *
   * @returns the largest squared distance of all rows that is left, null when a row outside the front may be as far
   */
  choose(slot: number, position: number): number | null {
    const { layout, frame, axes } = this.#task;
    const { columns, boundBytes } = layout;
    const row = this.#values.subarray(slot * columns, (slot + 1) * columns);
    // every worker writes the same
    this.#centres.set(row, position * columns);
    const bound = this.#bounds.subarray((position * boundBytes) / 4, ((position + 1) * boundBytes) / 4);
    frame.columns.forEach((column, j) => (bound[j] = (row[j]! - frame.origin[column]!) * frame.scale));
    writeAlongAxes(bound, frame, axes, columns);
    const count = this.#front.length;
    for (let i = 0; i < count; i++) this.#pairs[2 * i + 1] = position;
    const { pairs, front, frontSquared, nearer } = this.#at;
    this.#decide(pairs, pairs + 8 * count, front, frontSquared, layout.at.centres, nearer);
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

  /**
   * Applies all centres before `applied` that have not been to leaf after leaf, as long as there are any that no worker has
   * taken; leaves all of whose rows are nearer than `least` can wait.
   */
  bringUpToDate(applied: number, least: number, counter: number): void {
    const { leaves } = this.#task.layout;
    for (;;) {
      const leaf = Atomics.add(this.#control, counter, 1);
      if (leaf >= leaves) return;
      if (this.#leafFarthest[leaf]! < least) continue;
      let changed = false;
      for (let from = this.#leafApplied[leaf]!; from < applied; from += centresAtOnce)
        if (this.#apply(leaf, from, Math.min(centresAtOnce, applied - from))) changed = true;
      this.#leafApplied[leaf] = applied;
      if (changed) this.#measureLeaf(leaf);
    }
  }

  #apply(leaf: number, first: number, count: number): boolean {
    const { at, boundBytes, columns } = this.#task.layout;
    const firstGroup = this.#leafGroup[leaf]!;
    const groups = this.#leafGroup[leaf + 1]! - firstGroup;
    const { pairs, nearer } = this.#at;
    const end = this.#scan(leaf, firstGroup, groups, at.bounds + first * boundBytes, count, pairs) >>> 0;
    if (end === pairs) return false;
    const centres = at.centres + 4 * columns * first;
    const found = this.#decide(pairs, end, at.values, at.squared, centres, nearer) >>> 0;
    if (found === nearer) return false;
    const entries = (found - nearer) / 16;
    for (let i = 0; i < entries; i++) {
      const slot = this.#nearerWords[4 * i + 2]!;
      const position = first + this.#nearerWords[4 * i + 3]!;
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
