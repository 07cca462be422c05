/**
 * The inner loop of k-center as a WebAssembly function with 128-bit vectors, written opcode by opcode: finds rows that may be
 * nearer to a new centre than to their present one, four rows at a time, giving up on four as soon as none can be.
 */

/** Columns per block; after each block a group is dropped when all four partial sums have reached their limits. */
export const blockColumns = 16;
/** Rows per group: the lanes of a vector. */
export const groupRows = 4;

/**
 * `scan(rows, stride, blocks, limits, centre, groups, out)`, addresses in bytes:
 * rows    float32 [blocks][groups][16 columns][4 rows], `stride` bytes from block to block
 * limits  float32 [groups][4]: squared distance from which on a row is of no interest
 * centre  float32 [blocks · 16][4], every value four times
 * out     int32: numbers of the rows whose squared distance, summed in float32, is below the limit; ascending
 * Returns how many.
 */
export type Scan = (
  rows: number,
  stride: number,
  blocks: number,
  limits: number,
  centre: number,
  groups: number,
  out: number,
) => number;

/** Pages of 64 KiB a memory may have: 4 GiB. */
export const mostPages = 65_536;

export function loadScan(memory: WebAssembly.Memory): Scan {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(assemble()), { host: { memory } });
  return instance.exports['scan'] as Scan;
}

// Locals of the function. The first seven are its parameters.
const [rows, stride, blocks, limits, centre, groups, out] = [0, 1, 2, 3, 4, 5, 6] as const;
const [group, outStart, block, rowAt, mask, centreAt] = [7, 8, 9, 10, 11, 12] as const;
const sums = [13, 14, 15, 16];
const [limit, difference] = [17, 18] as const;

const i32 = 0x7f;
const v128 = 0x7b;
const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
const tee = (local: number) => [0x22, local];
const i32Const = (value: number) => [0x41, ...signedLeb(value)];
const i32Add = [0x6a];
const i32Sub = [0x6b];
const i32And = [0x71];
const i32ShiftLeft = [0x74];
const i32ShiftRight = [0x76];
const i32IsZero = [0x45];
const i32Store = [0x36, 2, 0];
const simd = (...code: number[]) => [0xfd, ...code];
const vectorLoad = (offset: number) => simd(0x00, 4, ...leb(offset));
const vectorZero = simd(0x0c, ...new Array<number>(16).fill(0));
const floatsLess = simd(0x43);
const laneMask = simd(0xa4, 0x01);
const floatsAdd = simd(0xe4, 0x01);
const floatsSubtract = simd(0xe5, 0x01);
const floatsMultiply = simd(0xe6, 0x01);
const loop = [0x03, 0x40];
const scope = [0x02, 0x40];
const end = [0x0b];
const branchIf = (depth: number) => [0x0d, depth];
const advance = (local: number, by: number[]) => [...get(local), ...by, ...i32Add, ...set(local)];

function body(): number[] {
  const columns = Array.from({ length: blockColumns }, (_, j) => {
    const sum = sums[j % sums.length]!;
    return [
      ...get(rowAt),
      ...vectorLoad(16 * j),
      ...get(centreAt),
      ...vectorLoad(16 * j),
      ...floatsSubtract,
      ...tee(difference),
      ...get(difference),
      ...floatsMultiply,
      ...get(sum),
      ...floatsAdd,
      ...set(sum),
    ];
  }).flat();
  const nextBlock = [
    ...advance(rowAt, get(stride)),
    ...advance(centreAt, i32Const(16 * blockColumns)),
    ...get(block),
    ...i32Const(1),
    ...i32Sub,
    ...tee(block),
  ];
  // each lane writes its row number, and the address moves on only if its bit is set
  const survivors = [0, 1, 2, 3].flatMap((lane) => [
    ...get(out),
    ...get(group),
    ...i32Const(lane),
    ...i32Add,
    ...i32Store,
    ...get(out),
    ...get(mask),
    ...i32Const(lane),
    ...i32ShiftRight,
    ...i32Const(1),
    ...i32And,
    ...i32Const(2),
    ...i32ShiftLeft,
    ...i32Add,
    ...set(out),
  ]);
  return [
    ...[...get(out), ...set(outStart)],
    ...scope, // depth from inside the outer loop: 1
    ...[...get(groups), ...i32IsZero, ...branchIf(0)],
    ...loop,
    ...[...get(limits), ...vectorLoad(0), ...set(limit)],
    ...sums.flatMap((sum) => [...vectorZero, ...set(sum)]),
    ...[...get(rows), ...set(rowAt), ...get(centre), ...set(centreAt), ...get(blocks), ...set(block)],
    ...scope,
    ...loop,
    ...columns,
    ...[...get(sums[0]!), ...get(sums[1]!), ...floatsAdd],
    ...[...get(sums[2]!), ...get(sums[3]!), ...floatsAdd, ...floatsAdd],
    ...[...get(limit), ...floatsLess, ...laneMask, ...tee(mask)],
    ...[...i32IsZero, ...branchIf(1)],
    ...[...nextBlock, ...branchIf(0)],
    ...end,
    ...survivors,
    ...end,
    ...advance(rows, i32Const(16 * blockColumns)),
    ...advance(limits, i32Const(16)),
    ...advance(group, i32Const(groupRows)),
    ...[...get(groups), ...i32Const(1), ...i32Sub, ...tee(groups), ...branchIf(0)],
    ...end,
    ...end,
    ...[...get(out), ...get(outStart), ...i32Sub, ...i32Const(2), ...i32ShiftRight],
    ...end,
  ];
}

function assemble(): Uint8Array<ArrayBuffer> {
  const name = (text: string) => [text.length, ...[...text].map((letter) => letter.charCodeAt(0))];
  const section = (id: number, content: number[]) => [id, ...leb(content.length), ...content];
  const locals = [2, 6, i32, 6, v128];
  const code = [...locals, ...body()];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 7, ...new Array<number>(7).fill(i32), 1, i32]),
    ...section(2, [1, ...name('host'), ...name('memory'), 0x02, 0x03, 1, ...leb(mostPages)]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...name('scan'), 0x00, 0]),
    ...section(10, [1, ...leb(code.length), ...code]),
  ]);
}

function leb(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest & 127) | 128);
    rest >>>= 7;
  }
  return [...bytes, rest];
}

function signedLeb(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 63) {
    bytes.push((rest & 127) | 128);
    rest >>= 7;
  }
  return [...bytes, rest];
}
