/** The folder an export is written into: aside as `<out>.writing`, checked, and only then given its name. */
import { createHash, type Hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import {
  mkdir,
  open,
  readFile,
  readdir,
  rename,
  rm,
  rmdir,
  writeFile,
  type FileHandle,
} from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { ArtifactFile } from '#shared/artifacts.ts';
import { AppError } from '#shared/errors.ts';
import { makeFolder } from '#main/io/make-folder.ts';

/** Tells a folder left behind by an interrupted export from one that is somebody's. */
const marker = '.limbeck-export';

export interface ExportFolder {
  readonly dir: string;
  /** Files in the order written, with the hash of what was meant. */
  readonly files: readonly ArtifactFile[];
  write(path: string, content: Uint8Array | string): Promise<void>;
  /** A file written piece by piece; `close` adds it to the list. */
  stream(path: string): Promise<{ append(piece: Uint8Array): Promise<void>; close(): Promise<void> }>;
  /** Adds a file another writer made below `dir`. */
  adopt(path: string): Promise<void>;
  absolute(path: string): string;
  /** Reads every file again and compares its hash with what was meant. @throws AppError 'not-verified' */
  verify(): Promise<void>;
  /** Gives the folder its name. */
  commit(): Promise<void>;
  /** Removes everything written. */
  discard(): Promise<void>;
}

/** @throws AppError 'conflict' when `out` holds something already, 'read-only' | 'disk-full' as the system says */
export async function createExportFolder(out: string): Promise<ExportFolder> {
  const final = resolve(out);
  const dir = `${final}.writing`;
  if (existsSync(final) && (await readdir(final)).length > 0)
    throw new AppError(
      'conflict',
      `The folder ${final} is not empty; choose a new one, nothing was changed.`,
    );
  if (existsSync(dir)) {
    if (!existsSync(join(dir, marker)))
      throw new AppError(
        'conflict',
        `The folder ${dir} exists and was not made by an export; rename it or choose another folder.`,
      );
    await rm(dir, { recursive: true });
  }
  try {
    makeFolder(dir);
    await writeFile(join(dir, marker), '');
  } catch (error) {
    throw AppError.from(error);
  }
  return new Folder(dir, final);
}

class Folder implements ExportFolder {
  readonly dir: string;
  readonly files: ArtifactFile[] = [];
  private readonly final: string;
  private readonly handles = new Set<FileHandle>();

  constructor(dir: string, final: string) {
    this.dir = dir;
    this.final = final;
  }

  absolute(path: string): string {
    return join(this.dir, path);
  }

  async write(path: string, content: Uint8Array | string): Promise<void> {
    const file = await this.stream(path);
    await file.append(typeof content === 'string' ? new TextEncoder().encode(content) : content);
    await file.close();
  }

  async stream(path: string) {
    await mkdir(dirname(this.absolute(path)), { recursive: true });
    const handle = await open(this.absolute(path), 'wx');
    this.handles.add(handle);
    const hash = createHash('sha256');
    let bytes = 0;
    return {
      append: async (piece: Uint8Array) => {
        hash.update(piece);
        bytes += piece.length;
        await handle.writeFile(piece);
      },
      close: async () => {
        await handle.sync();
        await handle.close();
        this.handles.delete(handle);
        this.files.push({ path, bytes, sha256: hash.digest('hex') });
      },
    };
  }

  async adopt(path: string): Promise<void> {
    this.files.push({ path, ...(await hashFile(this.absolute(path))) });
  }

  async verify(): Promise<void> {
    for (const { path, sha256 } of this.files) {
      const there = await hashFile(this.absolute(path));
      if (there.sha256 !== sha256)
        throw new AppError(
          'not-verified',
          `Read back differs in ${path}. The export was removed again; check the drive and write it once more.`,
        );
    }
  }

  async commit(): Promise<void> {
    await rm(join(this.dir, marker));
    if (existsSync(this.final)) await rmdir(this.final);
    await rename(this.dir, this.final);
  }

  async discard(): Promise<void> {
    for (const handle of this.handles) await handle.close();
    await rm(this.dir, { recursive: true, force: true });
  }
}

async function hashFile(path: string): Promise<{ bytes: number; sha256: string }> {
  const handle = await open(path, 'r');
  try {
    return await hashHandle(handle, createHash('sha256'));
  } finally {
    await handle.close();
  }
}

async function hashHandle(handle: FileHandle, hash: Hash): Promise<{ bytes: number; sha256: string }> {
  const piece = new Uint8Array(1 << 20);
  let bytes = 0;
  for (;;) {
    const { bytesRead } = await handle.read(piece, 0, piece.length, bytes);
    if (bytesRead === 0) return { bytes, sha256: hash.digest('hex') };
    hash.update(piece.subarray(0, bytesRead));
    bytes += bytesRead;
  }
}

/** `sha256sum -c checksums.sha256` accepts it. */
export function checksumText(files: readonly ArtifactFile[]): string {
  return files.map(({ path, sha256 }) => `${sha256}  ${path}\n`).join('');
}

/** A text file of a finished or unfinished export. */
export async function readText(folder: ExportFolder, path: string): Promise<string> {
  return readFile(folder.absolute(path), 'utf8');
}
