/** `map`: what the channels of a study mean, after applying a lab profile if one is given. */
import { readFile } from 'node:fs/promises';
import { compareSites } from '#shared/eeg/electrodes.ts';
import { AppError } from '#shared/errors.ts';
import { mapRecording } from '#main/services/imports.ts';
import { coverage, parseProfile } from '#main/services/channel-maps.ts';
import { inStudy } from './session.ts';
import { table } from './terminal.ts';
import type { Verb } from './verb.ts';

export const mapVerb: Verb = {
  summary: 'Suggests or applies channel maps; coverage of sites.',
  usage: '--study DIR [--profile FILE]',
  options: { profile: { type: 'string' } },
  async run({ flags, values }) {
    return inStudy(flags, async ({ catalog }) => {
      const file = values['profile'];
      if (typeof file === 'string') {
        const text = await readFile(file, 'utf8').catch((cause: unknown) => {
          throw new AppError('not-found', `The lab profile ${file} cannot be read; check its path.`, {
            cause,
          });
        });
        const profile = parseProfile(text);
        catalog.transaction(() => {
          const version = catalog.profiles.add(JSON.stringify(profile), new Date().toISOString());
          for (const recording of catalog.recordings.list())
            if (recording.refusal === null) mapRecording(catalog, recording.id, profile, version);
        });
      }
      const recordings = catalog.recordings
        .list()
        .filter((recording) => recording.refusal === null)
        .map((recording) => {
          const entries = catalog.recordings
            .map(recording.id)
            .filter((entry) => entry.kind !== 'annotations');
          const mapped = entries.filter((entry) => entry.electrode !== null || entry.bipolar !== null).length;
          const unknown = entries.filter(
            (entry) =>
              entry.confidence === 'ask' || (entry.confidence === 'none' && entry.kind === 'unknown'),
          ).length;
          return {
            id: recording.id,
            path: recording.path,
            dataset: recording.dataset,
            mapped,
            auxiliary: entries.length - mapped - unknown,
            unknown,
          };
        });
      const { electrodes, counts } = coverage(catalog);
      const rows = recordings.map((row) => [row.id, row.dataset, row.mapped, row.auxiliary, row.unknown]);
      return {
        json: { recordings, coverage: { electrodes, counts } },
        text: `${table([['recording', 'data set', 'mapped', 'auxiliary', 'unknown'], ...rows])}\n\n${[...electrodes].sort(compareSites).length} sites in all.`,
      };
    });
  },
};
