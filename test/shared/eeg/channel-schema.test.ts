/** The union of many recordings' sites: order, presence, coverage. */
import { describe, expect, it } from 'vitest';
import { suggestChannelMap } from '#shared/eeg/channel-map.ts';
import { commonSchema, coverage, presence, schemaChannels, unionSchema } from '#shared/eeg/channel-schema.ts';
import { createRandom } from '#shared/random.ts';
import { channels } from './channel-fixture.ts';

const map = (labels: string) => suggestChannelMap(channels(labels));
const seed62 =
  'FP1 FPZ FP2 AF3 AF4 F7 F5 F3 F1 FZ F2 F4 F6 F8 FT7 FC5 FC3 FC1 FCZ FC2 FC4 FC6 FT8 T7 C5 C3 C1 CZ C2 C4 C6 T8 TP7 CP5 CP3 CP1 CPZ CP2 CP4 CP6 TP8 P7 P5 P3 P1 PZ P2 P4 P6 P8 PO7 PO5 PO3 POZ PO4 PO6 PO8 CB1 O1 OZ O2 CB2';
const headset = 'AF3 F7 F3 FC5 T7 P7 O1 O2 P8 T8 FC6 F4 F8 AF4';
const clinical = 'Fp1-A2 O1-A2 T3-A2 T5-A2 T4-A1 Cz-A1 A1 EKG';

describe('the union of sites', () => {
  it('puts the 62 sites of a research cap in the order of their own list', () => {
    const schema = unionSchema([map(seed62.split(' ').toReversed().join(' '))]);
    expect(schema.map((site) => site.toUpperCase())).toEqual(seed62.split(' '));
  });

  it('does not depend on the order of recordings or channels', () => {
    const random = createRandom(7);
    const shuffled = <T>(items: readonly T[]): T[] =>
      Array.from(random.permutation(items.length), (i) => items[i]!);
    const files = [seed62, headset, clinical, 'Fp1-F7 F7-T3 Fz-Cz'];
    const schema = unionSchema(files.map(map));
    for (let turn = 0; turn < 20; turn++) {
      const mixed = shuffled(files).map((labels) => map(shuffled(labels.split(' ')).join(' ')));
      expect(unionSchema(mixed)).toEqual(schema);
    }
  });

  it('leaves ears, mastoids and other signals out and keeps derivations after the sites', () => {
    expect(unionSchema([map(clinical), map('M1 M2 Fp1 HEO A2-A1')])).toEqual([
      'Fp1',
      'T7',
      'Cz',
      'T8',
      'P7',
      'O1',
    ]);
    expect(unionSchema([map('F7-T3 Fp1-F7'), map('O1 Fp2')])).toEqual(['Fp2', 'O1', 'Fp1-F7', 'F7-T7']);
    expect(unionSchema([])).toEqual([]);
  });
});

describe('coverage', () => {
  it('marks presence and says which channel feeds a site', () => {
    const entries = map(clinical);
    const schema = ['Fp1', 'Fp2', 'T7', 'Cz'];
    expect([...presence(schema, entries)]).toEqual([1, 0, 1, 1]);
    expect([...schemaChannels(schema, entries)]).toEqual([0, -1, 2, 5]);
  });

  it('counts recordings per site: column sums of the matrix, row sums of the maps', () => {
    const maps = [seed62, headset, clinical].map(map);
    const { electrodes, counts, matrix } = coverage(maps);
    expect(electrodes.length).toBe(62);
    expect(counts).toEqual(electrodes.map((_, i) => matrix.reduce((sum, mask) => sum + mask[i]!, 0)));
    expect(matrix.map((mask) => mask.reduce((sum, bit) => sum + bit, 0))).toEqual([62, 14, 6]);
    expect(counts[electrodes.indexOf('O1')]).toBe(3);
    expect(commonSchema(maps)).toEqual(['T7', 'T8', 'P7', 'O1']);
  });
});
