import { describe, expect, it } from 'vitest';
import type { ChannelView, TraceView } from '#shared/views.ts';
import { keyCap } from '#renderer/commands.svelte.ts';
import { badQuestion, lockedBecause } from '#renderer/viewer/desk-actions.ts';
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
