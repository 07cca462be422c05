/** Fetches archives through pip and npm where they are installed: they know this network's index, proxy, certificates and sign-in. */
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '#shared/errors.ts';
import type { Archive } from './archives.ts';
import { runProgram, type Ended } from './child.ts';

export interface ClientOptions {
  onBytes?: (bytes: number) => void;
  signal?: AbortSignal;
}

/** A program with the words that precede pip's own. */
export type Pip = readonly [string, ...string[]];

const tries = 2;
const lookMs = 500;

/** @returns undefined when this computer has no pip */
export async function findPip(signal?: AbortSignal): Promise<Pip | undefined> {
  const candidates: Pip[] = [
    ['python3', '-m', 'pip'],
    ['pip3'],
    ['python', '-m', 'pip'],
    ['py', '-m', 'pip'],
  ];
  for (const pip of candidates) {
    const [program, ...words] = pip;
    const ended = await runProgram(program, [...words, '--version'], { signal });
    if (ended?.status === 0) return pip;
  }
  return undefined;
}

export async function hasNpm(signal?: AbortSignal): Promise<boolean> {
  return (await runProgram('npm', ['--version'], { signal }))?.status === 0;
}

/** pip checks the checksum itself; the caller checks it again. */
export async function fetchByPip(
  pip: Pip,
  archive: Archive,
  folder: string,
  options: ClientOptions,
): Promise<void> {
  const aside = join(folder, `.pip-${archive.file}`);
  await rm(aside, { recursive: true, force: true });
  await mkdir(join(aside, 'temporary'), { recursive: true });
  const list = join(aside, 'requirements.txt');
  await writeFile(list, `${archive.project}==${archive.version} --hash=sha256:${archive.sha256}\n`);
  const [program, ...words] = pip;
  const { python, platforms = [] } = archive.tags ?? {};
  const order = [
    ...words,
    ...['download', '--no-deps', '--only-binary=:all:', '--require-hashes', '--no-cache-dir', '--no-input'],
    ...['--disable-pip-version-check', '--quiet'],
    ...(python ? ['--python-version', python, '--implementation', 'cp', '--abi', `cp${python}`] : []),
    ...platforms.flatMap((platform) => ['--platform', platform]),
    ...['--dest', aside, '--requirement', list],
  ];
  // pip writes into its temporary folder and moves at the end: what grows there is the progress.
  const env = { ...process.env, TMPDIR: join(aside, 'temporary') };
  const look = setInterval(() => void grown(aside).then((bytes) => options.onBytes?.(bytes)), lookMs);
  try {
    await repeat('pip', archive, options, () => runProgram(program, order, { env, signal: options.signal }));
    await rename(join(aside, archive.file), join(folder, archive.file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new AppError('not-found', `pip did not bring ${archive.file} but another file of that version.`, {
      cause: error,
    });
  } finally {
    clearInterval(look);
    await rm(aside, { recursive: true, force: true });
  }
}

export async function fetchByNpm(archive: Archive, folder: string, options: ClientOptions): Promise<void> {
  const words = ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder];
  await repeat('npm', archive, options, () =>
    runProgram('npm', [...words, `${archive.project}@${archive.version}`], {
      cwd: folder,
      signal: options.signal,
    }),
  );
}

async function repeat(
  client: string,
  archive: Archive,
  { signal }: ClientOptions,
  run: () => Promise<Ended | undefined>,
): Promise<void> {
  let ended: Ended | undefined;
  for (let i = 0; i < tries; i++) {
    ended = await run();
    if (ended?.status === 0) return;
    if (signal?.aborted) break;
  }
  throw new AppError(
    'not-found',
    `${archive.file} could not be fetched by ${client}: ${reasonOf(ended)}. Check the network, then run the same line again, archives already here are kept; or fetch on another computer with --download-only FOLDER and install here with --from FOLDER.`,
    { details: { client, output: ended?.stderr } },
  );
}

const noConnection =
  /connection (?:broken|refused|reset)|could not fetch url|max retries|name resolution|timed? ?out|getaddrinfo|ENOTFOUND|ECONNREFUSED|ECONNRESET|EAI_AGAIN/i;

/** What a client complains of last, without its own advice on versions; without connection, pip says that there is no such version. */
export function reasonOf(ended: Ended | undefined): string {
  const output = `${ended?.stdout ?? ''}\n${ended?.stderr ?? ''}`;
  if (noConnection.test(output)) return 'the package index cannot be reached';
  if (output.includes('(from versions: none)')) return 'the package index does not answer or list it';
  const lines = output
    .split('\n')
    .map((line) => line.replace(/^(ERROR:|npm error|npm ERR!)\s*/, '').trim())
    .filter((line) => line && !/^(\[?notice|WARNING|npm warn|A complete log)/i.test(line));
  return (lines.at(-1) ?? `it ended with ${ended?.status ?? ended?.signal ?? 'nothing'}`)
    .replace(/[.\s]+$/, '')
    .slice(0, 300);
}

/** Bytes of all files under a folder that may shrink while it is read. */
async function grown(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }).catch(gone([]))) {
    if (!entry.isFile()) continue;
    bytes += (await stat(join(entry.parentPath, entry.name)).catch(gone({ size: 0 }))).size;
  }
  return bytes;
}

function gone<T>(otherwise: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === 'ENOENT') return otherwise;
    throw error;
  };
}
