/** Writes small WebAssembly modules: expressions are byte lists, functions are built from them. Opcodes: WebAssembly 2.0, §5.4. */

/** Instructions, possibly leaving a value on the stack. */
export type Code = readonly number[];

const types = { i32: 0x7f, f32: 0x7d, v128: 0x7b } as const;
export type ValueType = keyof typeof types;

/** Unsigned and signed LEB128. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  do {
    const low = value & 0x7f;
    value >>>= 7;
    bytes.push(value ? low | 0x80 : low);
  } while (value);
  return bytes;
}

function signed(value: number): number[] {
  const bytes: number[] = [];
  for (;;) {
    const low = value & 0x7f;
    value >>= 7;
    if ((value === 0 && !(low & 0x40)) || (value === -1 && low & 0x40)) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

const binary =
  (...opcode: number[]) =>
  (a: Code, b: Code): Code => [...a, ...b, ...opcode];

export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)];
export const int = (value: number): Code => [0x41, ...signed(value)];
export const add = binary(0x6a);
export const sub = binary(0x6b);
export const mul = binary(0x6c);
export const shiftLeft = binary(0x74);
export const equal = binary(0x46);
export const less = binary(0x48);
export const greater = binary(0x4a);
export const and = binary(0x71);
export const smaller = (a: Code, b: Code): Code => [...a, ...b, ...less(a, b), 0x1b];

// The second byte of an access is its alignment hint, as a power of two.
export const loadFloat = (at: Code): Code => [...at, 0x2a, 2, 0];
export const storeFloat = (at: Code, value: Code): Code => [...at, ...value, 0x38, 2, 0];
export const loadVector = (at: Code, offset = 0): Code => [...at, 0xfd, 0x00, 2, ...unsigned(offset)];
export const storeVector = (at: Code, value: Code, offset = 0): Code => [
  ...at,
  ...value,
  0xfd,
  0x0b,
  2,
  ...unsigned(offset),
];
export const loadSplat = (at: Code): Code => [...at, 0xfd, 0x09, 2, 0];
export const storeLane = (at: Code, value: Code, lane: number, offset: number): Code => [
  ...at,
  ...value,
  0xfd,
  0x5a,
  2,
  ...unsigned(offset),
  lane,
];
export const zeroVector: Code = [0xfd, 0x0c, ...Array<number>(16).fill(0)];
export const addVectors = binary(0xfd, 0xe4, 0x01);
export const subVectors = binary(0xfd, 0xe5, 0x01);
export const mulVectors = binary(0xfd, 0xe6, 0x01);

const empty = 0x40;
export const when = (condition: Code, then: Code, otherwise: Code = []): Code => [
  ...condition,
  0x04,
  empty,
  ...then,
  ...(otherwise.length > 0 ? [0x05, ...otherwise] : []),
  0x0b,
];
/** Runs `body` as long as `condition` holds. */
export const whilst = (condition: Code, body: Code): Code => [
  0x02,
  empty,
  0x03,
  empty,
  ...condition,
  0x45,
  0x0d,
  1,
  ...body,
  0x0c,
  0,
  0x0b,
  0x0b,
];
/** for (local = 0; local < limit; local += step). */
export const count = (local: number, limit: Code, step: Code, body: Code): Code => [
  ...set(local, int(0)),
  ...whilst(less(get(local), limit), [...body, ...set(local, add(get(local), step))]),
];
export const call = (index: number, ...args: Code[]): Code => [...args.flat(), 0x10, ...unsigned(index)];

export interface WasmFunction {
  name: string;
  /** All parameters are i32; nothing is returned. */
  params: number;
  locals: ValueType[];
  body: Code;
}

const section = (id: number, content: number[]): number[] => [id, ...unsigned(content.length), ...content];
const list = (items: number[][]): number[] => [...unsigned(items.length), ...items.flat()];
const text = (value: string): number[] => {
  const bytes = [...new TextEncoder().encode(value)];
  return [...unsigned(bytes.length), ...bytes];
};

/** A module that works on an imported memory `env.memory`; functions call each other by position. */
export function assemble(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const signatures = functions.map(({ params }) => [
    0x60,
    ...list(Array.from({ length: params }, () => [types.i32])),
    0,
  ]);
  const bodies = functions.map(({ locals, body }) => {
    const code = [...list(locals.map((type) => [1, types[type]])), ...body, 0x0b];
    return [...unsigned(code.length), ...code];
  });
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list(signatures)),
    ...section(2, list([[...text('env'), ...text('memory'), 0x02, 0x00, 0]])),
    ...section(3, list(functions.map((_, i) => unsigned(i)))),
    ...section(7, list(functions.map(({ name }, i) => [...text(name), 0x00, ...unsigned(i)]))),
    ...section(10, list(bodies)),
  ]);
}
