/** Installs the native TensorFlow engine: check, fetch, unpack, compile, test, and only then take the place of the one before. */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '#shared/errors.ts';
import {
  archivesFor,
  bindingArchive,
  bindingName,
  headersArchive,
  platforms,
  sizeOf,
  tensorflowVersion,
  type Archive,
  type Platform,
} from './archives.ts';
import { buildBinding, ownSource, findCompiler, noCompiler } from './build-binding.ts';
import { checkApart, type CheckedEngine } from './check-engine.ts';
import { throwIfCancelled } from './child.ts';
import {
  engineFolder,
  engineRoot,
  installedEngine,
  recordName,
  type InstalledEngine,
} from './installed-engine.ts';
import { checkDisk, checkMachine, gigabytes, readMachine } from './machine.ts';
import { fetchInto, takeFrom } from './obtain.ts';
import { bytesProgress, noteTo, type Note, type OnProgress } from './progress.ts';
import { removeLeftovers, replaceFolder, undoHalfReplaced, workName } from './replace-folder.ts';
import { strip, unpackLibraries, unpackScripts } from './unpack-engine.ts';

export interface InstallOptions {
  /** With CUDA for NVIDIA GPUs; as installed now if not given. */
  gpu?: boolean;
  /** Folder with the archives: nothing is fetched. */
  from?: string;
  /** A compiled binding: no compiler is needed. */
  prebuilt?: string;
  /** Package index instead of the one that pip is set to. */
  index?: string;
  /** Even where the same is installed and works. */
  force?: boolean;
  /** Folder of engines; {@link engineRoot} if not given. */
  root?: string;
}

export interface DownloadOptions {
  folder: string;
  gpu?: boolean;
  index?: string;
  /** For a computer of another kind than this one. */
  platform?: string;
}

/** Raise when the steps change, so that an older installation counts as another. */
const steps = 2;
/** For headers, objects and the file system's own. */
const spareBytes = 200e6;
const phases = ['Checking this computer', 'Fetching', 'Unpacking', 'Compiling', 'Testing'];
let busy = false;

/**
 * @throws AppError 'unsupported', 'disk-full', 'not-found', 'not-verified', 'damaged-file', 'engine-failed', 'locked' or 'cancelled';
 * the engine installed before is still there then
 */
export async function installEngine(
  options: InstallOptions = {},
  onProgress: OnProgress = () => undefined,
  signal?: AbortSignal,
): Promise<InstalledEngine> {
  if (busy)
    throw new AppError('locked', 'The engine is being installed already; wait until it has finished.');
  busy = true;
  try {
    return await install(options, onProgress, signal);
  } catch (error) {
    throwIfCancelled(signal);
    throw error;
  } finally {
    busy = false;
  }
}

/** Fills a folder for a computer without network; with a compiler here, the binding too. @returns the files' names */
export async function downloadEngine(
  { folder, gpu = false, index, platform }: DownloadOptions,
  onProgress: OnProgress = () => undefined,
  signal?: AbortSignal,
): Promise<string[]> {
  const wanted =
    platform ?? (process.platform === 'win32' ? 'linux-x64' : `${process.platform}-${process.arch}`);
  const key = platforms.find((each) => each === wanted);
  if (!key)
    throw new AppError(
      'unsupported',
      `There is no engine for ${wanted}; there is one for ${platforms.join(', ')}.`,
    );
  if (gpu && key !== 'linux-x64')
    throw new AppError('unsupported', `With --gpu there is an engine for linux-x64 only.`);
  const archives = archivesFor(key, gpu);
  onProgress({ type: 'phases', names: ['Fetching', 'Compiling'] });
  onProgress({ type: 'phase', index: 0 });
  await mkdir(folder, { recursive: true });
  checkDisk(folder, (await missingBytes(folder, archives)) + spareBytes);
  const progress = bytesProgress(onProgress, sizeOf(archives).fetched);
  await fetchInto(folder, archives, { index, signal, onBytes: progress, onNote: noteTo(onProgress) });
  onProgress({ type: 'phase', index: 1 });
  const files = archives.map(({ file }) => file);
  const compiler =
    key === `${process.platform}-${process.arch}` ? await findCompiler(process.env, signal) : undefined;
  if (!compiler) {
    onProgress({
      type: 'note',
      level: 'warning',
      text: `No compiler for ${key} here: the other computer needs one, or a binding by --prebuilt.`,
    });
    return files;
  }
  await compileInto(folder, key, archives, compiler, join(folder, bindingName(key)), signal);
  return [...files, bindingName(key)];
}

