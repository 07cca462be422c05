/** A file of results: written aside and then given its name, so that a full disk leaves nothing that looks whole. */
import { rename, rm, writeFile } from 'node:fs/promises';
import { AppError } from '#shared/errors.ts';

/** @throws AppError 'disk-full' | 'read-only' | 'not-found' | 'invalid-input' as the system says; what was there before stays */
export async function writeWhole(path: string, content: Uint8Array): Promise<void> {
  const aside = `${path}.part`;
  try {
    await writeFile(aside, content);
    await rename(aside, path);
  } catch (error) {
    // The first error counts; without room or rights there may be nothing to remove.
    await rm(aside, { force: true }).catch(() => undefined);
    throw AppError.from(error);
  }
}
