/** Puts rows that lie close together into leaves: halves along the direction that parts them best, until they are small. */
import type { Axes } from './axes.ts';
import type { Frame } from './frame.ts';
import { loadLeafKernels, type LeafKernels } from './leaf-kernels.ts';
import { axesAtOnce, groupRows, leafRows, mostPages, roundUp } from './table.ts';

export interface Leaves {
  /** Rows in the order of the leaves. */
  order: Int32Array;
  /** [leaves + 1] positions in `order`; all but the last are multiples of 16. */
  start: Int32Array;
  /** [order.length, axes] float32, by place in the table of rows given; axes is a multiple of 4. */
  coordinates: Float32Array;
  /** Place in the table of rows given, by position in `order`. */
  place: Int32Array;
}

/** Rows that decide where to part, and how often their two middles are moved (2-means). */
const sampled = 32;
const rounds = 3;
/** Rows projected at a time. */
const chunkRows = 1024;

/**
 * Always the same for the same table; how the leaves lie changes how long a choice takes, never the choice.
 *
 * @param x [n, d] row-major
 * @param rows which of them
 */
export function growLeaves(x: Float32Array, d: number, rows: Int32Array, frame: Frame, axes: Axes): Leaves {
  const work = new Workroom(rows.length, d, axes);
  work.project(x, rows, frame);
  const start = [0];
  const open: [number, number][] = [[0, rows.length]];
  for (let next = open.pop(); next; next = open.pop()) {
    const [from, to] = next;
    if (to - from <= leafRows) {
      start.push(to);
      continue;
    }
    const negative = work.part(from, to);
    // halves where one side would be less than a sixteenth; whole groups
    const least = Math.max(groupRows, Math.floor((to - from) / 16));
    const parted = negative >= least && negative <= to - from - least;
    const cut = from + Math.round((parted ? negative : (to - from) / 2) / groupRows) * groupRows;
    placeSmallest(work.keys, work.place, from, to, cut);
    open.push([cut, to], [from, cut]);
  }
  return {
    order: work.place.map((place) => rows[place]!),
    start: Int32Array.from(start),
    coordinates: work.coordinates,
    place: work.place,
  };
}

/** Memory that the kernels and this file look at together. */
class Workroom {
  readonly axes: number;
  /** [rows, axes] */
  readonly coordinates: Float32Array;
  /** [rows] places, reordered as leaves grow, and the side each is on. */
  readonly place: Int32Array;
  readonly keys: Float32Array;
  readonly #d: number;
  readonly #given: Axes;
  readonly #kernels: LeafKernels;
  readonly #at;
  readonly #normal: Float32Array;
  readonly #chunk: Float32Array;
  readonly #origin: Float32Array;
  readonly #directions: Float32Array;

