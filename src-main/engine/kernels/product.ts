/**
 * Matrix products in WebAssembly SIMD: batched, either operand transposed, no copies of whole matrices.
 *
 * Blocks of 4 × 8 (or 4 × 4) results stay in registers; 8 columns of the right operand are packed 256 rows at a time. The
 * left operand is read value by value at any stride, so its transpose costs nothing. Multiply and add round separately:
 * the same results on every machine.
 */
import {
  add,
  addVectors,
  call,
  count,
  equal,
  get,
  greater,
  int,
  less,
  loadFloat,
  loadSplat,
  loadVector,
  mul,
  mulVectors,
  set,
  shiftLeft,
  smaller,
  storeFloat,
  storeLane,
  storeVector,
  sub,
  when,
  zeroVector,
  and,
  type Code,
  type WasmFunction,
} from './assembler.ts';

const rowsAtOnce = 4;
const depthAtOnce = 256;

/** Bytes of scratch that `product` needs. */
export const panelBytes = depthAtOnce * 8 * 4;

/** Blocks of 1 … 4 rows by one or two vectors of columns, then `product`, which calls them. Must come first in a module. */
export function productFunctions(): WasmFunction[] {
  const blocks = [1, 2].flatMap((vectors) =>
    Array.from({ length: rowsAtOnce }, (_, i) => block(i + 1, vectors)),
  );
  return [...blocks, product()];
}

const blockIndex = (rows: number, vectors: number) => (vectors - 1) * rowsAtOnce + rows - 1;

/**
 * block(a, aRow, aColumn, panel, depth, c, cRow, onto, width): c[rows, width] = (onto ? c : 0) + a[rows, depth] · panel.
 * Steps are in bytes.
 */
function block(rows: number, vectors: number): WasmFunction {
  const [a, aRow, aColumn, panel, depth, c, cRow, onto, width] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  const pointer = (r: number) => 9 + r;
  const right = (v: number) => 9 + rows + v;
  const sum = (r: number, v: number) => 9 + rows + vectors + r * vectors + v;
  const splat = 9 + rows + vectors + rows * vectors;
  const each = (make: (r: number, v: number) => Code): Code =>
    Array.from({ length: rows * vectors }, (_, i) => make(Math.floor(i / vectors), i % vectors)).flat();
  const eachRow = (make: (r: number) => Code): Code => Array.from({ length: rows }, (_, r) => make(r)).flat();
  const eachVector = (make: (v: number) => Code): Code =>
    Array.from({ length: vectors }, (_, v) => make(v)).flat();

  const start = eachRow((r) => set(pointer(r), r === 0 ? get(a!) : add(get(pointer(r - 1)), get(aRow!))));
  const inner: Code = [
    ...eachVector((v) => set(right(v), loadVector(get(panel!), 16 * v))),
    ...eachRow((r) => [
      ...set(splat, loadSplat(get(pointer(r)))),
      ...eachVector((v) => set(sum(r, v), addVectors(get(sum(r, v)), mulVectors(get(splat), get(right(v)))))),
      ...set(pointer(r), add(get(pointer(r)), get(aColumn!))),
    ]),
    ...set(panel!, add(get(panel!), int(16 * vectors))),
    ...set(depth!, sub(get(depth!), int(1))),
  ];
  const storeRow = (r: number): Code => [
    ...when(
      get(onto!),
      eachVector((v) => set(sum(r, v), addVectors(get(sum(r, v)), loadVector(get(c!), 16 * v)))),
    ),
    ...when(
      equal(get(width!), int(4 * vectors)),
      eachVector((v) => storeVector(get(c!), get(sum(r, v)), 16 * v)),
      Array.from({ length: 4 * vectors - 1 }, (_, lane) =>
        when(greater(get(width!), int(lane)), storeLane(get(c!), get(sum(r, lane >> 2)), lane & 3, 4 * lane)),
      ).flat(),
    ),
    ...set(c!, add(get(c!), get(cRow!))),
  ];
  return {
    name: `block${rows}x${vectors}`,
    params: 9,
    locals: [...Array<'i32'>(rows).fill('i32'), ...Array<'v128'>(vectors + rows * vectors + 1).fill('v128')],
    body: [
      ...start,
      ...each((r, v) => set(sum(r, v), zeroVector)),
      ...[0x03, 0x40, ...inner, ...get(depth!), 0x0d, 0, 0x0b],
      ...eachRow(storeRow),
    ],
  };
}

