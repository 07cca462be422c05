/** Labels of real recordings, read straight from their headers, against what the table of labels says of them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openQuestions, suggestChannelMap, summariseMap } from '#shared/eeg/channel-map.ts';
import { channel } from './channel-fixture.ts';
import { labelFiles } from './labels.ts';

const data = fileURLToPath(new URL('../../../../shared/data', import.meta.url));

/** The 16-byte label fields of an EDF or BDF header; [] when it is too broken to have any. */
function labelsOf(file: string): string[] {
  const head = readFileSync(file);
  const count = Number(head.toString('latin1', 252, 256));
  if (!Number.isInteger(count) || count < 1 || head.length < 256 * (count + 1)) return [];
  return Array.from({ length: count }, (_, i) => head.toString('latin1', 256 + 16 * i, 272 + 16 * i).trim());
}

const files = (existsSync(data) ? readdirSync(data, { recursive: true, encoding: 'utf8' }) : [])
  .filter((name) => /\.(edf|bdf)$/i.test(name))
  .map((name) => ({ name, labels: labelsOf(join(data, name)) }))
  .filter(({ labels }) => labels.length > 0);
const map = (labels: readonly string[]) => suggestChannelMap(labels.map((label) => channel(label)));

describe.skipIf(files.length === 0)('labels of real recordings (needs ../shared/data)', () => {
  it('are all in the table, apart from numbered inputs', () => {
    const known = new Set(labelFiles.flatMap(({ cases }) => cases.map(({ label }) => label)));
    const strange = files.flatMap(({ labels }) => labels).filter((label) => !known.has(label));
    expect(
      [...new Set(strange)].filter((label) => !/^([A-I]\d+|(sine|square|ramp) [\d.]+ ?Hz)$/.test(label)),
    ).toEqual([]);
  });

  it.each([
    ['eegmmidb-s001/S001R03.edf', 64, 1, 0, 0],
    ['eegmat-mental-arithmetic/Subject00_1.edf', 8, 1, 0, 0],
    ['formats-edfio/mne_test.edf', 0, 4, 136, 0],
    ['formats-edfio/short_psg.edf', 2, 5, 0, 0],
    ['formats-mne-python/edf/test.bdf', 66, 7, 0, 0],
    ['formats-mne-python/edf/test_edf_stim_channel.edf', 19, 6, 0, 0],
    ['formats-mne-python/edf/duplicate_channel_labels.edf', 2, 1, 1, 0],
  ])('%s: %i mapped, %i auxiliary, %i asked, %i unknown', (name, mapped, auxiliary, asked, unknown) => {
    const entries = map(files.find((file) => file.name === name)!.labels);
    expect(summariseMap(entries)).toMatchObject({ mapped, auxiliary, asked, unknown });
    expect(openQuestions(entries).length).toBe(asked ? 1 : 0);
  });
});
