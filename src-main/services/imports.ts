/** Writes what an import found into the catalog: recordings, their channel maps, their labels. */
import { suggestChannelMap, type LabProfile } from '#shared/eeg/channel-map.ts';
import type { ImportedRecording } from '#shared/eeg/imported.ts';
import type { Catalog } from '#main/catalog/catalog.ts';
import type { JobOutput } from '#main/jobs/job.ts';
import { currentProfile } from './lab-profile.ts';

export function recordImported(catalog: Catalog, recordings: readonly ImportedRecording[]): void {
  const { profile, version } = currentProfile(catalog);
  catalog.transaction(() => {
    for (const recording of recordings) {
      catalog.recordings.put(recording);
      if (recording.header === null) continue;
      mapRecording(catalog, recording.id, profile, version);
      catalog.labels.set(recording.id, recording.labelSource, recording.labels);
    }
  });
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
