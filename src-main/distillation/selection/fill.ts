/** Builds the table that the selection threads share: rows leaf by leaf, and what the bounds know about each. */
import type { Axes } from './axes.ts';
import { restOf, toleranceOf, type Tolerance } from './bounds.ts';
import type { Frame } from './frame.ts';
import type { Leaves } from './leaves.ts';
import { groupRows, mostPages, type TableLayout } from './table.ts';

/** Lays the rows out; `LeafSetter` then says of every leaf where its rows lie. */
export function fillTable(
  x: Float32Array,
  d: number,
  { order, start, place, coordinates }: Leaves,
  frame: Frame,
  layout: TableLayout,
): WebAssembly.Memory {
  const { at, columns, axes, groups, rows } = layout;
  const memory = new WebAssembly.Memory({
    initial: Math.max(1, Math.ceil(layout.bytes / 65_536)),
    maximum: mostPages,
    shared: true,
  });
  const { buffer } = memory;
  const slots = groups * groupRows;
  const values = new Float32Array(buffer, at.values, slots * columns);
  const along = new Float32Array(buffer, at.coordinates, slots * axes);
  const source = frame.columns;
  for (let slot = 0; slot < rows; slot++) {
    const from = order[slot]! * d;
    for (let j = 0, to = slot * columns; j < d; j++, to++) values[to] = x[from + source[j]!]!;
    const seen = place[slot]! * axes;
    for (let k = 0, to = slot * axes; k < axes; k++, to++) along[to] = coordinates[seen + k]!;
  }
  const rowOf = new Int32Array(buffer, at.rowOf, slots);
  rowOf.set(order);
  rowOf.fill(-1, rows);
  new Int32Array(buffer, at.leafGroup, layout.leaves + 1).set(
    start.map((slot) => Math.ceil(slot / groupRows)),
  );
  new Float64Array(buffer, at.squared, slots).fill(Infinity, 0, rows).fill(-1, rows);
  new Int32Array(buffer, at.owner, slots).fill(-1);
  new Float32Array(buffer, at.heights, slots).fill(-Infinity, 0, rows).fill(Infinity, rows);
  new Float32Array(buffer, at.groupReach, groups).fill(Infinity);
  new Float32Array(buffer, at.leafReach, layout.leaves).fill(Infinity);
  new Float64Array(buffer, at.leafFarthest, layout.leaves).fill(Infinity);
  return memory;
}

/** Finds the middle of a leaf, puts its rows in order of their distance from it, and sees them from there. */
export class LeafSetter {
  readonly #layout: TableLayout;
  readonly #frame: Frame;
  readonly #axes: Axes;
  readonly #tolerance: Tolerance;
  readonly #values: Float32Array;
  readonly #rowOf: Int32Array;
  readonly #slotOf: Int32Array;
  readonly #along: Float32Array;
  readonly #rests: Float32Array;
  readonly #radii: Float32Array;
  readonly #pivots: Float32Array;
  readonly #leafGroup: Int32Array;
  readonly #middle: Float64Array;
  readonly #origin: Float64Array;

  constructor(memory: WebAssembly.Memory, layout: TableLayout, frame: Frame, axes: Axes) {
    const { buffer } = memory;
    const { at, columns, groups } = layout;
    const slots = groups * groupRows;
    this.#layout = layout;
    this.#frame = frame;
    this.#axes = axes;
    this.#tolerance = toleranceOf(layout);
    this.#values = new Float32Array(buffer, at.values, slots * columns);
    this.#rowOf = new Int32Array(buffer, at.rowOf, slots);
    this.#slotOf = new Int32Array(buffer, at.slotOf, layout.allRows);
    this.#along = new Float32Array(buffer, at.coordinates, slots * layout.axes);
    this.#rests = new Float32Array(buffer, at.rests, slots);
    this.#radii = new Float32Array(buffer, at.radii, slots);
    this.#pivots = new Float32Array(buffer, at.pivots, (layout.leaves * layout.boundBytes) / 4);
    this.#leafGroup = new Int32Array(buffer, at.leafGroup, layout.leaves + 1);
    this.#middle = new Float64Array(columns);
    this.#origin = Float64Array.from(frame.columns, (column) => frame.origin[column]!);
  }

