import { describe, expect, it } from 'vitest';
import type { PatternView } from '#shared/views.ts';
import {
  coverageWords,
  headline,
  headSites,
  reasonWords,
  sharedQuestions,
  isOlderName,
  siteText,
  unitText,
  type PatternChannel,
} from '#renderer/montage/channel-words.ts';

const channel: PatternChannel = {
  position: 0,
  name: 'EEG T3',
  label: 'EEG T3',
  kind: 'eeg',
  unit: 'uV',
  sfreqHz: 256,
  electrode: 'T7',
  reference: null,
  bipolar: null,
  toMicrovolt: 1,
  confidence: 'certain',
  reason: 'older name',
  disabled: null,
  bad: false,
  question: null,
  choices: [],
};

describe('channels in words', () => {
  it('tell an older name from the same name', () => {
    expect(isOlderName(channel)).toBe(true);
    expect(isOlderName({ label: 'EEG T7-LE', electrode: 'T7' })).toBe(false);
    expect(isOlderName({ label: 'EEG P30', electrode: 'P3' })).toBe(true);
    expect(isOlderName({ label: 'Fc5.', electrode: 'FC5' })).toBe(false);
  });

  it('put a question mark behind what is asked', () => {
    expect(siteText({ ...channel, electrode: 'O1', confidence: 'ask' })).toBe('O1?');
    expect(siteText({ ...channel, electrode: null, bipolar: ['Fp1', 'F7'] })).toBe('Fp1-F7');
    expect(siteText({ ...channel, electrode: null })).toBe('—');
  });

  it('say when a unit is converted', () => {
    expect(unitText(channel)).toBe('µV');
    expect(unitText({ unit: 'mV', toMicrovolt: 1000, kind: 'ecg' })).toBe('mV to µV, × 1,000');
  });

  it('draw each site once, the question winning', () => {
    const drawn = headSites([
      channel,
      { ...channel, name: 'b', confidence: 'ask' },
      { ...channel, kind: 'eog', electrode: 'Fp1' },
    ]);
    expect(drawn).toEqual([{ site: 'T7', state: 'question' }]);
  });

  it('ask once what several labels ask in the same words', () => {
    const ask = (name: string, choices: PatternChannel['choices']) => ({
      ...channel,
      name,
      confidence: 'ask' as const,
      question: 'Which cap?',
      choices,
    });
    const ignore = { answer: { as: 'ignore' as const }, text: 'Do not use' };
    const site = (electrode: string) => ({
      answer: { as: 'electrode' as const, electrode },
      text: electrode,
    });
    const asked = ['A1', 'A2', 'A3', 'A4'].map((name, i) =>
      ask(name, [site(['Fz', 'Cz', 'Pz', 'Oz'][i]!), ignore]),
    );
    expect(sharedQuestions([channel, ...asked])).toEqual([
      { question: 'Which cap?', names: ['A1', 'A2', 'A3', 'A4'], choices: [ignore] },
    ]);
    expect(sharedQuestions(asked.slice(0, 3))).toEqual([]);
  });

  it('say first what decided', () => {
    expect(reasonWords('prefix “EEG” taken off; “LE” is its reference; same name as Fp1')).toBe(
      'Same name as Fp1; prefix “EEG” taken off; “LE” is its reference',
    );
    expect(reasonWords('older name')).toBe('Older name');
  });

  it('count labels, questions and coverage', () => {
    const asks = { ...channel, confidence: 'ask' as const };
    const pattern = {
      id: 'p',
      recordings: 22,
      groups: [],
      labels: [],
      questions: 1,
      reference: '',
      bipolar: false,
      channels: [channel, asks],
    } satisfies PatternView;
    expect(headline([pattern])).toBe(
      '1 way of naming channels covers all 22 recordings. 1 of 2 labels are settled, 1 question waits for you, none is dropped.',
    );
    expect(coverageWords([3, 3, 1], 3).strong).toBe('2 sites are in every recording');
  });
});
