/**
 * The inner loop of k-center as WebAssembly with 128-bit vectors: a lower bound of the distance, sixteen rows at a time, finds
 * the few rows that a new centre may be nearer to. `bounds.ts` says why no other row can be.
 */
import {
  advance,
  branchIf,
  f32,
  i32,
  loop,
  scope,
  sumOfLanes,
  v128,
  wasmFunction,
  whilst,
  type Code,
  type Local,
  type ValueType,
  type WasmFunction,
} from './assembler.ts';
import type { Tolerance } from './bounds.ts';
import { axesAtOnce, blockColumns, groupRows, type TableLayout } from './table.ts';

/**
 * For `count` centres of a batch and the rows of one leaf: writes every pair whose distance may be below the row's present
 * one to `out` as two int32, row and centre (from 0), by centre.
 *
 * @param centres address of bound rows, `layout.boundBytes` each
 * @returns address after the last pair
 */
export type Scan = (
  leaf: number,
  firstGroup: number,
  groups: number,
  centres: number,
  count: number,
  out: number,
) => number;

type MultiplyAdd = (a: Code, b: Code, c: Code) => Code;
type NewLocal = (type: ValueType) => Local;

/** The vectors that hold one value of each row of a group. */
const quarters = [0, 1, 2, 3] as const;
const vectorBytes = 16;
const groupBytes = groupRows * 4;

/**
 * @param scratch address of `layout.axes` floats
 * @param fused   whether a · b + c may be one instruction
 */
export function scanKernel(
  { columns, axes, at, boundBytes }: TableLayout,
  { relative, absolute }: Tolerance,
  scratch: number,
  fused: boolean,
): WasmFunction {
  return wasmFunction('scan', ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], 'i32', (parameters, local) => {
    const [leaf, firstGroup, groups, centre, count, out] = parameters as Six;
    const [pivot, index, group, groupEnd, row, found] = Array.from({ length: 6 }, () => local('i32')) as Six;
    const axis = local('i32');
    const [leafReach, squared, distance, alongAxes, rest] = Array.from({ length: 5 }, () =>
      local('f32'),
    ) as Six;
    const [height, restVector, value] = [local('v128'), local('v128'), local('v128')];
    const sums = quarters.map(() => local('v128'));
    const ofGroup = (base: number, quarter: number): Code =>
      v128.load(i32.shiftLeft(group.get, i32.of(6)), base + quarter * vectorBytes);
    const multiplyAdd: MultiplyAdd = (a, b, c) =>
      fused ? v128.multiplyAdd(a, b, c) : v128.add(v128.mul(a, b), c);

    const addAxis = (step: number): Code => [
      ...value.set(v128.loadSplat(axis.get, scratch + 4 * step)),
      ...sums.flatMap((sum, quarter) =>
        sum.set(
          multiplyAdd(
            value.get,
            v128.load(row.get, at.coordinates + step * groupBytes + quarter * vectorBytes),
            sum.get,
          ),
        ),
      ),
    ];
    const suspects = sums
      .map((sum, quarter) =>
        i32.shiftLeft(
          v128.bits(v128.greater(sum.get, v128.add(height.get, ofGroup(at.heights, quarter)))),
          i32.of(4 * quarter),
        ),
      )
      .reduce((a, b) => i32.or(a, b));
    const visitGroup: Code[] = [
      branchIf(0, f32.notLess(distance.get, f32.load(i32.shiftLeft(group.get, i32.of(2)), at.groupReach))),
      sums.flatMap((sum, quarter) => sum.set(v128.mul(restVector.get, ofGroup(at.rests, quarter)))),
      row.set(i32.mul(group.get, i32.of(axes * groupBytes))),
      axis.set(i32.of(0)),
      loop(
        Array.from({ length: axesAtOnce }, (_, step) => addAxis(step)).flat(),
        advance(row, axesAtOnce * groupBytes),
        branchIf(0, i32.less(axis.tee(i32.add(axis.get, i32.of(4 * axesAtOnce))), i32.of(4 * axes))),
      ),
      found.set(suspects),
      whilst(
        found.get,
        i32.store(out.get, i32.add(i32.shiftLeft(group.get, i32.of(4)), i32.lowestBit(found.get))),
        i32.store(out.get, index.get, 4),
        advance(out, 8),
        found.set(i32.and(found.get, i32.sub(found.get, i32.of(1)))),
      ),
    ];
    const visitLeaf: Code[] = [
      branchIf(0, f32.notLess(distance.get, leafReach.get)),
      project(
        local,
        { axes, centre, pivot, from: columns * 4, pivots: at.pivots, scratch, squared: alongAxes },
        multiplyAdd,
      ),
      // length of what is left of the centre outside the axes, never too small
      rest.set(f32.add(f32.mul(distance.get, f32.of(1 + relative)), f32.of(2 * absolute))),
      restVector.set(
        v128.splat(f32.sqrt(f32.max(f32.of(0), f32.sub(f32.mul(rest.get, rest.get), alongAxes.get)))),
      ),
      height.set(
        v128.splat(
          f32.sub(f32.mul(squared.get, f32.of(0.5 - relative)), f32.mul(distance.get, f32.of(absolute))),
        ),
      ),
      group.set(firstGroup.get),
      whilst(i32.less(group.get, groupEnd.get), scope(...visitGroup), advance(group, 1)),
    ];
    return [
      ...pivot.set(i32.mul(leaf.get, i32.of(boundBytes))),
      ...leafReach.set(f32.load(i32.shiftLeft(leaf.get, i32.of(2)), at.leafReach)),
      ...groupEnd.set(i32.add(firstGroup.get, groups.get)),
      ...whilst(
        i32.less(index.get, count.get),
        squareDifference(local, { columns, centre, pivot, pivots: at.pivots, squared }, multiplyAdd),
        distance.set(f32.sqrt(squared.get)),
        scope(...visitLeaf),
        advance(centre, boundBytes),
        advance(index, 1),
      ),
      ...out.get,
    ];
  });
}

