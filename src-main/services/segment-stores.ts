/** Prepared stores held open while a study is: the index of a large one takes a moment to read. */
import { findArtifact } from '#main/store/artifact.ts';
import { openSegmentStore, type SegmentStore } from '#main/store/segments.ts';
import type { Study } from './study.ts';

const open = new WeakMap<Study, Map<string, Promise<SegmentStore>>>();

/** @param id of the store; the newest when left out. Null when nothing is prepared. */
export async function segmentStoreOf(
  study: Study,
  id = study.catalog.artifacts.list('segments')[0]?.id,
): Promise<SegmentStore | null> {
  if (id === undefined) return null;
  const own = open.get(study) ?? new Map<string, Promise<SegmentStore>>();
  open.set(study, own);
  const known = own.get(id);
  if (known) return known;
  const artifact = await findArtifact(study.dir, id);
  if (!artifact) return null;
  const opening = openSegmentStore(artifact.dir);
  own.set(id, opening);
  return opening;
}