/**
 * product(batch, m, n, k, a, aBatch, aRow, aColumn, b, bBatch, bRow, bColumn, c, panel): for every batch c[m, n] = a[m, k] · b[k, n],
 * c dense. Steps are in bytes, so a transpose is a swap of two of them. k ≥ 1.
 */
function product(): WasmFunction {
  const [batch, m, n, k, a, aBatch, aRow, aColumn, b, bBatch, bRow, bColumn, c, panel] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
  ] as const;
  const [item, from, depth, column, width, row, left, at, source, target, lane, cRow] = [
    14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
  ] as const;
  const aAt = add(get(a), add(mul(get(row), get(aRow)), mul(get(from), get(aColumn))));
  const cAt = add(get(c), add(mul(get(row), get(cRow)), shiftLeft(get(column), int(2))));
  const bAt = add(get(b), add(mul(get(from), get(bRow)), mul(get(column), get(bColumn))));
  const run = (rows: number, vectors: number) =>
    call(
      blockIndex(rows, vectors),
      aAt,
      get(aRow),
      get(aColumn),
      get(panel),
      get(depth),
      cAt,
      get(cRow),
      greater(get(from), int(0)),
      get(width),
    );
  const remainder = (vectors: number) =>
    Array.from({ length: rowsAtOnce - 1 }, (_, i) =>
      when(equal(get(left), int(i + 1)), run(i + 1, vectors)),
    ).flat();
  const columns = (vectors: number): Code => [
    ...pack(vectors),
    ...set(row, int(0)),
    ...set(left, get(m)),
    ...[
      ...[0x02, 0x40, 0x03, 0x40],
      ...less(get(left), int(rowsAtOnce)),
      ...[0x0d, 1],
      ...run(rowsAtOnce, vectors),
      ...set(row, add(get(row), int(rowsAtOnce))),
      ...set(left, sub(get(left), int(rowsAtOnce))),
      ...[0x0c, 0, 0x0b, 0x0b],
    ],
    ...remainder(vectors),
  ];
  /** Lays `depth` rows of `width` columns densely into the panel; lanes beyond stay what they are and are not stored. */
  function pack(vectors: number): Code {
    const whole = and(equal(get(width), int(4 * vectors)), equal(get(bColumn), int(4)));
    const step = 16 * vectors;
    return when(
      whole,
      [
        ...set(source, bAt),
        ...set(target, get(panel)),
        ...count(at, get(depth), int(1), [
          ...Array.from({ length: vectors }, (_, v) =>
            storeVector(get(target), loadVector(get(source), 16 * v), 16 * v),
          ).flat(),
          ...set(source, add(get(source), get(bRow))),
          ...set(target, add(get(target), int(step))),
        ]),
      ],
      count(lane, get(width), int(1), [
        ...set(source, add(bAt, mul(get(lane), get(bColumn)))),
        ...set(target, add(get(panel), shiftLeft(get(lane), int(2)))),
        ...count(at, get(depth), int(1), [
          ...storeFloat(get(target), loadFloat(get(source))),
          ...set(source, add(get(source), get(bRow))),
          ...set(target, add(get(target), int(step))),
        ]),
      ]),
    );
  }
  return {
    name: 'product',
    params: 14,
    locals: Array<'i32'>(12).fill('i32'),
    body: [
      ...set(cRow, shiftLeft(get(n), int(2))),
      ...count(item, get(batch), int(1), [
        ...count(from, get(k), int(depthAtOnce), [
          ...set(depth, smaller(int(depthAtOnce), sub(get(k), get(from)))),
          ...count(column, get(n), int(8), [
            ...set(width, smaller(int(8), sub(get(n), get(column)))),
            ...when(greater(get(width), int(4)), columns(2), columns(1)),
          ]),
        ]),
        ...set(a, add(get(a), get(aBatch))),
        ...set(b, add(get(b), get(bBatch))),
        ...set(c, add(get(c), mul(get(m), get(cRow)))),
      ]),
    ],
  };
}
