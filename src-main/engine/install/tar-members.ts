/** Reads the few small files out of an npm tarball (gzip, ustar), all in memory. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { AppError } from '#shared/errors.ts';

const block = 512;

/** Files by their path inside the package, without the leading folder. @throws AppError 'damaged-file' */
export async function readTarball(file: string): Promise<Map<string, Buffer>> {
  const tar = unpacked(file, await readFile(file));
  const files = new Map<string, Buffer>();
  for (let at = 0; at + block <= tar.length && tar[at] !== 0;) {
    const size = parseInt(text(tar, at + 124, 12), 8);
    const type = String.fromCharCode(tar[at + 156]!);
    const prefix = text(tar, at + 345, 155);
    const path = `${prefix ? `${prefix}/` : ''}${text(tar, at, 100)}`;
    if (!Number.isFinite(size) || at + block + size > tar.length) throw damaged(file);
    if (type === '0' || type === '\0')
      files.set(path.slice(path.indexOf('/') + 1), tar.subarray(at + block, at + block + size));
    at += block + Math.ceil(size / block) * block;
  }
  if (files.size === 0) throw damaged(file);
  return files;
}

function unpacked(file: string, bytes: Buffer): Buffer {
  try {
    return gunzipSync(bytes);
  } catch (cause) {
    throw damaged(file, cause);
  }
}

function text(bytes: Buffer, at: number, length: number): string {
  return bytes.toString('latin1', at, at + length).replace(/[\0 ].*$/s, '');
}

function damaged(file: string, cause?: unknown): AppError {
  return new AppError(
    'damaged-file',
    `The archive ${basename(file)} is damaged or no npm package. Delete it and fetch it again.`,
    { cause, details: { file } },
  );
}
