import { describe, expect, it } from 'vitest';
import type { ChannelView, MarkView, TraceView } from '#shared/views.ts';
import { keyCap } from '#renderer/commands.svelte.ts';
import {
  answeredWords,
  automaticQuestion,
  badQuestion,
  lockedBecause,
  markQuestion,
} from '#renderer/viewer/desk-actions.ts';
import type { KeyQuestion } from '#renderer/viewer/key-question.ts';
import type { Viewer } from '#renderer/viewer/viewer.svelte.ts';

const channel = (position: number, electrode: string, bad = false): ChannelView => ({
  position,
  label: `EEG ${electrode}`,
  kind: 'eeg',
  unit: 'uV',
  sfreqHz: 256,
  electrode,
  reference: null,
  bipolar: null,
  toMicrovolt: 1,
  confidence: 'certain',
  reason: '',
  disabled: null,
  bad,
});
const trace = (label: string, channels: number[], missing: string | null = null): TraceView => ({
  label,
  group: '',
  hemisphere: 'left',
  kind: 'eeg',
  sfreqHz: 256,
  offset: 0,
  count: 0,
  bad: false,
  missing,
  note: null,
  unit: 'µV',
  filtered: 'all',
  saturated: [],
  stuck: [],
  channels,
});
const looking = (focus: string | null, traces: TraceView[], channelList: ChannelView[]): Viewer =>
  ({ focus, traces, now: { channelList } }) as never;
const three = [channel(0, 'F7'), channel(1, 'T7'), channel(2, 'P7')];
const none = (): void => undefined;

describe('the bad channel of a trace', () => {
  it('is the only one it is made of', () => {
    const found = badQuestion(looking('T7', [trace('T7', [1])], three), none);
    expect(found).toMatchObject({ only: { electrode: 'T7' } });
  });

  it('is its own site in an average of all', () => {
    const found = badQuestion(looking('P7-AVG', [trace('P7-AVG', [0, 1, 2])], three), none);
    expect(found).toMatchObject({ only: { electrode: 'P7' } });
  });

  it('is asked for between the two ends of a derivation', () => {
    const found = badQuestion(looking('F7-T7', [trace('F7-T7', [0, 1])], three), none);
    expect(found).toMatchObject({
      question: {
        answers: [
          { key: '1', text: 'F7' },
          { key: '2', text: 'T7' },
        ],
      },
    });
  });

  it('can be made good again from a trace that is not drawn for its sake', () => {
    const list = [channel(0, 'F7', true), channel(1, 'T7')];
    const found = badQuestion(looking('F7-T7', [trace('F7-T7', [], 'F7 is marked bad')], list), none);
    expect(found).toMatchObject({ question: { answers: [{ text: 'F7 is good again' }, { text: 'T7' }] } });
  });

  it('is none without a trace to mean', () => {
    expect(badQuestion(looking(null, [], three), none)).toBeNull();
    expect(badQuestion(looking('A-B', [trace('A-B', [], 'not recorded')], three), none)).toBeNull();
  });
});

describe('what the keyboard may do', () => {
  it('spares the marks of the file', () => {
    const mark = { id: 'x', startS: 0, durationS: 0, text: 'T1', channel: null };
    expect(lockedBecause({ ...mark, source: 'file' })).toMatch(/never changed/);
    expect(lockedBecause({ ...mark, source: 'automatic' })).toBeNull();
  });

  it('shows the plus itself as a key', () => {
    expect(['+', 'Alt++', 'Ctrl+K', 'Alt+-'].map(keyCap)).toEqual(['+', 'Alt +', 'Ctrl K', 'Alt -']);
  });
});

describe('what goes back to automatic', () => {
  const withBad = [channel(0, 'F7', true), channel(1, 'T7'), channel(2, 'P7', true)];
  const rows = [trace('F7-T7', [0, 1]), trace('T7-P7', [1, 2])];

  it('is the end of a derivation that a person changed, or is asked for where nobody did', () => {
    expect(automaticQuestion(looking('F7-T7', rows, withBad), none)).toMatchObject({
      only: { electrode: 'F7' },
    });
    expect(automaticQuestion(looking('F7-T7', rows, three), none)).toMatchObject({
      question: { answers: [{ text: 'F7' }, { text: 'T7' }] },
    });
    expect(automaticQuestion(looking(null, rows, three), none)).toBeNull();
  });

  it('is counted in words', () => {
    const mark: MarkView = {
      id: 'a',
      source: 'automatic',
      startS: 0,
      durationS: 0,
      text: 'x',
      channel: null,
    };
    const answered = [
      { mark, answer: 'accepted' as const },
      { mark, answer: 'rejected' as const },
    ];
    expect(answeredWords({ answered, channelList: withBad })).toBe(
      '1 automatic mark accepted, 1 automatic mark rejected, 2 channels bad by hand',
    );
    expect(answeredWords({ answered: [], channelList: three })).toBeNull();
  });
});

describe('the question for a mark', () => {
  it('asks on for the kind of an artefact, which belongs to the focused trace', async () => {
    const marked: { text: string; channel: string | null }[] = [];
    let next: KeyQuestion | null = null;
    const annotations = {
      mark: async (mark: { text: string; channel: string | null }) => {
        marked.push(mark);
        return { id: 'm' };
      },
    };
    const viewer = { span: null, focus: 'F7-T7', cursorS: 3, startS: 0 };
    const ask = () =>
      markQuestion(
        viewer as never,
        annotations as never,
        (run) => void run(),
        (question) => (next = question),
      );
    const answer = (question: KeyQuestion | null, key: string): void =>
      question?.answers.find((each) => each.key === key)?.run();
    answer(ask(), 'C');
    answer(ask(), 'X');
    answer(next, 'M');
    answer(next, 'X');
    expect(marked.map(({ text, channel: of }) => [text, of])).toEqual([
      ['Eyes closed', null],
      ['Artefact: muscle', 'F7-T7'],
      ['Artefact', 'F7-T7'],
    ]);
  });
});
