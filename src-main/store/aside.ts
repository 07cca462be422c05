/** Takes an artifact out of sight for a while, and brings it back even when the process did not live to do so. */
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { artifactKinds } from '#shared/artifacts.ts';
import type { OpenedArtifact } from './artifact.ts';
import { isSystemError } from './durable.ts';

/** Moves a finished artifact to `artifacts/.aside/<kind>/<id>/`, where nothing finds it. */
export async function putAside(studyDir: string, { dir, manifest }: OpenedArtifact): Promise<void> {
  const place = join(studyDir, 'artifacts', '.aside', manifest.kind, manifest.id);
  await mkdir(dirname(place), { recursive: true });
  await rename(dir, place);
}

/** Puts every artifact that was put aside back to its place; what was made there in the meantime gives way. */
export async function bringBack(studyDir: string): Promise<void> {
  const aside = join(studyDir, 'artifacts', '.aside');
  for (const kind of artifactKinds) {
    const ids = await readdir(join(aside, kind)).catch((error: unknown) => {
      if (isSystemError(error, 'ENOENT')) return [];
      throw error;
    });
    for (const id of ids) {
      const place = join(studyDir, 'artifacts', kind, id);
      await rm(place, { recursive: true, force: true });
      await rename(join(aside, kind, id), place);
    }
  }
  await rm(aside, { recursive: true, force: true });
}
