/**
 * Exact greedy k-center (farthest first, Gonzalez 1985): every pick is the row farthest from all picks before it.
 * The coverage radius after k picks is at most twice the best any k rows can reach, wherever it starts.
 */
import { AppError } from '#shared/errors.ts';
import type { Approaches } from '#shared/eeg/distillate.ts';
import type { Progress } from '#shared/jobs.ts';
import { measureFinite, type Standardisation } from '../outliers/standardise.ts';
import { chooseAxes } from './axes.ts';
import { fillTable } from './fill.ts';
import { frameOf } from './frame.ts';
import type { ShardResult } from './k-center-shard.ts';
import type { KCenterTask } from './k-center-task.ts';
import { growLeaves } from './leaves.ts';
import { takingTurns, type Parallel } from './parallel.ts';
import { layOutTable } from './table.ts';

export interface KCenterOptions {
  /** How many rows to pick; more than there are picks all. */
  k: number;
  /** First pick; 0 as in the published code. Ignored when `initial` is given. */
  start?: number;
  /** Rows that are centres already, in their order: they cover others but are not picked. */
  initial?: ArrayLike<number>;
  /** [n] 1 = neither picked nor covered, e.g. an outlier. */
  excluded?: Uint8Array;
  /** When every row left coincides with a pick: go on with the lowest unused rows instead of picking fewer than k. */
  fill?: boolean;
  /** Whether `owner` and `distance` are wanted, true unless told otherwise: the order alone is found sooner. */
  everyRow?: boolean;
  /** Log every approach, so that the nearest pick is known for every prefix of the order. */
  history?: boolean;
  parallel?: Parallel;
  progress?: Progress;
}

export interface KCenterResult {
  /** Rows in the order of picking, without `initial`. */
  order: Int32Array;
  /** `initial`, then `order`. */
  centres: Int32Array;
  /** Per centre: distance of the farthest row once it is added (coverage radius); never rises. */
  radius: Float64Array;
  /** [n], or empty unless `everyRow`: row of the nearest centre, the earlier one on ties; −1: excluded, or no centres at all. */
  owner: Int32Array;
  /** [n], or empty: distance to it; Infinity where there is none. */
  distance: Float64Array;
  /** How many at the end of `order` were filled in at distance 0. */
  filled: number;
  /** Ended by request before k picks. */
  stopped: boolean;
  approaches: Approaches | null;
}

/** Squares of larger differences would overflow float32. */
const largest = 1e15;

/**
 * Picks are those of brute force in float64, for any number of workers: distances are sums of squared float64 differences in
 * one fixed order (columns by falling variance), ties go to the lowest row. Memory O(n · d), nothing grows with n · k.
 *
 * @param x [n, d] row-major
 * @throws AppError 'invalid-input' (values not finite, rows out of range), 'cancelled'
 */
export async function kCenter(x: Float32Array, d: number, options: KCenterOptions): Promise<KCenterResult> {
  const spread = requireComparable(x, d);
  const n = x.length / d;
  const { start = 0, fill = false, history = false, parallel = takingTurns(), progress } = options;
  const everyRow = options.everyRow !== false || history;
  const initial = Int32Array.from(options.initial ?? []);
  const excluded = options.excluded ?? new Uint8Array(n);
  const free = excluded.reduce((sum, flag) => sum - (flag ? 1 : 0), n);
  if (!Number.isInteger(options.k) || options.k < 0)
    throw new AppError(
      'invalid-input',
      `The number to pick must be a whole number from 0, not ${options.k}.`,
    );
  const k = Math.min(options.k, free - new Set(initial).size);
  requireRows(initial, excluded, n, 'A row that is already chosen');
  if (k <= 0 && initial.length === 0) return nothing(n, history);
  const given = initial.length > 0 ? initial : Int32Array.of(start);
  requireRows(given, excluded, n, 'The first pick');

  const task = makeTask(x, d, spread, given, initial.length + Math.max(0, k), {
    excluded,
    everyRow,
    history,
    parallel,
  });
  const unit = 'centres';
  let lastReported = -1;
  const shards = await parallel.kCenter(task, {
    shouldStop: () => progress !== undefined && (progress.signal.aborted || progress.stopRequested()),
    progress(applied) {
      if (applied === lastReported) return;
      lastReported = applied;
      progress?.report({ type: 'progress', done: applied, total: task.centres, unit });
    },
  });
  if (progress?.signal.aborted) throw new AppError('cancelled', 'Choosing segments was stopped.');
  progress?.report({ type: 'progress', done: task.centres, total: task.centres, unit });
  return assemble(shards, task, initial.length, { fill, history, excluded });
}

/** At least this far must the farthest row be for any choice of as many rows: half the radius of the next pick. */
export function certificate(radius: number): number {
  return radius / 2;
}

/**
 * Nearest centre of every row when only the first `count` centres are kept, from the log alone.
 *
 * @returns position of the centre, −1 where there is none, and the distance to it, Infinity
 */
export function ownersAt(
  { start, centre, distance }: Approaches,
  count: number,
): { owner: Int32Array; distance: Float64Array } {
  const n = start.length - 1;
  const owner = new Int32Array(n).fill(-1);
  const nearest = new Float64Array(n).fill(Infinity);
  for (let i = 0; i < n; i++)
    for (let at = start[i]!; at < start[i + 1]! && centre[at]! < count; at++) {
      owner[i] = centre[at]!;
      nearest[i] = distance[at]!;
    }
  return { owner, distance: nearest };
}

