/**
 * The farthest rows of all, chosen among without looking at the others: as long as the best of them is at least as far as
 * any row outside was, it is the farthest of all, since distances only fall.
 */
import { mostFront, type TableLayout } from './table.ts';

/** Bytes before the values of a worker's part: how many there are, and whether it knows of more. */
const headBytes = 64;

/** One worker's farthest rows in shared memory, farthest in no order; its worst stands first. */
export class FrontPart {
  readonly #head: Int32Array;
  readonly #squared: Float64Array;
  readonly #slot: Int32Array;
  readonly #rowOf: Int32Array;

  constructor(buffer: ArrayBufferLike, layout: TableLayout, rank: number, rowOf: Int32Array) {
    const from = layout.at.fronts[rank]!;
    this.#head = new Int32Array(buffer, from, 2);
    this.#squared = new Float64Array(buffer, from + headBytes, mostFront);
    this.#slot = new Int32Array(buffer, from + headBytes + 8 * mostFront, mostFront);
    this.#rowOf = rowOf;
  }

  get count(): number {
    return this.#head[0]!;
  }

  /** Whether there were rows that found no place. */
  get overflows(): boolean {
    return this.#head[1] === 1;
  }

  squared(i: number): number {
    return this.#squared[i]!;
  }

  slot(i: number): number {
    return this.#slot[i]!;
  }

  clear(): void {
    this.#head[0] = 0;
    this.#head[1] = 0;
  }

  /** Keeps the `most` farthest of all rows offered; on ties the lower row is farther. */
  offer(slot: number, squared: number, most: number): void {
    const count = this.count;
    if (count < most) {
      this.#head[0] = count + 1;
      this.#rise(count, slot, squared);
    } else {
      this.#head[1] = 1;
      if (squared < this.#squared[0]!) return;
      if (squared === this.#squared[0]! && this.#rowOf[slot]! > this.#rowOf[this.#slot[0]!]!) return;
      this.#sink(slot, squared);
    }
  }

  #rise(place: number, slot: number, squared: number): void {
    let i = place;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (this.#isFarther(this.#slot[parent]!, this.#squared[parent]!, slot, squared)) this.#copy(i, parent);
      else break;
      i = parent;
    }
    this.#put(i, slot, squared);
  }

  #sink(slot: number, squared: number): void {
    const count = this.count;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= count) break;
      const other = child + 1;
      if (
        other < count &&
        this.#isFarther(this.#slot[child]!, this.#squared[child]!, this.#slot[other]!, this.#squared[other]!)
      )
        child = other;
      if (!this.#isFarther(slot, squared, this.#slot[child]!, this.#squared[child]!)) break;
      this.#copy(i, child);
      i = child;
    }
    this.#put(i, slot, squared);
  }

  #isFarther(slot: number, squared: number, other: number, otherSquared: number): boolean {
    return squared > otherSquared || (squared === otherSquared && this.#rowOf[slot]! < this.#rowOf[other]!);
  }

  #copy(to: number, from: number): void {
    this.#put(to, this.#slot[from]!, this.#squared[from]!);
  }

  #put(at: number, slot: number, squared: number): void {
    this.#slot[at] = slot;
    this.#squared[at] = squared;
  }
}
