/** An artifact being written: invisible until every byte is on the disk, then renamed into place in one step. */
import { createHash, type Hash } from 'node:crypto';
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import type { ArtifactDraft, ArtifactFile, Manifest } from '#shared/artifacts.ts';
import { AppError } from '#shared/errors.ts';
import { artifactHash, artifactId, artifactKey, openArtifact, type ArtifactIdentity } from './artifact.ts';
import { isSystemError, syncFolder } from './durable.ts';

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
   * @throws AppError 'conflict' when the id is taken by other content
   */
  commit(end: ManifestEnd): Promise<Manifest>;
  discard(): Promise<void>;
}

interface OpenFile {
  hash: Hash;
  bytes: number;
  /** Undefined once flushed and closed. */
  handle: FileHandle | undefined;
}

/**
 * Starts an artifact in `artifacts/.writing/<key>/`; what an interrupted run of the same key left there is removed.
 *
 * @param letter of the id: S segments, D distillate, P pre-trained model, M fitted model, E evaluation, X export
 */
export async function openDraft(
  studyDir: string,
  identity: ArtifactIdentity & { letter: string },
): Promise<OpenDraft> {
  const key = artifactKey(identity);
  const id = artifactId(identity.letter, key);
  const dir = join(studyDir, 'artifacts', '.writing', key);
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  const files = new Map<string, OpenFile>();
  let ended = false;

  async function put(path: string, content: Uint8Array | string, fresh: boolean): Promise<void> {
    if (ended)
      throw new AppError('internal', `Artifact ${id} is finished; nothing more can be written to it.`);
    if (posix.normalize(path) !== path || path.startsWith('../') || /^\/|\\|^manifest\.json$/.test(path))
      throw new AppError('internal', `"${path}" is not a file name inside an artifact.`);
    const target = join(dir, path);
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    let file = files.get(path);
    if (!file || fresh) {
      await file?.handle?.close();
      if (path.includes('/')) await mkdir(dirname(target), { recursive: true });
      file = { hash: createHash('sha256'), bytes: 0, handle: await open(target, 'w') };
      files.set(path, file);
    }
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

  async function finish(end: ManifestEnd): Promise<Manifest> {
    for (const path of files.keys()) await flush(path);
    const listed: ArtifactFile[] = [...files]
      .map(([path, file]) => ({ path, bytes: file.bytes, sha256: file.hash.copy().digest('hex') }))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
    const manifest: Manifest = {
      manifestVersion: 1,
      kind: identity.kind,
      id,
      hash: artifactHash(listed),
      key,
      createdAt: end.createdAt,
      seconds: end.seconds,
      limbeck: end.limbeck,
      engine: identity.engine,
      seed: identity.seed,
      params: identity.params,
      inputs: [...identity.inputs],
      files: listed,
      summary: end.summary,
    };
    await put('manifest.json.part', `${JSON.stringify(manifest, null, 1)}\n`, true);
    await flush('manifest.json.part');
    await rename(join(dir, 'manifest.json.part'), join(dir, 'manifest.json'));
    const folders = new Set(listed.map(({ path }) => dirname(join(dir, path))));
    for (const folder of [...folders, dir]) await syncFolder(folder);
    return manifest;
  }

  async function discard(): Promise<void> {
    ended = true;
    for (const file of files.values()) await file.handle?.close();
    files.clear();
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
    async commit(end) {
      const manifest = await finish(end);
      ended = true;
      const parent = join(studyDir, 'artifacts', identity.kind);
      const place = join(parent, id);
      await mkdir(parent, { recursive: true });
      try {
        await rename(dir, place);
      } catch (error) {
        if (!isSystemError(error, 'ENOTEMPTY', 'EEXIST', 'EPERM')) throw error;
        const { manifest: existing } = await openArtifact(place);
        if (existing.key !== key || existing.hash !== manifest.hash)
          throw new AppError(
            'conflict',
            `${id} is already there with other content; delete it to keep the new result.`,
            { details: { id, existing: existing.hash, computed: manifest.hash } },
          );
        await discard();
        return existing;
      }
      await syncFolder(parent);
      return manifest;
    },
  };
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, at);
    at += bytesWritten;
  }
}
