/** Writes WebAssembly functions from expressions: code is a list of bytes, expressions nest. Opcodes: WebAssembly 3.0, §5.4. */

/** Instructions; what they leave on the stack is said by their maker. */
export type Code = readonly number[];

const types = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const;
export type ValueType = keyof typeof types;

export interface Local {
  readonly get: Code;
  set(value: Code): Code;
  /** Sets and leaves the value. */
  tee(value: Code): Code;
}

export interface WasmFunction {
  name: string;
  code: number[];
  parameters: number[];
  results: number[];
}

/**
 * @param parameters their types, by position
 * @param build makes the body, which leaves one value of type `result` if there is one
 */
export function wasmFunction(
  name: string,
  parameters: readonly ValueType[],
  result: ValueType | null,
  build: (parameters: Local[], local: (type: ValueType) => Local) => Code,
): WasmFunction {
  const declared: ValueType[] = [];
  const at = (index: number): Local => ({
    get: [0x20, ...unsigned(index)],
    set: (value) => [...value, 0x21, ...unsigned(index)],
    tee: (value) => [...value, 0x22, ...unsigned(index)],
  });
  const body = build(
    parameters.map((_, index) => at(index)),
    (type) => at(parameters.length + declared.push(type) - 1),
  );
  const code = [...list(declared.map((type) => [1, types[type]])), ...body, 0x0b];
  return {
    name,
    code: [...unsigned(code.length), ...code],
    parameters: parameters.map((type) => types[type]),
    results: result ? [types[result]] : [],
  };
}

/** A module whose functions work on the imported memory `host.memory`, shared between threads. */
export function assemble(functions: readonly WasmFunction[], mostPages: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(
      1,
      list(functions.map(({ parameters, results }) => [0x60, ...bytes(parameters), ...bytes(results)])),
    ),
    ...section(2, list([[...text('host'), ...text('memory'), 0x02, 0x03, 1, ...unsigned(mostPages)]])),
    ...section(3, list(functions.map((_, index) => unsigned(index)))),
    ...section(7, list(functions.map(({ name }, index) => [...text(name), 0x00, ...unsigned(index)]))),
    ...section(10, list(functions.map(({ code }) => code))),
  ]);
}

const binary =
  (...opcode: number[]) =>
  (a: Code, b: Code): Code => [...a, ...b, ...opcode];
const unary =
  (...opcode: number[]) =>
  (a: Code): Code => [...a, ...opcode];
const load =
  (...opcode: number[]) =>
  (address: Code, offset = 0): Code => [...address, ...opcode, 0, ...unsigned(offset)];
const store =
  (...opcode: number[]) =>
  (address: Code, value: Code, offset = 0): Code => [...address, ...value, ...opcode, 0, ...unsigned(offset)];

export const i32 = {
  of: (value: number): Code => [0x41, ...signed(value)],
  load: load(0x28),
  store: store(0x36),
  add: binary(0x6a),
  sub: binary(0x6b),
  mul: binary(0x6c),
  and: binary(0x71),
  or: binary(0x72),
  shiftLeft: binary(0x74),
  less: binary(0x49),
  /** Both are computed twice. */
  smaller: (a: Code, b: Code): Code => [...a, ...b, ...a, ...b, 0x49, 0x1b],
  isZero: unary(0x45),
  /** Position of the lowest bit that is set. */
  lowestBit: unary(0x68),
};

export const f32 = {
  of: (value: number): Code => [0x43, ...new Uint8Array(Float32Array.of(value).buffer)],
  load: load(0x2a),
  store: store(0x38),
  add: binary(0x92),
  sub: binary(0x93),
  mul: binary(0x94),
  max: binary(0x97),
  sqrt: unary(0x91),
  notLess: binary(0x60),
  less: binary(0x5d),
};

