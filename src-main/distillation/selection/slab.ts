/** How rows lie in the memory that the selection threads share: every worker's rows together, four by four, by blocks of columns. */
import { AppError } from '#shared/errors.ts';
import { blockColumns, groupRows, mostPages } from './scan-kernel.ts';

/** Row i of the table is row (i − rank) / workers of worker rank = i mod workers, so that work is spread evenly. */
export interface SlabLayout {
  count: number;
  workers: number;
  blocks: number;
  /** Byte addresses of the parts that all workers touch. */
  control: number;
  farthest: number;
  farthestRow: number;
  /** By worker. */
  parts: SlabPart[];
  bytes: number;
}

export interface SlabPart {
  /** Rows of this worker, and groups of four that hold them. */
  rows: number;
  groups: number;
  /** Byte addresses. */
  values: number;
  limits: number;
  centre: number;
  candidates: number;
  /** Bytes from one block of columns to the next. */
  stride: number;
}

const groupBytes = groupRows * blockColumns * 4;

export function layOut(count: number, columns: number, workers: number): SlabLayout {
  const blocks = Math.ceil(columns / blockColumns);
  let at = 0;
  const take = (bytes: number) => {
    const address = at;
    at += Math.ceil(bytes / 64) * 64;
    return address;
  };
  const control = take(64);
  const farthest = take(16 * workers);
  const farthestRow = take(8 * workers);
  const parts = Array.from({ length: workers }, (_, rank) => {
    const rows = Math.max(0, Math.ceil((count - rank) / workers));
    const groups = Math.ceil(rows / groupRows);
    const stride = groups * groupBytes;
    return {
      rows,
      groups,
      stride,
      values: take(stride * blocks),
      limits: take(groups * groupRows * 4),
      centre: take(blocks * groupBytes),
      candidates: take(groups * groupRows * 4 + 16),
    };
  });
  return { count, workers, blocks, control, farthest, farthestRow, parts, bytes: at };
}

/**
 * Copies [count, d] rows into new shared memory, columns in the given order, missing columns and rows as zeros.
 *
 * @throws AppError 'unsupported' above 4 GiB
 */
export function packRows(
  x: Float32Array,
  d: number,
  columns: number[],
  layout: SlabLayout,
): WebAssembly.Memory {
  const pages = Math.max(1, Math.ceil(layout.bytes / 65_536));
  if (pages > mostPages)
    throw new AppError(
      'unsupported',
      `${layout.count} segments with ${d} numbers each need more than the 4 GB one selection can hold; choose from fewer groups or segments at a time.`,
    );
  const memory = new WebAssembly.Memory({ initial: pages, maximum: mostPages, shared: true });
  const values = new Float32Array(memory.buffer);
  for (let i = 0; i < layout.count; i++) {
    const part = layout.parts[i % layout.workers]!;
    const at = rowAddress(part, Math.floor(i / layout.workers));
    for (let j = 0; j < d; j++) values[at + columnOffset(part, j)] = x[i * d + columns[j]!]!;
  }
  return memory;
}

/** Position of a worker's row, column 0, counted in float32. */
export function rowAddress(part: SlabPart, row: number): number {
  const group = Math.floor(row / groupRows);
  return part.values / 4 + group * (groupBytes / 4) + (row % groupRows);
}

function columnOffset(part: SlabPart, column: number): number {
  const block = Math.floor(column / blockColumns);
  return block * (part.stride / 4) + (column % blockColumns) * groupRows;
}

/** Reads one row into float64 [blocks · 16]. */
export function readRow(values: Float32Array, layout: SlabLayout, row: number, into: Float64Array): void {
  const part = layout.parts[row % layout.workers]!;
  const at = rowAddress(part, Math.floor(row / layout.workers));
  for (let j = 0; j < into.length; j++) into[j] = values[at + columnOffset(part, j)]!;
}

/**
 * Squared distance of a row to a centre, in float64: differences are exact, added in the fixed order of the columns to four
 * running sums, which are added as (a + b) + (c + e).
 */
export function squaredDistance(
  values: Float32Array,
  at: number,
  part: SlabPart,
  centre: Float64Array,
): number {
  const stride = part.stride / 4;
  let a = 0;
  let b = 0;
  let c = 0;
  let e = 0;
  for (let from = 0, block = at; from < centre.length; from += blockColumns, block += stride)
    for (let j = 0; j < blockColumns; j += 4) {
      const i = block + j * groupRows;
      const d0 = values[i]! - centre[from + j]!;
      const d1 = values[i + groupRows]! - centre[from + j + 1]!;
      const d2 = values[i + 2 * groupRows]! - centre[from + j + 2]!;
      const d3 = values[i + 3 * groupRows]! - centre[from + j + 3]!;
      a += d0 * d0;
      b += d1 * d1;
      c += d2 * d2;
      e += d3 * d3;
    }
  return a + b + (c + e);
}
