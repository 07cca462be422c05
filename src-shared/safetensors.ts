/** The safetensors container: an 8-byte length, a JSON header, raw little-endian float32. */
import { AppError } from './errors.ts';

export type Tensors = Record<string, { shape: number[]; data: Float32Array }>;

/** Encodes tensors in name order; `metadata` values must be strings, as the format asks. */
export function encodeSafetensors(tensors: Tensors, metadata: Record<string, string> = {}): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  const names = Object.keys(tensors).sort();
  for (const name of names) {
    const { shape, data } = tensors[name]!;
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  let json = JSON.stringify(header);
  json += ' '.repeat((8 - (new TextEncoder().encode(json).length % 8)) % 8);
  const head = new TextEncoder().encode(json);
  const bytes = new Uint8Array(8 + head.length + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(head.length), true);
  bytes.set(head, 8);
  let at = 8 + head.length;
  for (const name of names) {
    const { data } = tensors[name]!;
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/** @throws AppError 'damaged-file' when header and length disagree or a tensor is not float32. */
export function decodeSafetensors(bytes: Uint8Array): { tensors: Tensors; metadata: Record<string, string> } {
  const fail = (why: string) =>
    new AppError('damaged-file', `These weights cannot be read: ${why}. Export or copy them again.`);
  if (bytes.length < 8) throw fail('the file is shorter than its header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > bytes.length - 8) throw fail('the header is cut off');
  type Entry = { dtype: string; shape: number[]; data_offsets: [number, number] };
  let header: Record<string, Entry | Record<string, string>>;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  } catch (cause) {
    throw new AppError(
      'damaged-file',
      'These weights cannot be read: the header is not JSON. Export or copy them again.',
      { cause },
    );
  }
  const tensors: Tensors = {};
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const {
      dtype,
      shape,
      data_offsets: [from, to],
    } = value as Entry;
    const size = shape.reduce((product, n) => product * n, 1);
    if (dtype !== 'F32') throw fail(`tensor ${name} is ${dtype}, not F32`);
    if (to - from !== size * 4 || 8 + length + to > bytes.length)
      throw fail(`tensor ${name} does not fit its shape`);
    // Not slice: a Node Buffer's slice is a view.
    const copy = new Uint8Array(bytes.subarray(8 + length + from, 8 + length + to));
    tensors[name] = { shape, data: new Float32Array(copy.buffer, 0, size) };
  }
  return { tensors, metadata: (header['__metadata__'] as Record<string, string> | undefined) ?? {} };
}
