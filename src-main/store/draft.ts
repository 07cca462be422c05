/** An artifact being written: invisible until every byte is on the disk, then renamed into place in one step. */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, truncate, type FileHandle } from 'node:fs/promises';
import { dirname, join, posix, relative, sep } from 'node:path';
import type { ArtifactDraft, ArtifactFile, Manifest } from '#shared/artifacts.ts';
import { AppError } from '#shared/errors.ts';
import { artifactHash, artifactId, artifactKey, openArtifact, type ArtifactIdentity } from './artifact.ts';
import { isSystemError, syncFolder } from './durable.ts';
import { appendMark, beginJournal, journalName, readJournal, type SafeFile } from './journal.ts';

/** What only the end of the work knows. */
export interface ManifestEnd {
  /** ISO 8601. */
  createdAt: string;
  seconds: number;
  /** Version of Limbeck. */
  limbeck: string;
  summary: Record<string, unknown>;
}

export interface OpenDraft extends ArtifactDraft {
  readonly key: string;
  readonly id: string;
  /** Where it is being written; changes with `commit`. */
  readonly dir: string;
  /**
   * Flushes all files, writes the manifest last, renames. A finished artifact of the same key and content is kept and
   * its manifest returned.
   *
   * @param as what it has become, when that is something else than what was begun
   * @throws AppError 'conflict' when the id is taken by other content
   */
  commit(end: ManifestEnd, as?: DraftIdentity): Promise<Manifest>;
  discard(): Promise<void>;
}

/** A draft whose content, as far as it was marked, survives the process. */
export interface LastingDraft extends OpenDraft {
  /**
   * Makes everything written so far safe, a power cut included. `note` (plain JSON) comes back from {@link takeUpDraft}.
   * Files of a mark may grow; one that is written anew later takes the marks before with it.
   */
  mark(note: unknown): Promise<void>;
  /** Lets go of the files; what was marked waits for {@link takeUpDraft}. */
  leave(): Promise<void>;
}

/** `letter` of the id: S segments, D distillate, P pre-trained model, M fitted model, E evaluation, X export */
export type DraftIdentity = ArtifactIdentity & { letter: string };

interface OpenFile {
  hash: Hash;
  bytes: number;
  /** Undefined once flushed and closed. */
  handle: FileHandle | undefined;
  /** Not yet as it is now in a mark. */
  changed: boolean;
  /** Its name is not yet safe in the folder. */
  isNew: boolean;
}

/** Drafts that nobody took up for so long are removed when another is begun. */
const forgottenAfterMs = 30 * 24 * 3600 * 1000;

/** Starts an artifact in `artifacts/.writing/<key>/`; what an interrupted run of the same key left there is removed. */
export async function openDraft(studyDir: string, identity: DraftIdentity): Promise<OpenDraft> {
  const dir = await draftFolder(studyDir, identity);
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  return createDraft(studyDir, identity, dir, new Map());
}

/**
 * Goes on with what an interrupted run of the same key had marked as safe, or starts anew: what came after the last mark is cut
 * off, and content that is not what the mark says is not used.
 *
 * @param of what besides the key must be the same, as text
 * @returns the notes of the marks, oldest first; empty when it starts anew
 */
export async function takeUpDraft(
  studyDir: string,
  identity: DraftIdentity,
  of: string,
): Promise<{ draft: LastingDraft; notes: unknown[] }> {
  const dir = await draftFolder(studyDir, identity);
  const journal = await readJournal(dir, of);
  const files = journal && (await restoreFiles(dir, journal.files));
  if (journal && files) return { draft: createDraft(studyDir, identity, dir, files), notes: journal.notes };
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  await beginJournal(dir, of);
  await syncFolder(dir);
  return { draft: createDraft(studyDir, identity, dir, new Map()), notes: [] };
}

/** Removes what an interrupted run of this key left. */
export async function removeDraft(studyDir: string, key: string): Promise<void> {
  await rm(join(studyDir, 'artifacts', '.writing', key), { recursive: true, force: true });
}