function requireComparable(x: Float32Array, d: number): Standardisation {
  const spread = measureFinite(x, d);
  if (spread.largest > largest)
    throw new AppError(
      'invalid-input',
      `Values beyond ${largest} are too large to compare; divide the table by a constant first.`,
    );
  return spread;
}

function requireRows(rows: Int32Array, excluded: Uint8Array, n: number, what: string): void {
  for (const row of rows)
    if (row < 0 || row >= n || excluded[row])
      throw new AppError(
        'invalid-input',
        `${what} (${row}) ${row < 0 || row >= n ? `is not among the ${n} rows` : 'is excluded'}; choose another.`,
      );
}

function nothing(n: number, history: boolean): KCenterResult {
  return {
    order: new Int32Array(),
    centres: new Int32Array(),
    radius: new Float64Array(),
    owner: new Int32Array(n).fill(-1),
    distance: new Float64Array(n).fill(Infinity),
    filled: 0,
    stopped: false,
    approaches: history
      ? { start: new Uint32Array(n + 1), centre: new Int32Array(), distance: new Float32Array() }
      : null,
  };
}

function makeTask(
  x: Float32Array,
  d: number,
  spread: Standardisation,
  given: Int32Array,
  centres: number,
  {
    excluded,
    parallel,
    ...wanted
  }: { excluded: Uint8Array; everyRow: boolean; history: boolean; parallel: Parallel },
): KCenterTask {
  const rows = rowsLeft(excluded);
  const frame = frameOf(spread);
  const axes = chooseAxes(x, d, rows);
  const leaves = growLeaves(x, d, rows, frame, axes);
  const layout = layOutTable({
    rows: rows.length,
    allRows: excluded.length,
    leaves: leaves.start.length - 1,
    centres,
    columns: d,
    axes: axes.count,
    // below some thousand rows a barrier costs more than the work it shares
    workers: Math.max(1, Math.min(parallel.workers, Math.floor((rows.length * d) / 65_536))),
  });
  const memory = fillTable(x, d, leaves, frame, layout);
  return { memory, layout, frame, axes, given, centres, ...wanted };
}

function rowsLeft(excluded: Uint8Array): Int32Array {
  const rows = new Int32Array(excluded.length);
  let count = 0;
  for (let row = 0; row < excluded.length; row++) if (!excluded[row]) rows[count++] = row;
  return rows.subarray(0, count);
}

function assemble(
  shards: ShardResult[],
  { memory, layout, centres: wanted, everyRow }: KCenterTask,
  given: number,
  { fill, history, excluded }: { fill: boolean; history: boolean; excluded: Uint8Array },
): KCenterResult {
  const { buffer } = memory;
  const n = layout.allRows;
  const rowOf = new Int32Array(buffer, layout.at.rowOf, layout.rows);
  const ownerOf = new Int32Array(buffer, layout.at.owner, layout.rows);
  const squared = new Float64Array(buffer, layout.at.squared, layout.rows);
  const { radius } = shards[0]!;
  const chosen = shards[0]!.chosen.map((slot) => rowOf[slot]!);
  const applied = chosen.length;
  const owner = new Int32Array(everyRow ? n : 0).fill(-1);
  const distance = new Float64Array(everyRow ? n : 0).fill(Infinity);
  if (everyRow)
    rowOf.forEach((row, slot) => {
      owner[row] = chosen[ownerOf[slot]!]!;
      distance[row] = Math.sqrt(squared[slot]!);
    });
  const exhausted = applied < wanted && radius[applied - 1] === 0;
  const extra: number[] = [];
  if (fill && exhausted) {
    const used = new Set(chosen);
    for (let row = 0; row < n && applied + extra.length < wanted; row++)
      if (!excluded[row] && !used.has(row)) extra.push(row);
  }
  const centres = Int32Array.from([...chosen, ...extra]);
  const radii = new Float64Array(centres.length);
  for (let i = 0; i < applied; i++) radii[i] = Math.sqrt(radius[i]!);
  return {
    order: centres.slice(given),
    centres,
    radius: radii,
    owner,
    distance,
    filled: extra.length,
    stopped: applied < wanted && !exhausted,
    approaches: history ? gatherApproaches(shards, rowOf, n) : null,
  };
}

/** Each row's approaches by position: a row may have been brought up to date by any worker, each time by another. */
function gatherApproaches(shards: ShardResult[], rowOf: Int32Array, n: number): Approaches {
  const start = new Uint32Array(n + 1);
  for (const { logSlot } of shards) for (const slot of logSlot) start[rowOf[slot]! + 1]!++;
  for (let i = 0; i < n; i++) start[i + 1]! += start[i]!;
  const centre = new Int32Array(start[n]!);
  const distance = new Float32Array(start[n]!);
  const end = start.slice(0, n);
  for (const { logSlot, logCentre, logDistance } of shards)
    for (let entry = 0; entry < logSlot.length; entry++) {
      const row = rowOf[logSlot[entry]!]!;
      const position = logCentre[entry]!;
      let to = end[row]!++;
      for (; to > start[row]! && centre[to - 1]! > position; to--) {
        centre[to] = centre[to - 1]!;
        distance[to] = distance[to - 1]!;
      }
      centre[to] = position;
      distance[to] = Math.sqrt(logDistance[entry]!);
    }
  return { start, centre, distance };
}