export const f64 = {
  of: (value: number): Code => [0x44, ...new Uint8Array(Float64Array.of(value).buffer)],
  load: load(0x2b),
  store: store(0x39),
  add: binary(0xa0),
  mul: binary(0xa2),
  promote: unary(0xbb),
  notLess: binary(0x66),
};

const simd = (code: number): number[] => [0xfd, ...unsigned(code)];

export const v128 = {
  zero: [...simd(0x0c), ...Array<number>(16).fill(0)] as Code,
  load: load(...simd(0x00)),
  /** Two floats into the lower half. */
  loadLow: load(...simd(0x5d)),
  /** One float into all lanes. */
  loadSplat: load(...simd(0x09)),
  store: store(...simd(0x0b)),
  storeLane: (address: Code, value: Code, lane: number, offset = 0): Code => [
    ...address,
    ...value,
    ...simd(0x5a),
    0,
    ...unsigned(offset),
    lane,
  ],
  splat: unary(...simd(0x13)),
  lane: (value: Code, lane: number): Code => [...value, ...simd(0x1f), lane],
  add: binary(...simd(0xe4)),
  sub: binary(...simd(0xe5)),
  mul: binary(...simd(0xe6)),
  greater: binary(...simd(0x44)),
  /** One bit per float: its sign. */
  bits: unary(...simd(0xa4)),
  /** a · b + c, rounded once or twice, as the processor likes: for bounds only. */
  multiplyAdd: (a: Code, b: Code, c: Code): Code => [...a, ...b, ...c, ...simd(0x105)],
};

export const f64x2 = {
  /** The two floats of the lower half as doubles. */
  promote: unary(...simd(0x5f)),
  lane: (value: Code, lane: number): Code => [...value, ...simd(0x21), lane],
  add: binary(...simd(0xf0)),
  sub: binary(...simd(0xf1)),
  mul: binary(...simd(0xf2)),
};

const empty = 0x40;
/** Leaves on `branch` out of it. */
export const scope = (...body: Code[]): Code => [0x02, empty, ...body.flat(), 0x0b];
/** Begins anew on `branch` to it. */
export const loop = (...body: Code[]): Code => [0x03, empty, ...body.flat(), 0x0b];
/** To the scope or loop that is `depth` levels out. */
export const branch = (depth: number): Code => [0x0c, depth];
export const branchIf = (depth: number, condition: Code): Code => [...condition, 0x0d, depth];
/** Runs the body as long as the condition holds; a branch of depth 0 in the body goes on with the next round. */
export const whilst = (condition: Code, ...body: Code[]): Code =>
  scope(loop(branchIf(1, i32.isZero(condition)), scope(...body), branch(0)));
export const advance = (local: Local, by: number): Code => local.set(i32.add(local.get, i32.of(by)));

/** Of the four floats of a vector. */
export function sumOfLanes(local: (type: ValueType) => Local, value: Code): Code {
  const kept = local('v128');
  const lane = (i: number) => v128.lane(kept.get, i);
  return [...kept.set(value), ...f32.add(f32.add(lane(0), lane(1)), f32.add(lane(2), lane(3)))];
}

function unsigned(value: number): number[] {
  const written: number[] = [];
  for (let rest = value; ;) {
    const low = rest & 0x7f;
    rest >>>= 7;
    if (rest === 0) return [...written, low];
    written.push(low | 0x80);
  }
}

function signed(value: number): number[] {
  const written: number[] = [];
  for (let rest = value; ;) {
    const low = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && !(low & 0x40)) || (rest === -1 && low & 0x40)) return [...written, low];
    written.push(low | 0x80);
  }
}

const section = (id: number, content: number[]): number[] => [id, ...unsigned(content.length), ...content];
const list = (items: number[][]): number[] => [...unsigned(items.length), ...items.flat()];
const bytes = (items: number[]): number[] => [...unsigned(items.length), ...items];
const text = (value: string): number[] => {
  const bytes = [...new TextEncoder().encode(value)];
  return [...unsigned(bytes.length), ...bytes];
};
