import { describe, expect, it } from 'vitest';
import type { RecordingDetail } from '#shared/views.ts';
import { channelNotes } from '#renderer/viewer/channel-notes.ts';
import { railsOf } from '#renderer/viewer/page-drawing.ts';
import type { DrawnTrace } from '#renderer/viewer/page-scene.ts';

const trace = (label: string, change: Partial<DrawnTrace> = {}): DrawnTrace => ({
  label,
  name: label,
  colour: 'trace',
  bad: false,
  missing: null,
  note: null,
  unit: 'µV',
  filtered: 'all',
  stairs: false,
  pieces: [],
  pxPerUv: 1,
  ownScale: null,
  inverted: true,
  centre: 0,
  flat: [],
  saturated: [],
  ...change,
});
const texts = (channels: unknown[], traces: DrawnTrace[]): string[] =>
  channelNotes(channels as RecordingDetail['channelList'], traces).map(({ name, text }) => `${name} ${text}`);

describe('what must be known of single channels', () => {
  it('is said of a clipped channel once, in however many rows it is', () => {
    const saturated = [
      { fromS: 1, toS: 1.5, who: 'T7' },
      { fromS: 3, toS: 4, who: 'T7' },
    ];
    expect(texts([], [trace('F7–T7', { saturated }), trace('T7–P7', { saturated })])).toEqual([
      'T7 clipped for 1.5 s of this page',
    ]);
  });

  it('gathers rows that are flat for as long', () => {
    const flat = [{ fromS: 9, toS: 9.5 }];
    const rows = ['F7–T7', 'T7–P7', 'P7–O1', 'Fz–Cz'].map((label) => trace(label, { flat }));
    expect(texts([], [...rows, trace('Cz–Pz', { flat: [{ fromS: 0, toS: 2 }] })])).toEqual([
      '4 rows flat for 0.5 s of this page',
      'Cz–Pz flat for 2 s of this page',
    ]);
  });

  it('gathers rows that are not drawn under what they lack', () => {
    const rows = [
      trace('F7–T7', { missing: 'F7 is not recorded; T7 is not recorded' }),
      trace('T7–P7', { missing: 'T7 is not recorded' }),
    ];
    expect(texts([], rows)).toEqual(['F7–T7 and T7–P7 not drawn: without F7 and T7']);
  });

  it('names bad channels with their place, so that they can be good again', () => {
    const notes = channelNotes(
      [
        { bad: true, electrode: 'C4', bipolar: null, label: 'EEG C4', position: 9 },
        { bad: false, electrode: 'C3', bipolar: null, label: 'EEG C3', position: 8 },
      ] as RecordingDetail['channelList'],
      [],
    );
    expect(notes).toMatchObject([{ kind: 'bad', name: 'C4', position: 9 }]);
  });
});

describe('the rails of clipped stretches', () => {
  const axis = { startS: 10, seconds: 10, left: 100, width: 1000 };

  it('are wide enough to be seen and one where they nearly touch', () => {
    expect(railsOf(axis, [{ fromS: 11, toS: 11.001 }])).toEqual([{ left: 200, width: 4 }]);
    const mains = Array.from({ length: 100 }, (_, i) => ({ fromS: 12 + i / 50, toS: 12.004 + i / 50 }));
    expect(railsOf(axis, mains)).toHaveLength(1);
    expect(
      railsOf(axis, [
        { fromS: 11, toS: 12 },
        { fromS: 13, toS: 14 },
      ]),
    ).toHaveLength(2);
  });

  it('are none off the page', () => {
    expect(railsOf(axis, [{ fromS: 5, toS: 6 }])).toEqual([]);
  });
});
