/** Writes what an import found into the catalog: recordings, their channel maps, their labels. */
import { suggestChannelMap, type LabProfile } from '#shared/eeg/channel-map.ts';
import type { ImportedRecording } from '#shared/eeg/imported.ts';
import type { Catalog } from '#main/catalog/catalog.ts';
import type { JobOutput } from '#main/jobs/job.ts';
import { currentProfile } from './lab-profile.ts';
import { copyFinder } from './repairs.ts';

export function recordImported(catalog: Catalog, recordings: readonly ImportedRecording[]): void {
  const { profile, version } = currentProfile(catalog);
  const originalOf = copyFinder(catalog);
  catalog.transaction(() => {
    for (const recording of recordings) {
      catalog.recordings.put(recording);
      countOnce(catalog, recording.id, originalOf(recording.path, recording.sha256));
      // For a file that cannot be used any more, this takes away what was there.
      mapRecording(catalog, recording.id, profile, version);
      catalog.labels.set(recording.id, recording.labelSource, recording.labels);
    }
  });
}

/** A mended copy holds the samples of its original: the two are one recording of one person, counted and used once. */
function countOnce(catalog: Catalog, copy: string, original: string | undefined): void {
  const first = original === undefined || original === copy ? undefined : catalog.recordings.get(original);
  if (!first) return;
  catalog.recordings.setDuplicate(copy, first.duplicateOf ?? first.id);
  catalog.recordings.setSubject(copy, first.subject);
}

export function recordLabels(catalog: Catalog, labels: NonNullable<JobOutput['labels']>): void {
  for (const { recording, subject, spans } of labels) {
    catalog.labels.set(recording, 'table', spans);
    if (subject) catalog.recordings.setSubject(recording, subject);
  }
}

/** Suggests anew what the channels of a recording mean, with the lab's answers. */
export function mapRecording(
  catalog: Catalog,
  recording: string,
  profile: LabProfile | undefined,
  version: number,
): void {
  const channels = catalog.recordings.channels(recording);
  catalog.recordings.setMap(recording, version, suggestChannelMap(channels, profile ? { profile } : {}));
}
