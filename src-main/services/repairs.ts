/** Mended copies of damaged recordings: what would change, the writing with its progress, and which copies there are. */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { isMendable } from '#shared/eeg/repair.ts';
import { AppError } from '#shared/errors.ts';
import type { RepairedCopy, RepairMessage, RepairPlanView } from '#shared/views.ts';
import type { Catalog } from '#main/catalog/catalog.ts';
import type { CatalogedRecording } from '#main/catalog/recordings.ts';
import { planRepair, repairEdf } from '#main/io/edf/repair.ts';
import { fileHash } from '#main/io/file-hash.ts';
import { os } from './implementer.ts';
import type { Studies } from './study.ts';

/** Progress is told at most this often. */
const progressEveryMs = 100;

export function repairService(studies: Studies) {
  return os.repairs.router({
    plan: os.repairs.plan.handler(({ input }) =>
      planView(studies.current().catalog, input.recording, input.folder),
    ),
    copies: os.repairs.copies.handler(() => Object.fromEntries(copiesOf(studies.current().catalog))),
    write: os.repairs.write.handler(({ input, signal }) =>
      writeCopies(studies.current().catalog, input.recordings, input.folder, signal),
    ),
  });
}

/** What is told of a copy in the audit trail. */
interface RepairFacts {
  recording: string;
  copy: string;
  /** Fingerprint of the copy. */
  sha256: string;
  mended: string[];
}

/** Finds the recording that a file is a mended copy of: by its place, else by its content alone, wherever it was moved. */
export function copyFinder(catalog: Catalog): (path: string, sha256: string) => string | undefined {
  const repairs = repairsOf(catalog).map(({ facts }) => facts);
  const byPlace = new Map(repairs.map(({ copy, sha256, recording }) => [`${copy}\n${sha256}`, recording]));
  const byContent = new Map(repairs.map(({ sha256, recording }) => [sha256, recording]));
  return (path, sha256) => byPlace.get(`${path}\n${sha256}`) ?? byContent.get(sha256);
}

async function planView(catalog: Catalog, id: string, root: string): Promise<RepairPlanView> {
  const recording = repairable(catalog, id);
  const folder = folderFor(catalog, recording, root);
  const copy = join(folder, basename(recording.path));
  const { bytes, mended } = await planRepair(recording.path);
  return {
    recording: id,
    file: basename(recording.path),
    sha256: recording.sha256,
    folder: root || defaultRoot(catalog, recording),
    copy,
    taken: existsSync(copy),
    bytes,
    mends: mended,
    copies: copiesOf(catalog).get(id) ?? [],
    copyOf: originalOf(catalog, recording),
  };
}

