/** Brings archives into a folder: those there already and whole are taken, the others fetched, each checked. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '#shared/errors.ts';
import type { Archive } from './archives.ts';
import { throwIfCancelled } from './child.ts';
import { download, sha256, sizeOfFile } from './download.ts';
import { gigabytes } from './machine.ts';
import { fetchByNpm, fetchByPip, findPip, hasNpm, type Pip } from './package-clients.ts';
import { addressOf, configuredSources } from './package-index.ts';

export interface ObtainOptions {
  /** Fetch Python archives from this index, without pip. */
  index?: string;
  signal?: AbortSignal;
  /** Bytes of all archives that are here by now. */
  onBytes?: (bytes: number) => void;
  onNote?: (text: string) => void;
}

/**
 * Takes every archive from a folder that was filled on another computer; fetches nothing.
 *
 * @throws AppError 'not-found' naming the missing, 'not-verified' naming one that is another or damaged
 */
export async function takeFrom(
  folder: string,
  archives: readonly Archive[],
  { signal, onBytes }: ObtainOptions = {},
): Promise<void> {
  if (!existsSync(folder))
    throw new AppError('not-found', `The folder ${folder} is not there; name the one with the archives.`);
  const missing = archives.filter(({ file }) => !existsSync(join(folder, file)));
  if (missing.length > 0)
    throw new AppError(
      'not-found',
      `In ${folder} ${missing.length === 1 ? 'an archive is' : `${missing.length} archives are`} missing: ${missing.map(({ file }) => file).join(', ')}. Fill it on a computer with network: npm run engine:install -- --download-only FOLDER${archives.length > 3 ? ' --gpu' : ''}.`,
      { details: { missing: missing.map(({ file }) => file) } },
    );
  let done = 0;
  for (const archive of archives) {
    const file = join(folder, archive.file);
    const bytes = await sizeOfFile(file);
    if (bytes !== archive.bytes || (await sha256(file, signal)) !== archive.sha256)
      throw foreign(file, archive, bytes);
    onBytes?.((done += archive.bytes));
  }
}

/** @throws AppError 'not-found' when one cannot be fetched */
export async function fetchInto(
  folder: string,
  archives: readonly Archive[],
  options: ObtainOptions,
): Promise<void> {
  const { signal, onBytes, onNote } = options;
  let clients: Clients | undefined;
  let done = 0;
  for (const archive of archives) {
    throwIfCancelled(signal);
    const file = join(folder, archive.file);
    if (!(await isWhole(file, archive, signal))) {
      onNote?.(`Fetching ${archive.project} ${archive.version} (${gigabytes(archive.bytes)})`);
      clients ??= await findClients(options);
      const before = done;
      const told = (bytes: number) => onBytes?.(before + Math.min(bytes, archive.bytes));
      await fetchOne(archive, folder, clients, { ...options, onBytes: told });
      if (!(await isWhole(file, archive, signal))) {
        await rm(file, { force: true });
        throw new AppError(
          'not-verified',
          `What came is not the recorded ${archive.file}; it was thrown away. Try again, or use another index.`,
        );
      }
    }
    onBytes?.((done += archive.bytes));
  }
}

interface Clients {
  pip: Pip | undefined;
  npm: boolean;
}

async function findClients({ index, signal }: ObtainOptions): Promise<Clients> {
  return { pip: index ? undefined : await findPip(signal), npm: await hasNpm(signal) };
}

async function fetchOne(
  archive: Archive,
  folder: string,
  { pip, npm }: Clients,
  options: ObtainOptions,
): Promise<void> {
  if (archive.from === 'python' && pip) return fetchByPip(pip, archive, folder, options);
  if (archive.from === 'npm' && npm) return fetchByNpm(archive, folder, options);
  const sources = configuredSources();
  const source = archive.from === 'npm' ? sources.npm : (options.index ?? sources.python);
  if (!source)
    throw new AppError(
      'not-found',
      archive.from === 'npm'
        ? 'npm was not found here, and no registry is set. Install Node.js with npm, or fetch the archives on another computer with --download-only FOLDER and install here with --from FOLDER.'
        : 'pip was not found here, and no package index is set. Install Python with pip, name an index with --index URL or PIP_INDEX_URL, or fetch the archives on another computer with --download-only FOLDER and install here with --from FOLDER.',
    );
  const url = await addressOf(archive, source, options.signal);
  await download(url, archive, join(folder, archive.file), options);
}

async function isWhole(file: string, archive: Archive, signal?: AbortSignal): Promise<boolean> {
  return (await sizeOfFile(file)) === archive.bytes && (await sha256(file, signal)) === archive.sha256;
}

function foreign(file: string, archive: Archive, bytes: number): AppError {
  const what =
    bytes < archive.bytes
      ? `is incomplete: it has ${bytes} of ${archive.bytes} bytes`
      : bytes > archive.bytes
        ? `is another archive: it has ${bytes} bytes, the recorded one ${archive.bytes}`
        : 'is damaged or another archive: its SHA-256 is not the recorded one';
  return new AppError('not-verified', `${file} ${what}. Copy it again from where it was fetched.`, {
    details: { file, bytes, expected: archive.bytes, sha256: archive.sha256 },
  });
}
