/**
 * Results on disk: `artifacts/<kind>/<id>/` in a study, found again by what they were made from, verified by hash.
 * How one comes to be is in draft.ts.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import {
  artifactKinds,
  type ArtifactFile,
  type ArtifactFolder,
  type ArtifactInput,
  type ArtifactKind,
  type Manifest,
} from '#shared/artifacts.ts';
import { AppError } from '#shared/errors.ts';
import { canonicalJson, sha256 } from './canonical.ts';
import { isSystemError, syncFolder } from './durable.ts';

/** What makes an artifact what it is. The same identity gives the same key, wherever and whenever it is computed. */
export interface ArtifactIdentity {
  kind: ArtifactKind;
  /** The step and variant that computes it, e.g. 'prepare' or 'pretrain/one-model-for-all'. */
  method: string;
  params: Record<string, unknown>;
  seed: number;
  /** '' where no tensors take part. */
  engine: string;
  /** In the order they are used: it decides the order of rows, so it is part of the key. Ids and names are not. */
  inputs: readonly ArtifactInput[];
}

export type OpenedArtifact = ArtifactFolder & { readonly dir: string };

/** SHA-256 (hex) of the canonical JSON of {kind, method, params, seed, engine, inputs as [role, hash]}. */
export function artifactKey({ kind, method, params, seed, engine, inputs }: ArtifactIdentity): string {
  const used = inputs.map(({ role, hash }) => [role, hash]);
  return sha256(canonicalJson({ kind, method, params, seed, engine, inputs: used }));
}

/** 'D-1a2b3c4d5e': the letter of the kind and the first ten digits of the key. */
export function artifactId(letter: string, key: string): string {
  if (!/^[A-Z]$/.test(letter))
    throw new AppError('internal', `An artifact's letter is one capital, not "${letter}".`);
  return `${letter}-${key.slice(0, 10)}`;
}

/** SHA-256 over "path NUL sha256 LF" of the files in path order. */
export function artifactHash(files: readonly ArtifactFile[]): string {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  return sha256(sorted.map((file) => `${file.path}\0${file.sha256}\n`).join(''));
}

/** Finds a finished artifact by its key (64 hex digits) or its id; null when there is none. */
export async function findArtifact(studyDir: string, keyOrId: string): Promise<OpenedArtifact | null> {
  const key = /^[0-9a-f]{64}$/.test(keyOrId) ? keyOrId : null;
  if (!key && !/^[A-Z]-[0-9a-f]{10}$/.test(keyOrId)) return null;
  for (const kind of artifactKinds) {
    const folder = join(studyDir, 'artifacts', kind);
    for (const name of await namesIn(folder)) {
      if (key ? name.slice(2) !== key.slice(0, 10) : name !== keyOrId) continue;
      const artifact = await openArtifact(join(folder, name));
      if (!key || artifact.manifest.key === key) return artifact;
    }
  }
  return null;
}

/** Every finished artifact of a study, by kind, then id. Folders that cannot be read are told apart, not skipped. */
export async function listArtifacts(
  studyDir: string,
): Promise<{ artifacts: OpenedArtifact[]; damaged: { dir: string; error: AppError }[] }> {
  const artifacts: OpenedArtifact[] = [];
  const damaged: { dir: string; error: AppError }[] = [];
  for (const kind of artifactKinds) {
    for (const name of (await namesIn(join(studyDir, 'artifacts', kind))).sort()) {
      const dir = join(studyDir, 'artifacts', kind, name);
      try {
        artifacts.push(await openArtifact(dir));
      } catch (error) {
        damaged.push({ dir, error: AppError.from(error) });
      }
    }
  }
  return { artifacts, damaged };
}

/** Files up to this are compared with their hash whenever they are read, larger ones by their length only: bytes. */
const hashedUpTo = 4 << 20;

/**
 * Opens a finished artifact folder.
 *
 * @throws AppError 'not-found' | 'damaged-file' | 'newer-version'
 */