async function* writeCopies(
  catalog: Catalog,
  ids: readonly string[],
  root: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<RepairMessage> {
  const left = new AbortController();
  const waiting: RepairMessage[] = [];
  let wake: () => void = () => undefined;
  let ended = false;
  const tell = (message: RepairMessage) => {
    if (message.type === 'progress' && waiting.at(-1)?.type === 'progress') waiting.pop();
    waiting.push(message);
    wake();
  };
  const stop = signal ? AbortSignal.any([signal, left.signal]) : left.signal;
  const work = writeAll(catalog, ids, root, stop, tell).finally(() => {
    ended = true;
    wake();
  });
  try {
    for (;;) {
      const next = waiting.shift();
      if (next) yield next;
      else if (ended) break;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
    await work;
  } finally {
    left.abort();
    await work;
  }
}

/** One bad file is told and the others go on. */
async function writeAll(
  catalog: Catalog,
  ids: readonly string[],
  root: string,
  signal: AbortSignal,
  tell: (message: RepairMessage) => void,
): Promise<void> {
  for (const id of ids) {
    if (signal.aborted) return;
    try {
      tell(await writeOne(catalog, id, root, signal, tell));
    } catch (error) {
      const { code, message } = AppError.from(error);
      if (code === 'cancelled') return;
      tell({ type: 'refused', recording: id, code, message });
    }
  }
}

async function writeOne(
  catalog: Catalog,
  id: string,
  root: string,
  signal: AbortSignal,
  tell: (message: RepairMessage) => void,
): Promise<RepairMessage> {
  const recording = repairable(catalog, id);
  let last = -Infinity;
  const { copy, mended, remaining } = await repairEdf(recording.path, folderFor(catalog, recording, root), {
    signal,
    progress(done, total) {
      if (performance.now() - last < progressEveryMs && done < total) return;
      last = performance.now();
      tell({ type: 'progress', recording: id, done, total });
    },
  });
  if (copy === null)
    throw new AppError(
      'no-data',
      remaining.find(({ severity }) => severity === 'error')?.effect ??
        `Nothing in ${basename(recording.path)} needs mending; no copy was written.`,
    );
  const facts: RepairFacts = {
    recording: id,
    copy,
    sha256: await fileHash(copy),
    mended: mended.map(({ code }) => code),
  };
  const at = new Date().toISOString();
  catalog.transaction(() => catalog.audit.append('repair', { ...facts }, at));
  return { type: 'written', recording: id, copy, bytes: (await stat(copy)).size, mended, remaining };
}

/** @throws AppError 'not-found' · 'unsupported' for what is no EDF or BDF file · 'damaged-file' when nothing of it can be read */
function repairable(catalog: Catalog, id: string): CatalogedRecording {
  const recording = catalog.recordings.get(id);
  if (!recording) throw new AppError('not-found', `There is no recording ${id} in this study.`);
  const name = basename(recording.path);
  if (!existsSync(recording.path))
    throw new AppError('not-found', `${name} is not at its place now; reconnect the drive and try again.`);
  if (recording.refusal !== null)
    throw new AppError('damaged-file', `${name} cannot be repaired. ${recording.refusal}`);
  if (!isMendable('version-odd', recording.format))
    throw new AppError(
      'unsupported',
      `${name} is ${recording.format}; only EDF and BDF files can be repaired.`,
    );
  return recording;
}

/** Below the chosen folder as below the one it was imported from, so that equal names do not meet. */
function folderFor(catalog: Catalog, recording: CatalogedRecording, root: string): string {
  if (root !== '' && !isAbsolute(root))
    throw new AppError('invalid-input', `"${root}" is no full path; choose the folder for the copies.`);
  return join(root || defaultRoot(catalog, recording), dirname(recording.relativePath));
}

function defaultRoot(catalog: Catalog, { dataset }: CatalogedRecording): string {
  const name = dataset.replace(/[\\/:*?"<>|]/g, '_').replace(/^\.+/, '_');
  return join(catalog.studyDir, 'repaired', name);
}

function repairsOf(catalog: Catalog): { at: string; facts: RepairFacts }[] {
  return catalog.audit.list().flatMap(({ what, at, facts }) => {
    const { recording, copy, sha256, mended } = facts;
    const known =
      what === 'repair' &&
      typeof recording === 'string' &&
      typeof copy === 'string' &&
      typeof sha256 === 'string' &&
      Array.isArray(mended);
    return known ? [{ at, facts: { recording, copy, sha256, mended: mended.map(String) } }] : [];
  });
}

/** A path that was written again counts with its last time. */
function copiesOf(catalog: Catalog): Map<string, RepairedCopy[]> {
  const copies = new Map<string, RepairedCopy[]>();
  const seen = new Set<string>();
  for (const { at, facts } of repairsOf(catalog).reverse()) {
    if (seen.has(facts.copy)) continue;
    seen.add(facts.copy);
    const copy: RepairedCopy = {
      path: facts.copy,
      at,
      there: existsSync(facts.copy),
      recording: catalog.recordings.byPath(facts.copy)?.id ?? null,
    };
    copies.set(facts.recording, [...(copies.get(facts.recording) ?? []), copy]);
  }
  return copies;
}

function originalOf(catalog: Catalog, { id, path, sha256 }: CatalogedRecording): RepairPlanView['copyOf'] {
  const original = copyFinder(catalog)(path, sha256);
  const recording = original === undefined || original === id ? undefined : catalog.recordings.get(original);
  return recording ? { id: recording.id, file: basename(recording.path) } : null;
}
