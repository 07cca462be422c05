/** SHA-256 of a file, read as a stream: the identity of a recording wherever it lies and whatever it is called. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { AppError } from '#shared/errors.ts';

/** @param read told the bytes of each piece @returns 64 hex digits @throws AppError 'not-found' | 'read-only' | 'cancelled' */
export async function fileHash(
  path: string,
  signal?: AbortSignal,
  read?: (bytes: number) => void,
): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal })) {
      hash.update(chunk as Buffer);
      read?.((chunk as Buffer).length);
    }
  } catch (error) {
    if (signal?.aborted)
      throw new AppError('cancelled', `Reading ${path} was stopped; start the step again.`, { cause: error });
    throw AppError.from(error);
  }
  return hash.digest('hex');
}