async function install(
  options: InstallOptions,
  onProgress: OnProgress,
  signal: AbortSignal | undefined,
): Promise<InstalledEngine> {
  const note = noteTo(onProgress);
  const begin = (index: number) => {
    throwIfCancelled(signal);
    onProgress({ type: 'phase', index });
  };
  onProgress({ type: 'phases', names: phases });
  begin(0);
  const root = options.root ?? engineRoot();
  const place = engineFolder(root);
  await undoHalfReplaced(place);
  if (await removeLeftovers(place)) note('Removed what an earlier installation left when it was cut off.');
  const before = recordOrNone(root, note);
  const machine = readMachine();
  const gpu = options.gpu ?? before?.gpu ?? false;
  const platform = checkMachine(machine, gpu);
  const archives = archivesFor(platform, gpu);
  const recipe = recipeOf(archives, gpu);
  if (!options.force && before?.recipe === recipe && (await stillWorks(before, note, signal))) return before;
  if (gpu && !machine.nvidiaDriver)
    note('No NVIDIA driver was found; until there is one, the engine computes on the processor.', 'warning');
  if (!gpu && machine.nvidiaDriver && platform === 'linux-x64')
    note(
      `An NVIDIA driver is here: --gpu would install the engine for it (${gigabytes(sizeOf(archivesFor(platform, true)).fetched)} to fetch).`,
    );

  const makeBinding = await chooseBinding(options, platform, signal);
  const downloads = options.from ?? join(root, 'downloads');
  const { fetched, unpacked } = sizeOf(archives);
  const toFetch = options.from ? 0 : await missingBytes(downloads, archives);
  checkDisk(root, toFetch + unpacked + spareBytes);

  begin(1);
  const obtain = { index: options.index, signal, onBytes: bytesProgress(onProgress, fetched), onNote: note };
  if (options.from) await takeFrom(options.from, archives, obtain);
  else {
    await mkdir(downloads, { recursive: true });
    await fetchInto(downloads, archives, obtain);
  }

  const work = workName(place);
  await mkdir(work, { recursive: true });
  try {
    begin(2);
    const libraries = await unpackLibraries(work, downloads, platform, archives, onProgress, signal);
    await unpackScripts(work, join(downloads, bindingArchive.file));
    begin(3);
    await makeBinding(archives, downloads, join(work, bindingName(platform)));
    await strip(libraries, platform, note, signal);
    begin(4);
    const checked = await checkApart(work, signal).catch((error: unknown) => {
      throw options.prebuilt === undefined ? error : unfit(options.prebuilt, error);
    });
    noteChecked(checked, gpu, note);
    const installed = {
      tensorflow: checked.version,
      platform,
      gpu,
      recipe,
      bytes: await bytesIn(work),
      installedAt: new Date().toISOString(),
    };
    const facts = { ...installed, archives: archives.map(({ file, sha256 }) => ({ file, sha256 })) };
    await writeFile(join(work, recordName), `${JSON.stringify(facts, null, 2)}\n`);
    throwIfCancelled(signal);
    await replaceFolder(work, place);
    await rm(join(root, 'downloads'), { recursive: true, force: true });
    await removeOtherVersions(root, place);
    note(`Installed in ${place} (${gigabytes(installed.bytes)}).`, 'ok');
    return { folder: place, ...installed };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

type MakeBinding = (archives: readonly Archive[], downloads: string, out: string) => Promise<void>;

/** Given, compiled here, or found beside the archives; settled before anything is fetched. */
async function chooseBinding(
  { prebuilt, from }: InstallOptions,
  platform: Platform,
  signal: AbortSignal | undefined,
): Promise<MakeBinding> {
  if (prebuilt !== undefined && !existsSync(prebuilt))
    throw new AppError('not-found', `The binding ${prebuilt} that --prebuilt names is not there.`);
  const compiler = prebuilt === undefined ? await findCompiler(process.env, signal) : undefined;
  if (compiler)
    return (archives, downloads, out) =>
      compileInto(dirname(out), platform, archives, compiler, out, signal, downloads);
  const beside = from && join(from, bindingName(platform));
  const ready = prebuilt ?? (beside && existsSync(beside) ? beside : undefined);
  if (ready === undefined) throw noCompiler(platform);
  return async (_archives, _downloads, out) => copyFileSync(ready, out);
}

async function compileInto(
  folder: string,
  platform: Platform,
  archives: readonly Archive[],
  compiler: string,
  out: string,
  signal: AbortSignal | undefined,
  downloads = folder,
): Promise<void> {
  const work = join(folder, `.build-${process.pid}`);
  const path = ({ file }: Archive) => join(downloads, file);
  const sources = {
    platform,
    wheel: path(archives[0]!),
    binding: path(bindingArchive),
    headers: path(headersArchive),
  };
  await mkdir(work, { recursive: true });
  try {
    await buildBinding(compiler, sources, work, out, signal);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function noteChecked({ device, gpu, gflops }: CheckedEngine, gpuWanted: boolean, note: Note): void {
  note(`Tested: ${device}, ${gflops.toFixed(0)} GFLOP/s.`, 'ok');
  if (gpuWanted && !gpu) note('No usable GPU answered; the engine computes on the processor.', 'warning');
}

function unfit(prebuilt: string, cause: unknown): AppError {
  const { code, details } = AppError.from(cause);
  if (code === 'cancelled') return AppError.from(cause);
  const why = String(details['why'] ?? 'it ends the process');
  return new AppError(
    'not-verified',
    `The binding ${prebuilt} does not work with this engine (${why}). Take the one that --download-only makes on a computer of the same kind, or install a compiler.`,
    { cause, details },
  );
}

function recordOrNone(root: string, note: Note): InstalledEngine | undefined {
  try {
    return installedEngine(root);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    note(`${error.message} It is replaced now.`, 'warning');
    return undefined;
  }
}

async function stillWorks(before: InstalledEngine, note: Note, signal?: AbortSignal): Promise<boolean> {
  try {
    const { device } = await checkApart(before.folder, signal);
    note(`Installed already and tested: ${device}.`, 'ok');
    return true;
  } catch (error) {
    throwIfCancelled(signal);
    note(`The installed engine does not work and is replaced. ${AppError.from(error).message}`, 'warning');
    return false;
  }
}

function recipeOf(archives: readonly Archive[], gpu: boolean): string {
  const sums = archives.map(({ sha256 }) => sha256);
  const all = JSON.stringify([steps, tensorflowVersion, gpu, sums, readFileSync(ownSource, 'utf8')]);
  return createHash('sha256').update(all).digest('hex').slice(0, 16);
}

async function missingBytes(folder: string, archives: readonly Archive[]): Promise<number> {
  const sizes = await Promise.all(
    archives.map(async ({ file, bytes }) => (existsSync(join(folder, file)) ? 0 : bytes)),
  );
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(async (file) => (await stat(join(file.parentPath, file.name))).size),
  );
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}

/** Engines of earlier versions of Limbeck: nothing loads them any more. */
async function removeOtherVersions(root: string, place: string): Promise<void> {
  for (const entry of await readdir(root, { withFileTypes: true })) {
    const path = join(root, entry.name);
    if (entry.isDirectory() && /^tensorflow-[\d.]+$/.test(entry.name) && path !== place)
      await rm(path, { recursive: true, force: true });
  }
}
