/** The bytes of a table, wherever they are: a plain file read piece by piece, or a gzip file unpacked into memory. */
import { open, readFile } from 'node:fs/promises';
import { gunzip } from 'node:zlib';
import { promisify } from 'node:util';
import { AppError } from '#shared/errors.ts';

export interface ByteSource {
  /** Unpacked size. */
  readonly size: number;
  /** Size of the file itself. */
  readonly fileBytes: number;
  /** Up to `length` bytes; fewer only at the end. */
  read(at: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Most that is unpacked into memory. */
export const unpackLimit = 256 << 20;

/** @throws AppError 'not-found' | 'damaged-file' | 'unsupported' */
export async function openSource(path: string): Promise<ByteSource> {
  return /\.gz$/i.test(path) ? unpack(path) : plain(path);
}

async function plain(path: string): Promise<ByteSource> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw AppError.from(error);
  });
  const { size } = await file.stat();
  return {
    size,
    fileBytes: size,
    async read(at, length) {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, size - at)));
      let done = 0;
      while (done < bytes.length) {
        const { bytesRead } = await file.read(bytes, done, bytes.length - done, at + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return bytes.subarray(0, done);
    },
    close: () => file.close(),
  };
}

async function unpack(path: string): Promise<ByteSource> {
  const packed = await readFile(path).catch((error: unknown) => {
    throw AppError.from(error);
  });
  const bytes = await promisify(gunzip)(packed, { maxOutputLength: unpackLimit }).catch((error: unknown) => {
    const tooLarge = (error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE';
    throw tooLarge
      ? new AppError(
          'unsupported',
          `${path} unpacks to more than ${unpackLimit >> 20} MB; unpack it with gunzip and open the plain file, which is read piece by piece.`,
          { cause: error },
        )
      : new AppError('damaged-file', `${path} cannot be unpacked, it is cut or damaged. Copy it again.`, {
          cause: error,
        });
  });
  return {
    size: bytes.length,
    fileBytes: packed.length,
    read: async (at, length) => bytes.subarray(at, at + length),
    close: async () => undefined,
  };
}