export async function openArtifact(dir: string): Promise<OpenedArtifact> {
  const manifest = await readManifest(dir);
  const known = new Map(manifest.files.map((file) => [file.path, file]));
  const bytes = async (path: string): Promise<Uint8Array> => {
    const meant = known.get(path);
    if (!meant)
      throw new AppError('not-found', `Artifact ${manifest.id} has no file "${path}"; compute it again.`);
    const buffer = await readFile(join(dir, path)).catch((error: unknown) => {
      throw missing(error, manifest.id, path);
    });
    if (buffer.length !== meant.bytes || (buffer.length <= hashedUpTo && sha256(buffer) !== meant.sha256))
      throw new AppError(
        'damaged-file',
        `"${path}" of ${manifest.id} is not as it was written. Put back a copy of the artifact's folder, or delete the folder and compute it again.`,
      );
    // Its own memory from offset 0, so that a caller may lay a Float32Array over it.
    return new Uint8Array(buffer);
  };
  return {
    dir,
    manifest,
    bytes,
    async json<T>(path: string): Promise<T> {
      const text = new TextDecoder().decode(await bytes(path));
      try {
        return JSON.parse(text);
      } catch (cause) {
        throw new AppError(
          'damaged-file',
          `"${path}" of ${manifest.id} is not valid JSON; delete the artifact and compute it again.`,
          { cause },
        );
      }
    },
  };
}

/** Recomputes every hash. Returns one sentence per difference; an empty list means whole and unchanged. */
export async function verifyArtifact(dir: string): Promise<string[]> {
  const manifest = await readManifest(dir);
  const problems: string[] = [];
  for (const file of manifest.files) {
    const found = await hashFile(join(dir, file.path)).catch((error: unknown) => {
      if (isSystemError(error, 'ENOENT', 'EISDIR')) return null;
      throw error;
    });
    if (!found) problems.push(`${file.path} is missing.`);
    else if (found.bytes !== file.bytes)
      problems.push(`${file.path} has ${found.bytes} bytes instead of ${file.bytes}.`);
    else if (found.sha256 !== file.sha256)
      problems.push(`${file.path} has other content than when it was made.`);
  }
  const known = new Set(['manifest.json', ...manifest.files.map((file) => file.path)]);
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const path = relative(dir, join(entry.parentPath, entry.name)).split(sep).join('/');
    if (!known.has(path)) problems.push(`${path} was added later.`);
  }
  if (artifactHash(manifest.files) !== manifest.hash)
    problems.push('manifest.json does not match its own hash.');
  return problems;
}

/** Takes an artifact out of the study in one step, then deletes it. Does nothing when there is none of this id. */
export async function removeArtifact(studyDir: string, id: string): Promise<void> {
  const artifact = await findArtifact(studyDir, id);
  if (!artifact) return;
  const aside = join(studyDir, 'artifacts', '.writing');
  await mkdir(aside, { recursive: true });
  const going = join(aside, `removed-${artifact.manifest.id}`);
  await rm(going, { recursive: true, force: true });
  await rename(artifact.dir, going);
  await syncFolder(join(studyDir, 'artifacts', artifact.manifest.kind));
  await rm(going, { recursive: true });
}

async function readManifest(dir: string): Promise<Manifest> {
  const text = await readFile(join(dir, 'manifest.json'), 'utf8').catch((error: unknown) => {
    throw missing(error, dir, 'manifest.json');
  });
  const fail = (cause?: unknown) =>
    new AppError(
      'damaged-file',
      `The manifest in ${dir} cannot be read; delete the folder and compute it again.`,
      {
        cause,
      },
    );
  let manifest: unknown;
  try {
    manifest = JSON.parse(text);
  } catch (cause) {
    throw fail(cause);
  }
  if (typeof manifest !== 'object' || manifest === null || !('manifestVersion' in manifest)) throw fail();
  if (Number(manifest.manifestVersion) > 1)
    throw new AppError('newer-version', `${dir} was made by a newer Limbeck; open it with that version.`);
  if (!isManifest(manifest)) throw fail();
  return manifest;
}

function isManifest(value: object): value is Manifest {
  const { manifestVersion, kind, id, hash, key, files, inputs } = value as Partial<Manifest>;
  return (
    manifestVersion === 1 &&
    artifactKinds.some((known) => known === kind) &&
    [id, hash, key].every((text) => typeof text === 'string') &&
    Array.isArray(inputs) &&
    Array.isArray(files) &&
    files.every((file) => typeof file?.path === 'string' && typeof file.sha256 === 'string')
  );
}

async function hashFile(path: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

async function namesIn(folder: string): Promise<string[]> {
  const isThere = await stat(folder).catch((error: unknown) => {
    if (isSystemError(error, 'ENOENT')) return null;
    throw error;
  });
  if (!isThere) return [];
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && /^[A-Z]-[0-9a-f]{10}$/.test(entry.name))
    .map(({ name }) => name);
}

function missing(error: unknown, id: string, path: string): unknown {
  if (!isSystemError(error, 'ENOENT')) return error;
  return new AppError('not-found', `"${path}" of ${id} is gone; compute it again.`, { cause: error });
}
