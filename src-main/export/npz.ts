/** Several NumPy arrays in one file: an uncompressed zip of NPY files, the same bytes for the same arrays. */
import { unzipSync, zipSync, type Zippable } from 'fflate';
import { AppError } from '#shared/errors.ts';
import { decodeNpy, encodeNpy, type NpyArray } from './npy.ts';

/** The zip format's first day: archives must not tell when they were made. */
const noDate = new Date(1980, 0, 1, 0, 0, 0);
/** Zip without its 64-bit extension ends at 4 GiB; larger arrays are written as NPY shards. */
export const npzLimitBytes = 256 << 20;

/** Stored, not deflated: EEG hardly shrinks, and a search for names must see the bytes. */
export function encodeNpz(arrays: Readonly<Record<string, NpyArray>>): Uint8Array {
  const entries: Zippable = {};
  for (const [name, array] of Object.entries(arrays))
    entries[`${name}.npy`] = [encodeNpy(array), { level: 0, mtime: noDate }];
  return zipSync(entries);
}

/** @throws AppError 'damaged-file' */
export function decodeNpz(bytes: Uint8Array): Record<string, NpyArray> {
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(bytes);
  } catch (cause) {
    throw new AppError('damaged-file', 'This NPZ archive is damaged; write or copy it again.', { cause });
  }
  return Object.fromEntries(
    Object.entries(files).map(([name, content]) => [name.replace(/\.npy$/, ''), decodeNpy(content)]),
  );
}
