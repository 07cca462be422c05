/** Files that survive a power cut: written, flushed to the disk, and only then given their name. */
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Replaces a file as a whole: readers see the old content or the new, never a part. The folder must exist. */
export async function replaceFile(path: string, content: Uint8Array | string): Promise<void> {
  const aside = `${path}.part`;
  const handle = await open(aside, 'w');
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(aside, path);
  await syncFolder(dirname(path));
}

/** Makes new and renamed entries of a folder durable. Windows cannot open folders, and its rename is journalled. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Whether a system error carries one of these codes, e.g. 'ENOENT'. */
export function isSystemError(error: unknown, ...codes: string[]): boolean {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code)
  );
}
