/** Rows against one vector, and the sum of rows: the steps of every bias, gain and norm. */
import {
  add,
  addVectors,
  count,
  get,
  greater,
  int,
  less,
  loadVector,
  mul,
  mulVectors,
  set,
  shiftLeft,
  storeVector,
  sub,
  subVectors,
  when,
  whilst,
  zeroVector,
  type Code,
  type WasmFunction,
} from './assembler.ts';

/** Named as the operations of tfjs that they stand in for. */
export const rowOperations = ['Add', 'Sub', 'Multiply'] as const;

const instructions = { Add: addVectors, Sub: subVectors, Multiply: mulVectors };

export function rowFunctions(): WasmFunction[] {
  return [sumRows(), ...rowOperations.map(rowOperation)];
}

/** Add(rows, n, x, v, out): out[rows, n] = x[rows, n] + v[n]; n a multiple of 4. */
function rowOperation(name: (typeof rowOperations)[number]): WasmFunction {
  const [rows, n, x, v, out] = [0, 1, 2, 3, 4] as const;
  const [row, at, vector] = [5, 6, 7] as const;
  return {
    name,
    params: 5,
    locals: ['i32', 'i32', 'i32'],
    body: count(row, get(rows), int(1), [
      ...set(vector, get(v)),
      ...count(at, get(n), int(4), [
        ...storeVector(get(out), instructions[name](loadVector(get(x)), loadVector(get(vector)))),
        ...set(x, add(get(x), int(16))),
        ...set(out, add(get(out), int(16))),
        ...set(vector, add(get(vector), int(16))),
      ]),
    ]),
  };
}

/** sumRows(rows, n, x, out): out[n] = Σ x[rows, n]; n ≥ 4. Eight vectors of columns at a time stay in registers. */
function sumRows(): WasmFunction {
  const [rows, n, x, out] = [0, 1, 2, 3] as const;
  const [column, source, row, step] = [4, 5, 6, 7] as const;
  const sum = (v: number) => 8 + v;
  const each = (vectors: number, make: (v: number) => Code): Code =>
    Array.from({ length: vectors }, (_, v) => make(v)).flat();
  const columns = (vectors: number): Code => [
    ...set(source, add(get(x), shiftLeft(get(column), int(2)))),
    ...each(vectors, (v) => set(sum(v), zeroVector)),
    ...count(row, get(rows), int(1), [
      ...each(vectors, (v) => set(sum(v), addVectors(get(sum(v)), loadVector(get(source), 16 * v)))),
      ...set(source, add(get(source), get(step))),
    ]),
    ...each(vectors, (v) => storeVector(add(get(out), shiftLeft(get(column), int(2))), get(sum(v)), 16 * v)),
    ...set(column, add(get(column), int(4 * vectors))),
  ];
  const left = sub(get(n), get(column));
  return {
    name: 'sumRows',
    params: 4,
    locals: ['i32', 'i32', 'i32', 'i32', ...Array<'v128'>(8).fill('v128')],
    body: [
      ...set(step, mul(get(n), int(4))),
      ...whilst(greater(left, int(31)), columns(8)),
      ...whilst(greater(left, int(3)), columns(1)),
      // The last few once more as part of a whole vector that ends with them.
      ...when(less(get(column), get(n)), [...set(column, sub(get(n), int(4))), ...columns(1)]),
    ],
  };
}