  set(leaf: number): void {
    const from = this.#leafGroup[leaf]! * groupRows;
    const to = Math.min(this.#leafGroup[leaf + 1]! * groupRows, this.#layout.rows);
    const pivot = this.#placePivot(leaf, from, to);
    const radii = this.#measureRadii(pivot, from, to);
    const byRadius = Array.from(radii, (_, i) => i).sort((a, b) => radii[a]! - radii[b]! || a - b);
    this.#reorder(from, byRadius);
    byRadius.forEach((i, place) => (this.#radii[from + place] = radii[i]!));
    this.#seeFrom(pivot, from, to);
  }

  #placePivot(leaf: number, from: number, to: number): Float32Array {
    const { columns, boundBytes } = this.#layout;
    const { scale } = this.#frame;
    const d = this.#origin.length;
    const pivot = this.#pivots.subarray((leaf * boundBytes) / 4, ((leaf + 1) * boundBytes) / 4);
    const sum = this.#middle.fill(0);
    for (let slot = from; slot < to; slot++)
      for (let j = 0, at = slot * columns; j < d; j++, at++) sum[j]! += this.#values[at]! - this.#origin[j]!;
    for (let j = 0; j < d; j++) pivot[j] = (sum[j]! / (to - from)) * scale;
    writeAlongAxes(pivot, this.#frame, this.#axes, columns);
    return pivot;
  }

  #measureRadii(pivot: Float32Array, from: number, to: number): Float64Array {
    const { columns } = this.#layout;
    const { scale } = this.#frame;
    const d = this.#origin.length;
    const radii = new Float64Array(to - from);
    for (let slot = from; slot < to; slot++) {
      let squared = 0;
      for (let j = 0, at = slot * columns; j < d; j++, at++) {
        const difference = (this.#values[at]! - this.#origin[j]!) * scale - pivot[j]!;
        squared += difference * difference;
      }
      radii[slot - from] = Math.sqrt(squared);
    }
    return radii;
  }

  #reorder(from: number, by: number[]): void {
    const { columns, axes } = this.#layout;
    const to = from + by.length;
    const values = this.#values.slice(from * columns, to * columns);
    const along = this.#along.slice(from * axes, to * axes);
    const rows = this.#rowOf.slice(from, to);
    by.forEach((i, place) => {
      const slot = from + place;
      this.#values.set(values.subarray(i * columns, (i + 1) * columns), slot * columns);
      this.#along.set(along.subarray(i * axes, (i + 1) * axes), slot * axes);
      this.#rowOf[slot] = rows[i]!;
      this.#slotOf[rows[i]!] = slot;
    });
  }

  /** Turns coordinates from rows one after the other to groups, seen from the pivot. */
  #seeFrom(pivot: Float32Array, from: number, to: number): void {
    const { columns, axes } = this.#layout;
    const along = this.#along.slice(from * axes, to * axes);
    for (let slot = from; slot < to; slot++) {
      const group = Math.floor(slot / groupRows);
      let squared = 0;
      for (let k = 0; k < axes; k++) {
        const value = Math.fround(along[(slot - from) * axes + k]! - pivot[columns + k]!);
        this.#along[(group * axes + k) * groupRows + (slot % groupRows)] = value;
        squared += value * value;
      }
      this.#rests[slot] = restOf(this.#tolerance, this.#radii[slot]!, squared);
    }
  }
}

/** Coordinates along the axes after the columns of a bound point. */
export function writeAlongAxes(
  point: Float32Array,
  { columns: order }: Frame,
  { count, directions }: Axes,
  columns: number,
): void {
  const d = order.length;
  for (let k = 0; k < count; k++) {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += point[j]! * directions[k * d + order[j]!]!;
    point[columns + k] = sum;
  }
}
