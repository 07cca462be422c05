/** Fetches one file over HTTP, goes on where a broken connection left off, and checks it against its recorded checksum. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '#shared/errors.ts';
import type { Archive } from './archives.ts';
import { throwIfCancelled } from './child.ts';

export interface DownloadOptions {
  /** Told the bytes of this file that are here by now. */
  onBytes?: (bytes: number) => void;
  signal?: AbortSignal;
  /** Tries in a row that bring nothing before giving up. */
  tries?: number;
  /** A connection that is silent for so long is broken. */
  silenceMs?: number;
  /** Before the second try; doubles. */
  pauseMs?: number;
}

/**
 * Leaves what came so far in `<file>.part`, from where the next call goes on.
 *
 * @throws AppError 'not-found' when the address cannot be reached, 'not-verified' when what came is something else
 */
export async function download(
  url: string,
  archive: Archive,
  file: string,
  options: DownloadOptions = {},
): Promise<void> {
  const { tries = 5, pauseMs = 1000, signal } = options;
  const part = `${file}.part`;
  let failures = 0;
  for (;;) {
    const before = await sizeOfFile(part);
    if (before >= archive.bytes) break;
    try {
      await fetchRest(url, part, before, archive.bytes, options);
    } catch (cause) {
      throwIfCancelled(signal);
      if (cause instanceof AppError) throw cause;
      const gained = (await sizeOfFile(part)) > before;
      failures = gained ? 1 : failures + 1;
      if (failures >= tries) throw unreachable(url, archive, cause);
      await wait(pauseMs * 2 ** (failures - 1), undefined, { signal }).catch(() => throwIfCancelled(signal));
    }
  }
  if ((await sha256(part, signal)) !== archive.sha256) {
    await rm(part);
    throw new AppError(
      'not-verified',
      `What came from ${url} is not the recorded ${archive.file}; it was thrown away. Try again, or use another index.`,
    );
  }
  await rename(part, file);
}

export async function sha256(file: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(file, { highWaterMark: 1 << 20 })) {
    throwIfCancelled(signal);
    hash.update(piece as Buffer);
  }
  return hash.digest('hex');
}

export async function sizeOfFile(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

async function fetchRest(
  url: string,
  part: string,
  from: number,
  total: number,
  { onBytes, signal, silenceMs = 60_000 }: DownloadOptions,
): Promise<void> {
  const silence = new AbortController();
  const hush = () => silence.abort(new Error(`nothing came for ${silenceMs / 1000} s`));
  let timer = setTimeout(hush, silenceMs);
  const stop = signal ? AbortSignal.any([signal, silence.signal]) : silence.signal;
  try {
    const headers: Record<string, string> = { 'accept-encoding': 'identity' };
    if (from > 0) headers['range'] = `bytes=${from}-`;
    const response = await fetch(url, { headers, signal: stop });
    if (response.status === 404 || response.status === 410 || response.status === 403)
      throw new AppError('not-found', `${url} is not there (answer ${response.status}); use another index.`);
    if (!response.ok || !response.body) throw new Error(`the answer was ${response.status}`);
    const resumed = response.status === 206 && startsAt(response) === from;
    const handle = await open(part, resumed ? 'a' : 'w');
    let bytes = resumed ? from : 0;
    try {
      for await (const piece of response.body) {
        clearTimeout(timer);
        timer = setTimeout(hush, silenceMs);
        bytes += piece.byteLength;
        if (bytes > total)
          throw new AppError(
            'not-verified',
            `${url} is larger than the recorded ${basename(part, '.part')}.`,
          );
        await handle.write(piece);
        onBytes?.(bytes);
      }
    } finally {
      await handle.close();
    }
    if (bytes < total) throw new Error(`the connection ended after ${bytes} of ${total} bytes`);
  } finally {
    clearTimeout(timer);
  }
}

function startsAt(response: Response): number {
  return Number(/^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1] ?? -1);
}

function unreachable(url: string, archive: Archive, cause: unknown): AppError {
  const why = cause instanceof Error ? ((cause.cause as Error | undefined)?.message ?? cause.message) : cause;
  return new AppError(
    'not-found',
    `${archive.file} could not be fetched from ${new URL(url).host} (${why}). Check the network or proxy and run the same line again, it goes on where it stopped; or fetch on another computer with --download-only FOLDER and install here with --from FOLDER.`,
    { cause },
  );
}
