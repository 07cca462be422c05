/** A distillate as stored in a study, opened for whoever uses its subset. */
import type { Manifest } from '#shared/artifacts.ts';
import { keptIndices, methodOf, type Distillate } from '#shared/eeg/distillate.ts';
import { AppError } from '#shared/errors.ts';
import { decodeDistillate } from '#main/distillation/distillate-files.ts';
import { openedArtifact } from './resources.ts';

export interface StoredDistillate {
  manifest: Manifest;
  content: Distillate;
  keep: number;
  /** Id of the prepared store it chose from. */
  segments: string;
}

export async function openDistillate(studyDir: string, id: string): Promise<StoredDistillate> {
  const artifact = await openedArtifact(studyDir, id);
  if (artifact.manifest.kind !== 'distillate')
    throw new AppError('invalid-input', `${id} is a ${artifact.manifest.kind}, not a distillate (D-…).`);
  const content = await decodeDistillate((path) => artifact.bytes(path));
  const segments = artifact.manifest.inputs.find((input) => input.role === 'segments')?.id ?? '';
  return { manifest: artifact.manifest, content, keep: content.keep, segments };
}

/**
 * Store indices of the first share of the order, ascending.
 * @param keep 0: as distilled
 * @param by   '' or another method of the comparison
 */
export function chosenSegments(
  { content, manifest }: StoredDistillate,
  keep: number,
  by: string,
): Int32Array {
  if (by !== '') {
    const lacking = content.groups.find((group) => !methodOf(group, by));
    const there = content.groups[0]
      ? [content.groups[0].chosen, ...content.groups[0].others].map((method) => method.name)
      : [];
    if (lacking)
      throw new AppError(
        'not-found',
        `${manifest.id} was not compared with "${by}"; it has ${there.join(', ')}.`,
      );
  }
  refuseUnordered({ content, manifest }, keep);
  return keptIndices(content, keep || content.keep, by || undefined)
    .slice()
    .sort();
}

/** @throws AppError 'invalid-input' when a share is larger than what was ordered: the order ends there */
export function refuseUnordered(
  { content, manifest }: Pick<StoredDistillate, 'content' | 'manifest'>,
  keep: number,
): void {
  if (keep <= content.orderUpTo) return;
  throw new AppError(
    'invalid-input',
    `${manifest.id} is ordered up to ${percent(content.orderUpTo)} %; distil again with a larger --order-up-to to keep ${percent(keep)} %.`,
  );
}

const percent = (share: number) => Number((100 * share).toFixed(2));
