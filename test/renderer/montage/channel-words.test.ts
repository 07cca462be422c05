import { describe, expect, it } from 'vitest';
import type { PatternView } from '#shared/views.ts';
import {
  coverageWords,
  headline,
  headSites,
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

  it('count labels, questions and coverage', () => {
    const pattern = {
      id: 'p',
      recordings: 22,
      groups: [],
      labels: [],
      questions: 1,
      reference: '',
      bipolar: false,
      channels: [channel, channel],
    } satisfies PatternView;
    expect(headline([pattern])).toBe(
      '1 way of naming channels covers all 22 recordings. 1 of 2 labels are settled, 1 question waits for you, none is dropped.',
    );
    expect(coverageWords([3, 3, 1], 3).strong).toBe('2 sites are in every recording');
  });
});