  constructor(rows: number, d: number, axes: Axes) {
    this.#d = d;
    this.#given = axes;
    this.axes = roundUp(axes.count, axesAtOnce);
    let end = 0;
    const take = (floats: number) => {
      const address = end;
      end += roundUp(4 * floats, 64);
      return address;
    };
    this.#at = {
      coordinates: take(rows * this.axes),
      place: take(rows),
      keys: take(rows),
      chunk: take(chunkRows * d),
      origin: take(d),
      directions: take(d * this.axes),
      normal: take(this.axes),
    };
    const memory = new WebAssembly.Memory({
      initial: Math.ceil(end / 65_536),
      maximum: mostPages,
      shared: true,
    });
    const floats = (address: number, length: number) => new Float32Array(memory.buffer, address, length);
    this.coordinates = floats(this.#at.coordinates, rows * this.axes);
    this.place = new Int32Array(memory.buffer, this.#at.place, rows);
    this.keys = floats(this.#at.keys, rows);
    this.#chunk = floats(this.#at.chunk, chunkRows * d);
    this.#origin = floats(this.#at.origin, d);
    this.#directions = floats(this.#at.directions, d * this.axes);
    this.#normal = floats(this.#at.normal, this.axes);
    this.#kernels = loadLeafKernels(memory, d, this.axes);
    for (let i = 0; i < rows; i++) this.place[i] = i;
  }

  project(x: Float32Array, rows: Int32Array, frame: Frame): void {
    const d = this.#d;
    const { chunk, origin, directions, coordinates } = this.#at;
    this.#origin.set(frame.origin);
    for (let k = 0; k < this.#given.count; k++)
      for (let j = 0; j < d; j++)
        this.#directions[j * this.axes + k] = this.#given.directions[k * d + j]! * frame.scale;
    for (let from = 0; from < rows.length; from += chunkRows) {
      const count = Math.min(chunkRows, rows.length - from);
      const first = rows[from]!;
      if (rows[from + count - 1]! - first === count - 1)
        this.#chunk.set(x.subarray(first * d, (first + count) * d));
      else
        for (let i = 0; i < count; i++) {
          const row = rows[from + i]!;
          this.#chunk.set(x.subarray(row * d, (row + 1) * d), i * d);
        }
      this.#kernels.project(chunk, count, origin, directions, coordinates + 4 * from * this.axes);
    }
  }

  /** Parts places from … to − 1 by a plane between two clusters of them; returns how many are on the first side. */
  part(from: number, to: number): number {
    const offset = this.#choosePlane(from, to);
    const { place, keys, coordinates, normal } = this.#at;
    return this.#kernels.side(place + 4 * from, place + 4 * to, coordinates, normal, offset, keys + 4 * from);
  }

  #choosePlane(from: number, to: number): number {
    const { axes } = this;
    const count = Math.min(sampled, to - from);
    const sample = new Float64Array(count * axes);
    const middle = new Float64Array(axes);
    for (let i = 0; i < count; i++) {
      const at = this.place[from + Math.floor((i * (to - from)) / count)]! * axes;
      for (let j = 0; j < axes; j++) {
        const value = this.coordinates[at + j]!;
        sample[i * axes + j] = value;
        middle[j]! += value / count;
      }
    }
    const one = apart(sample, axes, middle);
    const other = apart(sample, axes, one);
    for (let round = 0; round < rounds; round++) if (!moveMiddles(sample, axes, one, other)) break;
    let offset = 0;
    for (let j = 0; j < axes; j++) {
      this.#normal[j] = one[j]! - other[j]!;
      offset += (one[j]! * one[j]! - other[j]! * other[j]!) / 2;
    }
    return offset;
  }
}

/** The row at three quarters of the way to the farthest one from a point: the farthest would be an odd one. */
function apart(sample: Float64Array, axes: number, point: Float64Array): Float64Array {
  const distances = Float64Array.from({ length: sample.length / axes }, (_, i) =>
    squared(sample, i * axes, point),
  );
  const wanted = distances.toSorted()[Math.floor((distances.length * 3) / 4)]!;
  const row = distances.indexOf(wanted);
  return sample.slice(row * axes, (row + 1) * axes);
}

/** Moves two points to the middles of the rows nearer to each; false when all are nearer to one. */
function moveMiddles(sample: Float64Array, axes: number, one: Float64Array, other: Float64Array): boolean {
  const count = sample.length / axes;
  const sums = [new Float64Array(axes), new Float64Array(axes)] as const;
  let nearerOne = 0;
  for (let i = 0; i < count; i++) {
    const isNearer = squared(sample, i * axes, one) < squared(sample, i * axes, other);
    if (isNearer) nearerOne++;
    const sum = sums[isNearer ? 0 : 1];
    for (let j = 0; j < axes; j++) sum[j]! += sample[i * axes + j]!;
  }
  if (nearerOne === 0 || nearerOne === count) return false;
  for (let j = 0; j < axes; j++) {
    one[j] = sums[0][j]! / nearerOne;
    other[j] = sums[1][j]! / (count - nearerOne);
  }
  return true;
}

function squared(table: Float64Array, from: number, point: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < point.length; j++) {
    const difference = table[from + j]! - point[j]!;
    sum += difference * difference;
  }
  return sum;
}

/** Reorders from … to − 1 so that the smallest keys stand before `cut` (quickselect, middle of three). */
function placeSmallest(keys: Float32Array, order: Int32Array, from: number, to: number, cut: number): void {
  let low = from;
  let high = to - 1;
  while (low < high) {
    const pivot = middleOf(keys[low]!, keys[(low + high) >>> 1]!, keys[high]!);
    let i = low;
    let j = high;
    while (i <= j) {
      while (keys[i]! < pivot) i++;
      while (keys[j]! > pivot) j--;
      if (i > j) break;
      const key = keys[i]!;
      keys[i] = keys[j]!;
      keys[j] = key;
      const row = order[i]!;
      order[i++] = order[j]!;
      order[j--] = row;
    }
    if (cut <= j) high = j;
    else if (cut >= i) low = i;
    else return;
  }
}

function middleOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
