/** NumPy's array file (NPY 1.0 and 2.0): a text header, then the values as they lie in memory, little-endian. */
import { AppError } from '#shared/errors.ts';

export type NpyData =
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint8Array
  | Int8Array
  | BigInt64Array
  | readonly string[];

export interface NpyArray {
  shape: number[];
  data: NpyData;
}

export interface NpyHeader {
  /** NumPy's type code, e.g. '<f4'. */
  descr: string;
  shape: number[];
  /** Bytes before the first value. */
  offset: number;
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

const types = {
  '<f4': Float32Array,
  '<f8': Float64Array,
  '<i4': Int32Array,
  '<u4': Uint32Array,
  '<i2': Int16Array,
  '|u1': Uint8Array,
  '|i1': Int8Array,
  '<i8': BigInt64Array,
} as const;

/** The header alone, for arrays that are appended in pieces. @param descr e.g. '<f4' */
export function npyHeader(descr: string, shape: readonly number[]): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const version = text.length + 11 + 64 > 65535 ? 2 : 1;
  const fixed = version === 1 ? 10 : 12;
  const padded = text + ' '.repeat((64 - ((fixed + text.length + 1) % 64)) % 64) + '\n';
  const bytes = new Uint8Array(fixed + padded.length);
  bytes.set([...magic, version, 0]);
  const view = new DataView(bytes.buffer);
  if (version === 1) view.setUint16(8, padded.length, true);
  else view.setUint32(8, padded.length, true);
  for (let i = 0; i < padded.length; i++) bytes[fixed + i] = padded.charCodeAt(i);
  return bytes;
}

/** Strings become fixed-width UTF-32, as NumPy's str arrays are. @throws AppError 'invalid-input' when shape and length differ */
export function encodeNpy({ shape, data }: NpyArray): Uint8Array {
  const size = shape.reduce((product, n) => product * n, 1);
  if (size !== data.length)
    throw new AppError(
      'invalid-input',
      `An array of shape ${shape.join(' × ')} holds ${size} values, not ${data.length}.`,
    );
  const { descr, bytes } = isTyped(data) ? typedBytes(data) : textBytes(data);
  const header = npyHeader(descr, shape);
  const file = new Uint8Array(header.length + bytes.length);
  file.set(header);
  file.set(bytes, header.length);
  return file;
}

/**
 * @param bytes at least the whole header
 * @throws AppError 'damaged-file' when this is no NPY file, 'unsupported' for column order
 */
export function parseNpyHeader(bytes: Uint8Array): NpyHeader {
  const damaged = () =>
    new AppError('damaged-file', 'This is not a whole NumPy array file; write or copy it again.');
  if (bytes.length < 12 || magic.some((byte, i) => bytes[i] !== byte)) throw damaged();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fixed = bytes[6] === 1 ? 10 : 12;
  const length = bytes[6] === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (fixed + length > bytes.length) throw damaged();
  const text = new TextDecoder('latin1').decode(bytes.subarray(fixed, fixed + length));
  const descr = /'descr':\s*'([^']+)'/.exec(text)?.[1];
  const shape = /'shape':\s*\(([^)]*)\)/.exec(text)?.[1];
  if (descr === undefined || shape === undefined) throw damaged();
  if (/'fortran_order':\s*True/.test(text))
    throw new AppError('unsupported', 'This array is stored by columns; save it with order="C".');
  return {
    descr,
    shape: shape
      .split(',')
      .filter((part) => part.trim() !== '')
      .map(Number),
    offset: fixed + length,
  };
}

/** @throws AppError 'damaged-file' | 'unsupported' */
export function decodeNpy(bytes: Uint8Array): NpyArray {
  const { descr, shape, offset } = parseNpyHeader(bytes);
  const size = shape.reduce((product, n) => product * n, 1);
  const width = /^<U(\d+)$/.exec(descr)?.[1];
  const Type = types[descr as keyof typeof types];
  if (width === undefined && !Type)
    throw new AppError('unsupported', `Arrays of type ${descr} are not read here; save it as float32.`);
  const each = width === undefined ? Type.BYTES_PER_ELEMENT : 4 * Number(width);
  if (bytes.length - offset !== size * each)
    throw new AppError('damaged-file', `This array should hold ${size} values and does not; copy it again.`);
  // A Node Buffer's own slice is a view into its pool; this one copies.
  const payload = Uint8Array.prototype.slice.call(bytes, offset);
  if (width === undefined) return { shape, data: new Type(payload.buffer, 0, size) };
  const codes = new Uint32Array(payload.buffer);
  const data = Array.from({ length: size }, (_, i) =>
    Array.from(codes.subarray(i * Number(width), (i + 1) * Number(width)))
      .filter((code) => code !== 0)
      .map((code) => String.fromCodePoint(code))
      .join(''),
  );
  return { shape, data };
}

function isTyped(data: NpyData): data is Exclude<NpyData, readonly string[]> {
  return ArrayBuffer.isView(data);
}

function typedBytes(data: Exclude<NpyData, readonly string[]>): { descr: string; bytes: Uint8Array } {
  const descr = Object.entries(types).find(([, Type]) => data instanceof Type)?.[0];
  if (!descr) throw new AppError('unsupported', 'Arrays of this type cannot be written as NPY.');
  return { descr, bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}

function textBytes(data: readonly string[]): { descr: string; bytes: Uint8Array } {
  const codes = data.map((text) => Array.from(text, (char) => char.codePointAt(0)!));
  const width = codes.reduce((most, { length }) => Math.max(most, length), 1);
  const flat = new Uint32Array(data.length * width);
  codes.forEach((mine, i) => flat.set(mine, i * width));
  return { descr: `<U${width}`, bytes: new Uint8Array(flat.buffer) };
}