type Six = [Local, Local, Local, Local, Local, Local];

/** `squared` = |centre − pivot|² over all columns. */
function squareDifference(
  local: NewLocal,
  given: { columns: number; centre: Local; pivot: Local; pivots: number; squared: Local },
  multiplyAdd: MultiplyAdd,
): Code {
  const { columns, centre, pivot, pivots, squared } = given;
  const [at, end] = [local('i32'), local('i32')];
  const other = local('i32');
  const sums = [local('v128'), local('v128')];
  const difference = local('v128');
  const step = (i: number): Code => {
    const sum = sums[i % sums.length]!;
    return [
      ...difference.set(
        v128.sub(v128.load(at.get, i * vectorBytes), v128.load(other.get, pivots + i * vectorBytes)),
      ),
      ...sum.set(multiplyAdd(difference.get, difference.get, sum.get)),
    ];
  };
  const blockBytes = blockColumns * 4;
  return [
    ...at.set(centre.get),
    ...other.set(pivot.get),
    ...end.set(i32.add(centre.get, i32.of(columns * 4))),
    ...sums.flatMap((sum) => sum.set(v128.zero)),
    ...loop(
      Array.from({ length: blockBytes / vectorBytes }, (_, i) => step(i)).flat(),
      advance(other, blockBytes),
      branchIf(0, i32.less(at.tee(i32.add(at.get, i32.of(blockBytes))), end.get)),
    ),
    ...squared.set(sumOfLanes(local, v128.add(sums[0]!.get, sums[1]!.get))),
  ];
}

/** Writes centre − pivot along the axes to the scratch; `squared` = its squared length. */
function project(
  local: NewLocal,
  given: {
    axes: number;
    centre: Local;
    pivot: Local;
    from: number;
    pivots: number;
    scratch: number;
    squared: Local;
  },
  multiplyAdd: MultiplyAdd,
): Code {
  const { axes, centre, pivot, from, pivots, scratch, squared } = given;
  const [sum, difference] = [local('v128'), local('v128')];
  const step = (offset: number): Code => [
    ...difference.set(
      v128.sub(v128.load(centre.get, from + offset), v128.load(pivot.get, pivots + from + offset)),
    ),
    ...v128.store(i32.of(0), difference.get, scratch + offset),
    ...sum.set(multiplyAdd(difference.get, difference.get, sum.get)),
  ];
  return [
    ...sum.set(v128.zero),
    ...Array.from({ length: (axes * 4) / vectorBytes }, (_, i) => step(i * vectorBytes)).flat(),
    ...squared.set(sumOfLanes(local, sum.get)),
  ];
}
