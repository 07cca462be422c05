/** What a path means that came with the start, a second start, or "open with": a study opens, a recording is added. */
import { statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { AppError } from '#shared/errors.ts';
import type { Studies } from './services/study.ts';

/**
 * The one word of a command line that is a path; a browser engine may have put its own switches before it.
 * @param programs words that name the program itself
 */
export function givenPath(words: readonly string[], workingDir: string, programs: string[]): string | null {
  const paths = words.filter((word) => word !== '' && !word.startsWith('-'));
  return (
    paths
      .slice(1)
      .map((word) => resolve(workingDir, word))
      .filter((path) => !programs.includes(path))
      .at(-1) ?? null
  );
}

/** @throws AppError 'no-data' for a recording while no study is open, and what opening a study throws */
export async function openGiven(studies: Studies, path: string): Promise<void> {
  const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  if (isFile && basename(path) === 'study.sqlite') await studies.openAt(dirname(path));
  else if (!isFile) await studies.openAt(path);
  else if (studies.open) {
    studies.open.queue.add({ kind: 'import', paths: [path], dataset: '', labels: '' });
  } else {
    throw new AppError(
      'no-data',
      `${basename(path)} can be added once a study is open. Open a study, or a folder for a new one, then open the recording again.`,
    );
  }
}
