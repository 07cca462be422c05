/** The checkpoint of a run on disk: one file, replaced as a whole, so a torn one cannot exist. */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '#shared/errors.ts';
import type { Checkpoint, CheckpointStore } from '#shared/jobs.ts';
import { decodeSafetensors, encodeSafetensors } from '#shared/safetensors.ts';
import { canonicalJson } from './canonical.ts';
import { isSystemError, replaceFile } from './durable.ts';

/**
 * The store of one run, at `<study>/work/<key>/checkpoint.safetensors`. Nothing is created before the first save.
 *
 * @param key of the artifact the run will make; the same input finds its checkpoint again
 */
export function openCheckpoints(
  studyDir: string,
  key: string,
): CheckpointStore & { remove(): Promise<void> } {
  const folder = join(studyDir, 'work', key);
  const path = join(folder, 'checkpoint.safetensors');
  return {
    async load(): Promise<Checkpoint | null> {
      const bytes = await readFile(path).catch((error: unknown) => {
        if (isSystemError(error, 'ENOENT')) return null;
        throw error;
      });
      if (!bytes) return null;
      const { tensors, metadata } = decodeSafetensors(bytes);
      const state: unknown = JSON.parse(metadata['state'] ?? 'null');
      if (typeof state !== 'object' || state === null)
        throw new AppError(
          'damaged-file',
          `The checkpoint ${path} has no state; delete it to start this run from the beginning.`,
        );
      return { tensors, state: { ...state } };
    },
    /** @throws AppError 'internal' when the state holds what JSON cannot (NaN, Infinity): it would come back as null. */
    async save({ tensors, state }: Checkpoint): Promise<void> {
      const bytes = encodeSafetensors(tensors, { state: canonicalJson(state) });
      await mkdir(folder, { recursive: true });
      await replaceFile(path, bytes);
    },
    async remove(): Promise<void> {
      await rm(folder, { recursive: true, force: true });
    },
  };
}
