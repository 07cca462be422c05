/** How the rows lie in the memory that the selection threads share: leaf by leaf, sixteen rows to a group. */
import { AppError } from '#shared/errors.ts';

/** Rows whose bounds are computed together. */
export const groupRows = 16;
/** Columns after which an exact distance may be given up; tables are filled up with zeros to a multiple of it. */
export const blockColumns = 16;
/** Axes are filled up with zeros to a multiple of this. */
export const axesAtOnce = 4;
/** Most rows of a leaf: sixteen groups of sixteen would loosen its bounds, fewer than four make its overhead felt. */
export const leafRows = 128;
/** Pages of 64 KiB a memory may have: 4 GiB. */
export const mostPages = 65_536;
/** Centres chosen in one round. */
export const mostCentres = 128;
/** Centres that a leaf is brought up to date with before its bounds are drawn anew. */
export const centresAtOnce = 64;
/** Rows that the greedy choice looks at between two passes over all rows. */
export const mostFront = 4096;

export interface TableLayout {
  /** Rows in the table; slots are counted from 0 in the order of the leaves. */
  rows: number;
  /** Rows given, left-out ones included. */
  allRows: number;
  groups: number;
  leaves: number;
  /** Centres at most. */
  centres: number;
  workers: number;
  /** Multiple of `blockColumns`. */
  columns: number;
  /** Multiple of `axesAtOnce`. */
  axes: number;
  /** Bytes of a point as the bounds see it: its columns, centred and scaled, then its coordinates along the axes. */
  boundBytes: number;
  /** Byte addresses. */
  at: {
    control: number;
    /** [slots, columns] float32, the values as given, columns by falling variance. */
    values: number;
    /** [slots] float64, squared distance to the nearest centre; −1 in slots without a row. */
    squared: number;
    /** [slots] int32, and its reverse [allRows]. */
    rowOf: number;
    slotOf: number;
    /** [slots] int32, position of the nearest centre in the order. */
    owner: number;
    /** [groups, axes, 16] float32: along the axes, from the pivot of the leaf. */
    coordinates: number;
    /** [groups, 16] float32; see `bounds.ts`. */
    rests: number;
    radii: number;
    heights: number;
    /** [groups], [leaves] float32: centres this far from the pivot change nothing in the group, the leaf. */
    groupReach: number;
    leafReach: number;
    /** [leaves] float64: largest squared distance in the leaf. */
    leafFarthest: number;
    /** [leaves + 1], [leaves] int32: its first group, centres it is up to date with. */
    leafGroup: number;
    leafApplied: number;
    /** [leaves] bound points: the middle of each leaf. */
    pivots: number;
    /** [centres] by position: values as given, and bound points. */
    centres: number;
    bounds: number;
    /** By worker: the farthest rows it knows, and room to work. */
    fronts: number[];
    scratch: number[];
  };
  /** Bytes of each worker's front and scratch. */
  frontBytes: number;
  bytes: number;
}

export interface TableSize {
  rows: number;
  allRows: number;
  leaves: number;
  centres: number;
  columns: number;
  axes: number;
  workers: number;
}

/** @throws AppError 'unsupported' above 4 GiB */
export function layOutTable(size: TableSize): TableLayout {
  const { rows, allRows, leaves, centres, workers } = size;
  const columns = roundUp(size.columns, blockColumns);
  const axes = roundUp(size.axes, axesAtOnce);
  const groups = Math.ceil(rows / groupRows);
  const slots = groups * groupRows;
  const boundBytes = 4 * (columns + axes);
  let end = 0;
  const take = (bytes: number) => {
    const address = end;
    end += roundUp(bytes, 64);
    return address;
  };
  const frontBytes = 64 + 12 * mostFront;
  const at = {
    control: take(64),
    values: take(4 * slots * columns),
    squared: take(8 * slots),
    rowOf: take(4 * slots),
    slotOf: take(4 * allRows),
    owner: take(4 * slots),
    coordinates: take(4 * slots * axes),
    rests: take(4 * slots),
    radii: take(4 * slots),
    heights: take(4 * slots),
    groupReach: take(4 * groups),
    leafReach: take(4 * leaves),
    leafFarthest: take(8 * leaves),
    leafGroup: take(4 * (leaves + 1)),
    leafApplied: take(4 * leaves),
    pivots: take(boundBytes * leaves),
    centres: take(4 * columns * centres),
    bounds: take(boundBytes * centres),
    fronts: Array.from({ length: workers }, () => take(frontBytes)),
    scratch: Array.from({ length: workers }, () => take(scratchSizes(columns, axes).bytes)),
  };
  if (end > mostPages * 65_536)
    throw new AppError(
      'unsupported',
      `${rows} segments with ${size.columns} numbers each need more than the 4 GB one selection can hold; choose from fewer groups or segments at a time.`,
    );
  return {
    rows,
    allRows,
    groups,
    leaves,
    centres,
    workers,
    columns,
    axes,
    boundBytes,
    at,
    frontBytes,
    bytes: end,
  };
}

/** Offsets within a worker's scratch. */
export function scratchSizes(columns: number, axes: number) {
  let end = 0;
  const take = (bytes: number) => {
    const offset = end;
    end += roundUp(bytes, 64);
    return offset;
  };
  const pairs = Math.max(leafRows * centresAtOnce, mostFront);
  return {
    axes: take(4 * axes),
    pairs: take(8 * pairs),
    nearer: take(16 * pairs),
    /** The front's rows and one more, and their squared distances. */
    front: take(4 * columns * (mostFront + 1)),
    frontSquared: take(8 * (mostFront + 1)),
    bytes: end,
  };
}

export function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
