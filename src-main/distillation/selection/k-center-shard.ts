/**
 * One worker's part of exact greedy k-center. A vector scan in float32 finds the few rows that may come nearer to a new
 * centre; those are decided in float64, so the picks are those of brute force in float64.
 */
import { groupRows, loadScan } from './scan-kernel.ts';
import { readRow, rowAddress, squaredDistance, type SlabLayout } from './slab.ts';

export interface KCenterTask {
  /** Shared by all workers, filled by `packRows`. */
  memory: WebAssembly.Memory;
  layout: SlabLayout;
  /** Rows that become centres first, in this order, at least one. */
  given: Int32Array;
  /** Centres in all, given ones included. */
  centres: number;
  /** 1 = may neither become a centre nor be covered; [count]. */
  excluded: Uint8Array;
  /** Whether every approach of a row is logged. */
  history: boolean;
}

/** Words at `layout.control`, int32. */
export const controlWords = {
  /** 1 = stop, set from outside. */
  stop: 0,
  /** Centres applied. */
  applied: 1,
  /** Stop as seen by worker 0, even and odd steps. */
  seen: 2,
  /** Barrier: workers that have arrived, and its generation. */
  arrived: 4,
  generation: 5,
} as const;

export function controlOf(task: KCenterTask): Int32Array {
  return new Int32Array(task.memory.buffer, task.layout.control, 16);
}

export interface ShardResult {
  /** Centres applied, given ones included. */
  applied: number;
  /** [applied] rows of the centres. */
  chosen: Int32Array;
  /** [applied] squared distance of the farthest row after that many centres. */
  radius: Float64Array;
  /** Per own row: position of its centre among `chosen`, −1 where excluded, and the squared distance. */
  owner: Int32Array;
  nearest: Float64Array;
  /** Log of approaches: own row, centre position, squared distance. Empty without `history`. */
  logRow: Int32Array;
  logCentre: Int32Array;
  logDistance: Float32Array;
}

/** Rows whose largest distance is remembered together, so that finding the farthest row reads few of them. */
const blockRows = 128;

/**
 * Yields at every barrier how many rows it scanned since the last one.
 * All shards compute the same next centre: largest squared distance, ties to the lowest row.
 */
export function* runShard(task: KCenterTask, rank: number): Generator<number, ShardResult> {
  const { layout, given, centres } = task;
  const { workers } = layout;
  const part = layout.parts[rank]!;
  const { buffer } = task.memory;
  const values = new Float32Array(buffer);
  const centreCopies = new Float32Array(buffer, part.centre, layout.blocks * 16 * groupRows);
  const candidates = new Int32Array(buffer, part.candidates, part.groups * groupRows);
  const farthest = new Float64Array(buffer, layout.farthest, 2 * workers);
  const farthestRow = new Int32Array(buffer, layout.farthestRow, 2 * workers);
  const control = controlOf(task);
  const scan = loadScan(task.memory);

  const nearest = new NearestRows(task, rank);
  const owner = new Int32Array(part.rows).fill(-1);
  const centre = new Float64Array(layout.blocks * 16);
  const chosen = new Int32Array(centres);
  const radius = new Float64Array(centres);
  const log = task.history ? new ApproachLog(part.rows) : null;
  let applied = 0;
  let candidate = given[0]!;
  let farthestOfAll = Infinity;

  while (applied < centres) {
    if (applied < given.length) candidate = given[applied]!;
    else if (farthestOfAll <= 0) break;
    const position = applied++;
    chosen[position] = candidate;
    readRow(values, layout, candidate, centre);
    for (let j = 0; j < centre.length; j++) centreCopies.fill(centre[j]!, j * groupRows, (j + 1) * groupRows);
    const found =
      part.groups === 0
        ? 0
        : scan(
            part.values,
            part.stride,
            layout.blocks,
            part.limits,
            part.centre,
            part.groups,
            part.candidates,
          );
    for (let at = 0; at < found; at++) {
      const row = candidates[at]!;
      const distance = squaredDistance(values, rowAddress(part, row), part, centre);
      if (distance >= nearest.squared[row]!) continue;
      nearest.lower(row, distance);
      owner[row] = position;
      log?.add(row, position, distance);
    }

    const parity = applied & 1;
    nearest.findFarthest();
    farthest[parity * workers + rank] = nearest.farthest;
    farthestRow[parity * workers + rank] = nearest.farthestRow * workers + rank;
    if (rank === 0) {
      Atomics.store(control, controlWords.applied, applied);
      control[controlWords.seen + parity] = Atomics.load(control, controlWords.stop);
    }
    yield part.rows;
    farthestOfAll = -1;
    for (let other = 0; other < workers; other++) {
      const value = farthest[parity * workers + other]!;
      const row = farthestRow[parity * workers + other]!;
      if (value > farthestOfAll || (value === farthestOfAll && row < candidate)) {
        farthestOfAll = value;
        candidate = row;
      }
    }
    radius[position] = Math.max(0, farthestOfAll);
    if (control[controlWords.seen + parity] === 1) break;
  }
  return {
    applied,
    chosen: chosen.slice(0, applied),
    radius: radius.slice(0, applied),
    owner,
    nearest: nearest.squared,
    logRow: log?.row.slice(0, log.length) ?? new Int32Array(),
    logCentre: log?.centre.slice(0, log.length) ?? new Int32Array(),
    logDistance: log?.distance.slice(0, log.length) ?? new Float32Array(),
  };
}

