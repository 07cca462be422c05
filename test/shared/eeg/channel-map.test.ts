/** Labels to sites: the table of naming schemes, the file's context, units, repeats and questions. */
import { describe, expect, it } from 'vitest';
import {
  openQuestions,
  siteOf,
  suggestChannelMap,
  summariseMap,
  uniqueNames,
} from '#shared/eeg/channel-map.ts';
import { parseLabel } from '#shared/eeg/channel-label.ts';
import { kindByLabel } from '#shared/eeg/channel-kinds.ts';
import { capAnswers, capTemplates } from '#shared/eeg/cap-templates.ts';
import { sites } from '#shared/eeg/electrodes.ts';
import { recordingReference } from '#shared/eeg/recording-reference.ts';
import { channel, channels } from './channel-fixture.ts';
import { labelFiles } from './labels.ts';

const cases = labelFiles.flatMap(({ cases }) => cases);
const range = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${i + 1}`);

describe('the table of labels', () => {
  it('is large, and every line of it was read', () => {
    expect(cases.length).toBeGreaterThan(700);
    expect(new Set(cases.map(({ label }) => label)).size).toBeGreaterThan(450);
    expect(cases.filter(({ kind, confidence }) => !kind || !confidence)).toEqual([]);
  });

  it.each(labelFiles)('reads $scheme', ({ cases }) => {
    const entries = suggestChannelMap(cases.map(({ label }) => channel(label)));
    const read = entries.map((entry) => ({
      label: entry.label,
      kind: entry.kind,
      site: siteOf(entry),
      confidence: entry.confidence,
      reference: entry.reference,
    }));
    expect(read).toEqual(cases);
  });

  it('is never wrong and confident: a channel without a site gets none, a question carries none', () => {
    for (const { cases } of labelFiles)
      for (const [i, entry] of suggestChannelMap(cases.map(({ label }) => channel(label))).entries()) {
        if (cases[i]!.site === null) expect(siteOf(entry), entry.label).toBeNull();
        if (entry.confidence === 'ask' || entry.confidence === 'none')
          expect([entry.electrode, entry.bipolar]).toEqual([null, null]);
        expect(entry.confidence === 'ask', entry.label).toBe(entry.question !== null);
        expect(entry.reason).toBe(entry.steps.join('; '));
        expect(entry.reason, entry.label).not.toBe('');
      }
  });

  it('drops no channel: positions are kept and the four counts add up', () => {
    for (const { cases } of labelFiles) {
      const entries = suggestChannelMap(cases.map(({ label }) => channel(label)));
      const { channels: all, mapped, auxiliary, asked, unknown } = summariseMap(entries);
      expect(entries.map(({ position }) => position)).toEqual(cases.map((_, i) => i));
      expect(mapped + auxiliary + asked + unknown).toBe(all);
      expect(new Set(entries.map(({ name }) => name)).size).toBe(entries.length);
      for (const site of entries.map(siteOf))
        if (site !== null) expect(entries.filter((entry) => siteOf(entry) === site).length).toBe(1);
    }
  });
});

describe('a label on its own', () => {
  it('maps every site of the vocabulary in every common dress, or asks', () => {
    const dresses = [
      '#',
      'EEG #',
      'EEG #-REF',
      'EEG.#',
      'EEG-#',
      '#-LE',
      'POL #',
      '#..',
      ' # ',
      '#-AVG',
      '# (uV)',
    ];
    for (const { name, system } of sites)
      for (const dress of dresses)
        for (const text of [name, name.toUpperCase()]) {
          const [entry] = suggestChannelMap([channel(dress.replace('#', text))]);
          if (entry!.confidence === 'ask') expect(['T1', 'T2', 'N1', 'N2']).toContain(name);
          else expect([dress, entry!.electrode], system).toEqual([dress, name]);
        }
  });

  it('never reads a site inside a longer word', () => {
    for (const { name } of sites)
      for (const text of [`PR${name}`, `${name}Q`, `${name}${name}`, `x${name}x`]) {
        const [entry] = suggestChannelMap([channel(text)]);
        expect(entry!.electrode, text).toBeNull();
      }
  });

  it('records each step in the order it was taken', () => {
    const [old] = suggestChannelMap([channel('EEG T5-REF', { unit: 'mV', toMicrovolt: 1000 })]);
    expect(old!.steps).toEqual([
      'prefix “EEG” taken off',
      '“REF” is its reference (which one, the file does not say)',
      'older name for P7',
      'mV × 1000 gives µV',
    ]);
  });

  it('takes T5 and T6 for P7 and P8, not for T9 and T10', () => {
    const map = suggestChannelMap(channels('T3 T4 T5 T6'));
    expect(map.map(({ electrode }) => electrode)).toEqual(['T7', 'T8', 'P7', 'P8']);
    expect(map.every(({ confidence }) => confidence === 'certain')).toBe(true);
  });

  it('reads references in all their spellings', () => {
    const reference = (label: string) => parseLabel(label).reference;
    expect(['C3-LE', 'C3-A1A2', 'C3-A1+A2', 'C3-(A1+A2)/2', 'C3/A2A1'].map(reference)).toEqual(
      Array.from({ length: 5 }, () => 'A1+A2'),
    );
    expect(['C3-Av', 'C3:AVG', 'C3-CAR'].map(reference)).toEqual(['AVG', 'AVG', 'AVG']);
    expect(['C3-F3', 'C3', 'C3-XYZ'].map(reference)).toEqual([null, null, null]);
  });

  it('judges kinds by whole words', () => {
    expect(kindByLabel('EKG1')?.kind).toBe('ecg');
    expect(kindByLabel('ECG II')?.kind).toBe('ecg');
    for (const text of ['FECGO', 'PHOTICAL', 'LAT1', 'STATUSES', 'TRIGONUM', 'CO1'])
      expect(kindByLabel(text), text).toBeNull();
  });
});

describe('the context of a file', () => {
  it('does not take any of the 256 numbered inputs of a BioSemi cap for a site', () => {
    const banks = 'ABCDEFGH'.split('').flatMap((bank) => range(bank, 32));
    const map = suggestChannelMap(
      [...banks, ...range('I', 8), 'Ergo-Left', 'Status'].map((label) => channel(label)),
    );
    expect(map.filter((entry) => siteOf(entry) !== null)).toEqual([]);
    const questions = openQuestions(map);
    expect(questions.map(({ id }) => id)).toEqual(['cap-template']);
    expect(questions[0]!.names.length).toBe(264);
  });

  it('takes ear lobes for ear lobes beside named sites, even with a Status channel', () => {
    const map = suggestChannelMap(channels('Fp1 Fp2 C3 C4 Cz O1 O2 A1 A2 Status'));
    expect(map.map(({ electrode }) => electrode).slice(-3)).toEqual(['A1', 'A2', null]);
  });

  it('asks once for the cap of an EGI net and knows its vertex', () => {
    const map = suggestChannelMap([...range('E', 128), 'VREF'].map((label) => channel(label)));
    expect(map.at(-1)!.electrode).toBe('Cz');
    expect(openQuestions(map).length).toBe(1);
    const last = suggestChannelMap(range('E', 129).map((label) => channel(label))).at(-1)!;
    expect([last.electrode, last.confidence]).toEqual(['Cz', 'likely']);
  });

  it('does not change its mind about a channel when channels trade places', () => {
    for (const { cases, scheme } of labelFiles) {
      const labels = cases.map(({ label }) => label);
      if (new Set(labels).size < labels.length) continue;
      const forth = suggestChannelMap(labels.map((label) => channel(label)));
      const back = suggestChannelMap(labels.toReversed().map((label) => channel(label))).toReversed();
      const repeated = (i: number) =>
        forth[i]!.reason.includes('already') || forth[i]!.reason.includes('would be');
      for (const i of labels.keys())
        if (!repeated(i)) expect([scheme, siteOf(back[i]!)], labels[i]).toEqual([scheme, siteOf(forth[i]!)]);
    }
  });

  it('takes a shared second site for the reference only when every pair has it', () => {
    const pairs = 'Fp1-Cz F3-Cz C3-Cz P3-Cz O1-Cz F4-Cz';
    expect(suggestChannelMap(channels(pairs)).map(({ electrode }) => electrode)).toEqual([
      'Fp1',
      'F3',
      'C3',
      'P3',
      'O1',
      'F4',
    ]);
    expect(suggestChannelMap(channels(`${pairs} Cz-Pz`)).every(({ bipolar }) => bipolar !== null)).toBe(true);
  });

  it('does not believe a site that is measured in degrees or percent', () => {
    const [warm, wet] = suggestChannelMap([channel('C3', { unit: 'degC' }), channel('T8', { unit: '%' })]);
    expect([warm!.confidence, warm!.electrode, wet!.electrode]).toEqual(['ask', null, null]);
  });

  it('says when a channel cannot be used and when no unit was given', () => {
    const [entry] = suggestChannelMap([channel('C3', { unit: '', disabled: 'minimum equals maximum' })]);
    expect(entry!.reason).toBe(
      'same name; the file names no voltage unit; values are taken as µV; not usable: minimum equals maximum',
    );
  });

  it('names repeated labels apart, whatever is taken', () => {
    expect(uniqueNames(['a', 'a', 'a#2', 'a', 'b'])).toEqual(['a', 'a#3', 'a#2', 'a#4', 'b']);
  });

  it('deduces the reference of the recording', () => {
    const kind = (labels: string) => recordingReference(suggestChannelMap(channels(labels))).kind;
    expect(kind('Fp1-LE C3-LE')).toBe('linked');
    expect(kind('Fp1-AVG C3-AVG')).toBe('average');
    expect(kind('C3-A2 C4-A1')).toBe('contralateral');
    expect(kind('Fp1-F7 F7-T3')).toBe('bipolar');
    expect(kind('Fp1-REF C3-REF')).toBe('unnamed');
    expect(kind('C3-M1 Fz-M1 A1-A2')).toBe('common');
    expect(kind('C3 Fz-Cz')).toBe('mixed');
    expect(kind('ECG')).toBe('none');
  });
});

describe('cap templates', () => {
  const template = (id: string) => capTemplates.find((each) => each.id === id)!;

  it('names known sites, each once', () => {
    const known = new Set(sites.map(({ name }) => name));
    for (const { sites: order, id } of capTemplates) {
      expect(new Set(order).size, id).toBe(order.length);
      expect(order.filter((site) => !known.has(site))).toEqual([]);
      expect(order.length).toBe(Number(id.split('-')[1]));
    }
  });

  it('answers by bank, by number and from zero', () => {
    const banked = capAnswers(template('biosemi-64'), [
      ...range('A', 32),
      ...range('B', 32),
      'EXG',
      'Status',
    ]);
    expect(Object.keys(banked).length).toBe(64);
    expect([banked['A1'], banked['A32'], banked['B1'], banked['B16'], banked['B32']]).toEqual([
      'Fp1',
      'CPz',
      'Fpz',
      'Cz',
      'O2',
    ]);
    const padded = capAnswers(template('biosemi-32'), ['EEG 001', 'EEG 032', 'EEG 033']);
    expect(padded).toEqual({ 'EEG 001': 'Fp1', 'EEG 032': 'Cz' });
    const zero = capAnswers(template('openbci-8'), ['EXG Channel 0', 'EXG Channel 7']);
    expect(zero).toEqual({ 'EXG Channel 0': 'Fp1', 'EXG Channel 7': 'O2' });
  });
});
