/** The inner loops of growing leaves as WebAssembly with 128-bit vectors: coordinates along the axes, and sides of a plane. */
import {
  advance,
  assemble,
  branchIf,
  f32,
  i32,
  loop,
  sumOfLanes,
  v128,
  wasmFunction,
  whilst,
  type Code,
  type Local,
  type WasmFunction,
} from './assembler.ts';
import { mostPages } from './table.ts';

/** All sizes in bytes are multiples of 16, all addresses in bytes. */
export interface LeafKernels {
  /**
   * Coordinates of rows, one after the other: Σ (row[j] − origin[j]) · direction[j].
   *
   * @param rows       float32 [count, d]
   * @param origin     float32 [d]
   * @param directions float32 [d, axes]: all axes of a column together
   * @param into       float32 [count, axes]
   */
  project(rows: number, count: number, origin: number, directions: number, into: number): void;
  /**
   * Which side of a plane rows are on: coordinates · normal − offset.
   *
   * @param order int32, rows of `coordinates`, from one address to before another
   * @param into  float32, in the order of `order`
   * @returns how many are below 0
   */
  side(order: number, end: number, coordinates: number, normal: number, offset: number, into: number): number;
}

/** Vectors of four axes that are added up at once. */
const mostSums = 6;

/** @param axes multiple of 4 */
export function loadLeafKernels(memory: WebAssembly.Memory, d: number, axes: number): LeafKernels {
  const bytes = assemble([projectKernel(d, axes), sideKernel(axes)], mostPages);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { host: { memory } });
  return {
    project: exports['project'] as LeafKernels['project'],
    side: exports['side'] as LeafKernels['side'],
  };
}

function projectKernel(d: number, axes: number): WasmFunction {
  return wasmFunction('project', ['i32', 'i32', 'i32', 'i32', 'i32'], null, (parameters, local) => {
    const [row, count, origin, directions, into] = parameters as [Local, Local, Local, Local, Local];
    const [column, direction] = [local('i32'), local('i32')];
    const value = local('v128');
    const sums = Array.from({ length: mostSums }, () => local('v128'));
    const vectors = axes / 4;
    const addUp = (from: number): Code => {
      const used = sums.slice(0, Math.min(mostSums, vectors - from));
      return [
        ...used.flatMap((sum) => sum.set(v128.zero)),
        ...direction.set(directions.get),
        ...column.set(i32.of(0)),
        ...loop(
          value.set(
            v128.splat(
              f32.sub(f32.load(i32.add(row.get, column.get)), f32.load(i32.add(origin.get, column.get))),
            ),
          ),
          used.flatMap((sum, i) =>
            sum.set(v128.add(sum.get, v128.mul(value.get, v128.load(direction.get, 16 * (from + i))))),
          ),
          advance(direction, 16 * vectors),
          branchIf(0, i32.less(column.tee(i32.add(column.get, i32.of(4))), i32.of(4 * d))),
        ),
        ...used.flatMap((sum, i) => v128.store(into.get, sum.get, 16 * (from + i))),
      ];
    };
    return whilst(
      count.get,
      ...Array.from({ length: Math.ceil(vectors / mostSums) }, (_, i) => addUp(i * mostSums)),
      advance(row, 4 * d),
      advance(into, 16 * vectors),
      advance(count, -1),
    );
  });
}

function sideKernel(axes: number): WasmFunction {
  return wasmFunction('side', ['i32', 'i32', 'i32', 'i32', 'f32', 'i32'], 'i32', (parameters, local) => {
    const [order, end, coordinates, normal, offset, into] = parameters as [
      Local,
      Local,
      Local,
      Local,
      Local,
      Local,
    ];
    const [row, below] = [local('i32'), local('i32')];
    const sum = local('v128');
    const value = local('f32');
    return [
      ...whilst(
        i32.less(order.get, end.get),
        row.set(i32.add(coordinates.get, i32.mul(i32.load(order.get), i32.of(4 * axes)))),
        sum.set(v128.zero),
        Array.from({ length: axes / 4 }, (_, i) =>
          sum.set(v128.add(sum.get, v128.mul(v128.load(row.get, 16 * i), v128.load(normal.get, 16 * i)))),
        ).flat(),
        value.set(f32.sub(sumOfLanes(local, sum.get), offset.get)),
        f32.store(into.get, value.get),
        below.set(i32.add(below.get, f32.less(value.get, f32.of(0)))),
        advance(order, 4),
        advance(into, 4),
      ),
      ...below.get,
    ];
  });
}
