/** The exact part of k-center as WebAssembly: distances in float32 tell nearly all pairs, float64 decides the rest. */
import {
  advance,
  branchIf,
  f64,
  f64x2,
  i32,
  loop,
  scope,
  sumOfLanes,
  v128,
  wasmFunction,
  whilst,
  type Code,
  type Local,
  type WasmFunction,
} from './assembler.ts';
import { blockColumns, type TableLayout } from './table.ts';

/**
 * For every pair (row, centre as int32) from `pairs` to `end`: when the squared distance is below limits[row], lowers that
 * and writes 16 bytes to `out`: the squared distance as float64, row and centre.
 *
 * Differences are exact; their squares are added in the fixed order of the columns to four running sums, column j to sum
 * j mod 4, which are added as (a + b) + (c + e): the same bits on every machine.
 *
 * @param rows    address of a float32 table of `layout.columns` columns
 * @param limits  address of float64
 * @param centres address of a table like `rows`
 * @returns address after the last entry
 */
export type Decide = (
  pairs: number,
  end: number,
  rows: number,
  limits: number,
  centres: number,
  out: number,
) => number;

const blockBytes = blockColumns * 4;
/** Columns after which a distance may be given up: it rarely is before. */
const checkedBytes = 64 * 4;
/** Below, squares are too small for float32. */
const tiny = 1e-37;

export function decideKernel({ columns }: TableLayout): WasmFunction {
  // a float32 sum of w squares of differences is off by less than (w + 3) · 2⁻²⁴ of itself
  const margin = 1 + (columns + 8) * 2 ** -23;
  return wasmFunction('decide', ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], 'i32', (parameters, local) => {
    const [pair, end, rows, limits, centres, out] = parameters as [Local, Local, Local, Local, Local, Local];
    const [row, rowEnd, centre, limit] = [local('i32'), local('i32'), local('i32'), local('i32')];
    const checkAt = local('i32');
    const [most, wider, sum] = [local('f64'), local('f64'), local('f64')];
    const [even, odd, difference] = [local('v128'), local('v128'), local('v128')];
    const startOf = (table: Local, index: Code) => i32.add(table.get, i32.mul(index, i32.of(columns * 4)));

    const addFour = (into: Local, at: number): Code => [
      ...difference.set(v128.sub(v128.load(row.get, at), v128.load(centre.get, at))),
      ...into.set(v128.add(into.get, v128.mul(difference.get, difference.get))),
    ];
    const addTwo = (into: Local, at: number): Code => [
      ...difference.set(
        f64x2.sub(f64x2.promote(v128.loadLow(row.get, at)), f64x2.promote(v128.loadLow(centre.get, at))),
      ),
      ...into.set(f64x2.add(into.get, f64x2.mul(difference.get, difference.get))),
    ];
    const begin: Code[] = [
      row.set(startOf(rows, i32.load(pair.get))),
      centre.set(startOf(centres, i32.load(pair.get, 4))),
      even.set(v128.zero),
      odd.set(v128.zero),
    ];
    /** Goes through both rows; leaves the scope around it when a check holds. */
    const throughColumns = (block: Code, isTooFar: Code): Code =>
      loop(
        checkAt.set(i32.smaller(i32.add(row.get, i32.of(checkedBytes)), rowEnd.get)),
        loop(
          block,
          advance(centre, blockBytes),
          branchIf(0, i32.less(row.tee(i32.add(row.get, i32.of(blockBytes))), checkAt.get)),
        ),
        // squares are only added, so a sum that has reached the limit does not come back below it
        branchIf(1, isTooFar),
        branchIf(0, i32.less(row.get, rowEnd.get)),
      );
    const exact = f64.add(
      f64.add(f64x2.lane(even.get, 0), f64x2.lane(even.get, 1)),
      f64.add(f64x2.lane(odd.get, 0), f64x2.lane(odd.get, 1)),
    );
    const measure: Code[] = [
      ...begin,
      rowEnd.set(i32.add(row.get, i32.of(columns * 4))),
      limit.set(i32.add(limits.get, i32.shiftLeft(i32.load(pair.get), i32.of(3)))),
      most.set(f64.load(limit.get)),
      wider.set(f64.add(f64.mul(most.get, f64.of(margin)), f64.of(tiny))),
      throughColumns(
        Array.from({ length: blockBytes / 16 }, (_, i) => addFour(i % 2 ? odd : even, 16 * i)).flat(),
        f64.notLess(f64.promote(sumOfLanes(local, v128.add(even.get, odd.get))), wider.get),
      ),
      ...begin,
      throughColumns(
        Array.from({ length: blockBytes / 16 }, (_, i) => [
          ...addTwo(even, 16 * i),
          ...addTwo(odd, 16 * i + 8),
        ]).flat(),
        f64.notLess(sum.tee(exact), most.get),
      ),
      f64.store(limit.get, sum.get),
      f64.store(out.get, sum.get),
      i32.store(out.get, i32.load(pair.get), 8),
      i32.store(out.get, i32.load(pair.get, 4), 12),
      advance(out, 16),
    ];
    return [...whilst(i32.less(pair.get, end.get), scope(...measure), advance(pair, 8)), ...out.get];
  });
}
