/** Puts a finished folder in the place of another, so that a power cut leaves one of the two whole. */
import { existsSync, readdirSync } from 'node:fs';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError } from '#shared/errors.ts';
import { previousFolder } from './installed-engine.ts';

/** Flushes what was written, then two renames; whoever finds the place empty looks at {@link previousFolder}. */
export async function replaceFolder(finished: string, place: string): Promise<void> {
  await flush(finished);
  const previous = previousFolder(place);
  if (existsSync(place)) {
    await rm(previous, { recursive: true, force: true });
    await rename(place, previous);
  }
  await rename(finished, place);
  await flushOne(dirname(place));
  await rm(previous, { recursive: true, force: true });
}

/** Brings the previous folder back where a replacing was cut off in its middle. */
export async function undoHalfReplaced(place: string): Promise<void> {
  const previous = previousFolder(place);
  if (!existsSync(place) && existsSync(previous)) await rename(previous, place);
}

/** A folder's name for work in progress; it carries the process, so that leftovers of dead ones can be told. */
export function workName(place: string, processId = process.pid): string {
  return `${place}.installing-${processId}`;
}

/**
 * Deletes what installations left that were cut off.
 *
 * @returns how many
 * @throws AppError 'locked' while another process installs
 */
export async function removeLeftovers(place: string): Promise<number> {
  const folder = dirname(place);
  if (!existsSync(folder)) return 0;
  const left = readdirSync(folder).filter((name) => name.startsWith(`${basename(place)}.installing-`));
  for (const name of left) {
    const id = Number(name.split('-').at(-1));
    if (isRunning(id))
      throw new AppError(
        'locked',
        `The engine is being installed by another process (number ${id}); wait until it has finished.`,
      );
    await rm(join(folder, name), { recursive: true, force: true });
  }
  return left.length;
}

/** Other than this one: after a restart of the machine this process may have the number of the one that was cut off. */
function isRunning(processId: number): boolean {
  if (processId === process.pid) return false;
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function flush(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await flush(path);
    else if (entry.isFile()) await flushOne(path);
  }
  await flushOne(folder);
}

async function flushOne(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
