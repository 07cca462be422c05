/** Finds the recordings below files and folders: sorted, with a count of what was passed over. */
import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { AppError } from '#shared/errors.ts';
import { looksLikeRecording } from './readers.ts';

export interface FoundFile {
  path: string;
  /** Below the folder that was named, with '/' between; the file's name when a file was named. */
  relativePath: string;
}

export interface FoundFiles {
  files: FoundFile[];
  /** Extension ('' without one) → number of files that are no recordings. */
  ignored: Record<string, number>;
}

/**
 * Files named directly are always taken, whatever they look like; files in folders when they look like recordings.
 * Hidden files and folders are passed over.
 *
 * @param unreadable told of each file or folder below that cannot be looked into; without it such a one ends the search
 * @throws AppError 'not-found' when a named path does not exist
 */
export async function findRecordings(
  paths: readonly string[],
  unreadable: Unreadable = (_, error) => {
    throw error;
  },
): Promise<FoundFiles> {
  const found: FoundFiles = { files: [], ignored: {} };
  for (const path of paths) {
    const info = await stat(path).catch((error: unknown) => {
      throw new AppError('not-found', `${path} does not exist; check the path or reconnect the drive.`, {
        cause: error,
      });
    });
    if (info.isDirectory()) await walk(path, path, found, unreadable);
    else found.files.push({ path, relativePath: basename(path) });
  }
  const seen = new Set<string>();
  found.files = found.files
    .filter(({ path }) => !seen.has(path) && seen.add(path))
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  return found;
}

/** @param relativePath below the folder that was named */
type Unreadable = (relativePath: string, error: AppError) => void;

async function walk(root: string, folder: string, found: FoundFiles, unreadable: Unreadable): Promise<void> {
  const below = (path: string) => relative(root, path).split(sep).join('/');
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    unreadable(below(folder), AppError.from(error));
    return [];
  });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await walk(root, path, found, unreadable);
    else if (entry.isFile() || entry.isSymbolicLink()) {
      const taken = await looksLikeRecording(path).catch((error: unknown) => {
        unreadable(below(path), AppError.from(error));
        return null;
      });
      if (taken) found.files.push({ path, relativePath: below(path) });
      else if (taken === false) {
        const extension = extensionOf(entry.name);
        found.ignored[extension] = (found.ignored[extension] ?? 0) + 1;
      }
    }
  }
}

function extensionOf(name: string): string {
  return /(\.[a-z0-9]+)(\.gz)?$/i.exec(name)?.[0]?.toLowerCase() ?? '';
}
