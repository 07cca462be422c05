import { describe, expect, it } from 'vitest';
import {
  deidentifyHeader,
  identifyingWords,
  scrubAnnotations,
  scrubText,
  shiftDate,
  subjectShift,
} from '#main/io/deidentify.ts';

const header = {
  patient: '4711-0815 F 02-MAY-1951 Müller_Erika',
  recordingInfo: 'Startdate 02-MAR-2020 EEG-17/2020 Dr._Schmidt Nihon_Kohden_123456',
  startedAt: '2020-03-02T09:10:11.5',
};
const options = {
  pseudonym: 'S01',
  shiftDays: null,
  keepSex: false,
  words: [],
  keepTexts: new Set<string>(),
};

describe('de-identification', () => {
  it('leaves nothing of the header behind', () => {
    const plain = deidentifyHeader(header, options).header;
    expect(plain).toEqual({ patient: 'S01 X X X', recordingInfo: 'Startdate X X X X', startedAt: null });
    const shifted = deidentifyHeader(header, { ...options, shiftDays: -9000, keepSex: true }).header;
    expect(shifted.patient).toBe('S01 F X X');
    expect(shifted.startedAt).toBe('1995-07-12T09:10:11.5');
    for (const word of identifyingWords(header))
      for (const text of [...Object.values(plain), ...Object.values(shifted)])
        expect(String(text).includes(word), word).toBe(false);
  });

  it('shifts all dates of a subject alike and lands where EDF can hold them', () => {
    const starts = ['2019-01-01T08:00:00', '2021-06-05T22:30:00'];
    for (const chance of [0, 0.3, 0.999]) {
      const days = subjectShift(starts, chance);
      const [first, second] = starts.map((start) => shiftDate(start, days));
      const between = (a: string, b: string) => Date.parse(`${b}Z`) - Date.parse(`${a}Z`);
      expect(between(first!, second!)).toBe(between(starts[0]!, starts[1]!));
      expect(first! >= '1986').toBe(true);
      expect(second! < '2000').toBe(true);
      expect(first!.slice(10)).toBe('T08:00:00');
    }
  });

  it('erases planted names, dates and numbers from texts', () => {
    const words = identifyingWords(header);
    const dirty =
      'Frau Müller, geb. 02.05.1951, Fallnr 00815123, ruft Schmidt an (erika@example.org), 2020-03-02';
    const clean = scrubText(dirty, words);
    for (const secret of ['Müller', '1951', '00815123', 'Schmidt', 'erika', '2020'])
      expect(clean.includes(secret), secret).toBe(false);
    expect(scrubText('Eyes closed', words)).toBe('Eyes closed');
  });

  it('keeps known labels and codes of annotations, in place, and replaces free text', () => {
    const { annotations, replaced } = scrubAnnotations(
      ['T1', 'Sleep stage 2', 'Fr. Müller hustet', 'happy film', 'Bett 3'].map((text, i) => ({
        onsetS: i,
        durationS: 1,
        text,
      })),
      { words: [], keepTexts: new Set(['happy film']) },
    );
    expect(annotations.map(({ text }) => text)).toEqual([
      'T1',
      'Sleep stage 2',
      'note',
      'happy film',
      'note',
    ]);
    expect(annotations.map(({ onsetS }) => onsetS)).toEqual([0, 1, 2, 3, 4]);
    expect(replaced).toBe(2);
  });
});