function createDraft(
  studyDir: string,
  identity: DraftIdentity,
  dir: string,
  files: Map<string, OpenFile>,
): LastingDraft {
  const key = artifactKey(identity);
  const id = artifactId(identity.letter, key);
  let ended = false;

  async function put(path: string, content: Uint8Array | string, fresh: boolean): Promise<void> {
    if (ended)
      throw new AppError('internal', `Artifact ${id} is finished; nothing more can be written to it.`);
    if (
      posix.normalize(path) !== path ||
      path.startsWith('../') ||
      /^\/|\\|^manifest\.json$/.test(path) ||
      path === journalName
    )
      throw new AppError('internal', `"${path}" is not a file name inside an artifact.`);
    const target = join(dir, path);
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    let file = files.get(path);
    if (!file || fresh) {
      await file?.handle?.close();
      if (path.includes('/')) await mkdir(dirname(target), { recursive: true });
      file = {
        hash: createHash('sha256'),
        bytes: 0,
        handle: await open(target, 'w'),
        changed: true,
        isNew: true,
      };
      files.set(path, file);
    }
    file.changed = true;
    file.handle ??= await open(target, 'a');
    await writeAll(file.handle, bytes);
    file.hash.update(bytes);
    file.bytes += bytes.length;
  }

  /** Written data reaches the disk, not only the cache; files stay open while they grow. */
  async function flush(path: string): Promise<void> {
    const file = files.get(path);
    if (!file?.handle) return;
    const { handle } = file;
    file.handle = undefined;
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  async function syncFoldersOf(paths: readonly string[]): Promise<void> {
    for (const folder of new Set([...paths.map((path) => dirname(join(dir, path))), dir]))
      await syncFolder(folder);
  }

  async function finish(end: ManifestEnd, as: DraftIdentity): Promise<Manifest> {
    for (const path of files.keys()) await flush(path);
    const listed: ArtifactFile[] = [...files]
      .map(([path, file]) => ({ path, ...toSafe(file) }))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
    const keyNow = artifactKey(as);
    const manifest: Manifest = {
      manifestVersion: 1,
      kind: as.kind,
      id: artifactId(as.letter, keyNow),
      hash: artifactHash(listed),
      key: keyNow,
      createdAt: end.createdAt,
      seconds: end.seconds,
      limbeck: end.limbeck,
      engine: as.engine,
      seed: as.seed,
      params: as.params,
      inputs: [...as.inputs],
      files: listed,
      summary: end.summary,
    };
    await put('manifest.json.part', `${JSON.stringify(manifest, null, 1)}\n`, true);
    await flush('manifest.json.part');
    await rename(join(dir, 'manifest.json.part'), join(dir, 'manifest.json'));
    await syncFoldersOf([...files.keys()]);
    return manifest;
  }

  async function close(): Promise<void> {
    ended = true;
    for (const file of files.values()) await file.handle?.close();
    files.clear();
  }

  async function discard(): Promise<void> {
    await close();
    await rm(dir, { recursive: true, force: true });
  }

  return {
    key,
    id,
    dir,
    write: async (path, content) => {
      await put(path, content, true);
      await flush(path);
    },
    append: (path, content) => put(path, content, false),
    discard,
    leave: close,
    async mark(note) {
      const changed = [...files].filter(([, file]) => file.changed);
      for (const [path] of changed) await flush(path);
      const added = changed.filter(([, file]) => file.isNew);
      if (added.length > 0) await syncFoldersOf(added.map(([path]) => path));
      await appendMark(dir, note, Object.fromEntries(changed.map(([path, file]) => [path, toSafe(file)])));
      for (const [, file] of changed) file.changed = file.isNew = false;
    },
    async commit(end, as = identity) {
      const manifest = await finish(end, as);
      ended = true;
      const parent = join(studyDir, 'artifacts', as.kind);
      const place = join(parent, manifest.id);
      await mkdir(parent, { recursive: true });
      await rm(join(dir, journalName), { force: true });
      try {
        await rename(dir, place);
      } catch (error) {
        if (!isSystemError(error, 'ENOTEMPTY', 'EEXIST', 'EPERM')) throw error;
        const { manifest: existing } = await openArtifact(place);
        if (existing.key !== manifest.key || existing.hash !== manifest.hash)
          throw new AppError(
            'conflict',
            `${manifest.id} is already there with other content; delete it to keep the new result.`,
            { details: { id: manifest.id, existing: existing.hash, computed: manifest.hash } },
          );
        await discard();
        return existing;
      }
      await syncFolder(parent);
      return manifest;
    },
  };
}

async function draftFolder(studyDir: string, identity: DraftIdentity): Promise<string> {
  const writing = join(studyDir, 'artifacts', '.writing');
  await mkdir(writing, { recursive: true });
  const key = artifactKey(identity);
  for (const { name } of await readdir(writing, { withFileTypes: true })) {
    const found = await statOrNull(join(writing, name));
    if (found && name !== key && Date.now() - found.mtimeMs > forgottenAfterMs)
      await rm(join(writing, name), { recursive: true, force: true });
  }
  return join(writing, key);
}

/** Brings the files of a draft back to how they were at the last mark. @returns null when they cannot be */
async function restoreFiles(
  dir: string,
  safe: ReadonlyMap<string, SafeFile>,
): Promise<Map<string, OpenFile> | null> {
  const files = new Map<string, OpenFile>();
  for (const [path, { bytes, sha256 }] of safe) {
    const target = join(dir, path);
    const found = await statOrNull(target);
    if (!found || found.size < bytes) return null;
    await truncate(target, bytes);
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(target, { highWaterMark: 1 << 20 })) hash.update(chunk);
    const file: OpenFile = { hash, bytes, handle: undefined, changed: false, isNew: false };
    if (toSafe(file).sha256 !== sha256) return null;
    files.set(path, file);
  }
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    const path = relative(dir, join(entry.parentPath, entry.name)).split(sep).join('/');
    if (!entry.isDirectory() && path !== journalName && !files.has(path)) await rm(join(dir, path));
  }
  return files;
}

async function statOrNull(path: string): Promise<{ size: number; mtimeMs: number } | null> {
  return stat(path).catch((error: unknown) => {
    if (isSystemError(error, 'ENOENT')) return null;
    throw error;
  });
}

const toSafe = ({ bytes, hash }: OpenFile): SafeFile => ({ bytes, sha256: hash.copy().digest('hex') });

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, at);
    at += bytesWritten;
  }
}