/** Squared distance of every own row to its nearest centre, with the limits the scan compares against and the farthest row. */
class NearestRows {
  /** [rows]; −1 where excluded. */
  readonly squared: Float64Array;
  farthest = -1;
  farthestRow = 0;
  readonly #limits: Float32Array;
  /**
   * A float32 sum of w squares is off by less than (w + 3) · 2⁻²⁴ of itself, so a row whose sum reaches this multiple of its
   * squared distance is not nearer.
   */
  readonly #margin: number;
  readonly #blockMax: Float64Array;
  readonly #stale: Uint8Array;

  constructor({ memory, layout, excluded }: KCenterTask, rank: number) {
    const part = layout.parts[rank]!;
    this.#limits = new Float32Array(memory.buffer, part.limits, part.groups * groupRows);
    this.#margin = 1 + (layout.blocks * 16 + 8) * 2 ** -23;
    this.squared = new Float64Array(part.rows).fill(Infinity);
    this.#limits.fill(Infinity, 0, part.rows);
    for (let row = 0; row < part.rows; row++)
      if (excluded[row * layout.workers + rank]) {
        this.squared[row] = -1;
        this.#limits[row] = 0;
      }
    const blocks = Math.ceil(part.rows / blockRows);
    this.#blockMax = new Float64Array(blocks).fill(Infinity);
    this.#stale = new Uint8Array(blocks).fill(1);
  }

  lower(row: number, distance: number): void {
    const block = Math.floor(row / blockRows);
    if (this.squared[row] === this.#blockMax[block]) this.#stale[block] = 1;
    this.squared[row] = distance;
    // 1e-37: float32 has no room below for a margin; squares that small are left to float64
    this.#limits[row] = distance === 0 ? 0 : Math.max(distance * this.#margin, 1e-37);
  }

  /** Sets `farthest` and the lowest row that is so far. */
  findFarthest(): void {
    this.farthest = -1;
    let where = 0;
    for (let block = 0; block < this.#blockMax.length; block++) {
      if (this.#stale[block]) {
        this.#stale[block] = 0;
        let most = -1;
        const to = Math.min((block + 1) * blockRows, this.squared.length);
        for (let row = block * blockRows; row < to; row++)
          if (this.squared[row]! > most) most = this.squared[row]!;
        this.#blockMax[block] = most;
      }
      if (this.#blockMax[block]! > this.farthest) {
        this.farthest = this.#blockMax[block]!;
        where = block;
      }
    }
    this.farthestRow = where * blockRows;
    while (this.farthestRow < this.squared.length - 1 && this.squared[this.farthestRow] !== this.farthest)
      this.farthestRow++;
  }
}

/** Grows by half when full: a row comes nearer about ten times in all. */
class ApproachLog {
  row: Int32Array;
  centre: Int32Array;
  distance: Float32Array;
  length = 0;

  constructor(rows: number) {
    this.row = new Int32Array(rows * 4);
    this.centre = new Int32Array(rows * 4);
    this.distance = new Float32Array(rows * 4);
  }

  add(row: number, centre: number, distance: number): void {
    if (this.length === this.row.length) this.#grow();
    this.row[this.length] = row;
    this.centre[this.length] = centre;
    this.distance[this.length++] = distance;
  }

  #grow(): void {
    const size = Math.ceil(this.row.length * 1.5) + 16;
    const [row, centre, distance] = [this.row, this.centre, this.distance];
    this.row = new Int32Array(size);
    this.row.set(row);
    this.centre = new Int32Array(size);
    this.centre.set(centre);
    this.distance = new Float32Array(size);
    this.distance.set(distance);
  }
}
