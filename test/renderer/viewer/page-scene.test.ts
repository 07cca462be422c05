import { describe, expect, it } from 'vitest';
import type { TraceView } from '#shared/views.ts';
import { drawnTraces, fittingScale, legendOf, stairsScale, traceToken } from '#renderer/viewer/page-scene.ts';
import type { Piece } from '#renderer/viewer/trace-path.ts';

const piece = (value: (i: number) => number, count = 2000): Piece => ({
  values: Float32Array.from({ length: count }, (_, i) => value(i)),
  firstS: 0,
  stepS: 1 / 200,
  pairs: false,
});
const trace = (change: Partial<TraceView>): TraceView => ({
  label: 'T7-P7',
  group: 'left temporal',
  hemisphere: 'left',
  kind: 'eeg',
  sfreqHz: 200,
  offset: 0,
  count: 2000,
  bad: false,
  missing: null,
  note: null,
  unit: 'µV',
  filtered: 'all',
  saturated: [],
  stuck: [],
  channels: [0],
  ...change,
});

describe('the scale of a trace that is no EEG', () => {
  it('lets a wave fill its lane and no more', () => {
    for (const microvolt of [0.4, 100, 25_000]) {
      const scale = fittingScale([piece((i) => microvolt * Math.sin(i / 9))], 10)!;
      expect(microvolt / scale).toBeLessThanOrEqual(6);
      expect(microvolt / scale).toBeGreaterThan(2);
    }
  });

  it('sees a wave of the mains whatever its phase', () => {
    const mains = piece((i) => 100 * Math.sin((i * Math.PI) / 2), 4000);
    expect(100 / fittingScale([mains], 10)!).toBeLessThanOrEqual(6);
  });

  it('sees a pulse that is seldom there', () => {
    const pulse = piece((i) => (i === 700 ? 500 : 0));
    expect(500 / fittingScale([pulse], 10)!).toBeLessThanOrEqual(12.5);
  });

  it('is not made up from a gap or from a trace that does not move', () => {
    expect(fittingScale([], 10)).toBeNull();
    expect(fittingScale([piece(() => NaN)], 10)).toBeNull();
    expect(fittingScale([piece(() => 42)], 10)).toBeNull();
  });
});

const nothing = () => ({ pieces: [], saturated: [], stuck: [] });

describe('the traces of a page', () => {
  const setting = {
    sensitivity: 7,
    pxPerMm: 4,
    hemispheres: 'left-blue',
    names: 'modern',
    negativeUp: true,
    ownScales: new Map([['ECG', 50]]),
    middles: new Map<string, number>(),
    nameOf: (channel: number) => `E${channel}`,
    centred: false,
  } as const;

  it('share one scale, are turned over only as EEG, and keep the scale set for one of them', () => {
    const [eeg, ecg] = drawnTraces([trace({}), trace({ label: 'ECG', kind: 'ecg' })], nothing, setting);
    expect(eeg).toMatchObject({ inverted: true, ownScale: null, pxPerUv: 4 / 7, label: 'T7–P7' });
    expect(ecg).toMatchObject({ inverted: false, ownScale: 50, pxPerUv: 4 / 50 });
  });

  it('lie on their lane by zero behind a low filter, by their level without one', () => {
    const drift = () => ({ pieces: [piece(() => 4200)], saturated: [], stuck: [] });
    expect(drawnTraces([trace({})], drift, setting)[0]!.centre).toBe(0);
    expect(drawnTraces([trace({})], drift, { ...setting, centred: true })[0]!.centre).toBe(4200);
  });

  it('carry older names when asked to', () => {
    expect(drawnTraces([trace({})], nothing, { ...setting, names: 'older' })[0]!.label).toBe('T3–T5');
  });

  it('have no line where the derivation is missing, and say why', () => {
    const [lost] = drawnTraces(
      [trace({ missing: 'T7 missing' })],
      () => ({ pieces: [piece(() => 1)], saturated: [], stuck: [] }),
      setting,
    );
    expect(lost).toMatchObject({ pieces: [], missing: 'T7 missing' });
  });

  it('are grey when bad, in every preset', () => {
    for (const preset of ['left-blue', 'left-red', 'by-type', 'black'] as const)
      expect(traceToken(trace({ bad: true }), preset)).toBe('trace-bad');
    expect(traceToken(trace({}), 'left-blue')).toBe('trace-blue');
    expect(traceToken(trace({}), 'left-red')).toBe('trace-red');
  });

  it('are explained in the legend once each', () => {
    const legend = legendOf([trace({}), trace({}), trace({ hemisphere: 'right' })], 'left-blue', {
      clipped: false,
      flat: false,
    });
    expect(legend.map(({ text }) => text)).toEqual(['left', 'right']);
  });

  it('name the channel that rests at its limit, and join what two stretches of reading had parted', () => {
    const saturated = [
      { startS: 8, endS: 10, channel: 3 },
      { startS: 10, endS: 10.5, channel: 3 },
      { startS: 12, endS: 13, channel: 3 },
    ];
    const [clipped] = drawnTraces([trace({})], () => ({ pieces: [], saturated, stuck: [] }), setting);
    expect(clipped!.saturated).toEqual([
      { fromS: 8, toS: 10.5, who: 'E3' },
      { fromS: 12, toS: 13, who: 'E3' },
    ]);
    expect(legendOf([trace({})], 'left-blue', { clipped: true, flat: false }).at(-1)).toMatchObject({
      text: 'clipped',
      form: 'rails',
    });
  });

  it('are flat where the file stands still, or where what is derived does', () => {
    const content = () => ({
      pieces: [piece((i) => (i > 1000 && i < 1400 ? 0 : 50 * Math.sin(i / 7)))],
      saturated: [],
      stuck: [
        { startS: 1, endS: 1.75, channel: 2 },
        { startS: 1.5, endS: 2, channel: 3 },
      ],
    });
    expect(drawnTraces([trace({})], content, setting)[0]!.flat).toEqual([
      { fromS: 1, toS: 2 },
      { fromS: expect.closeTo(5, 1), toS: expect.closeTo(7, 1) },
    ]);
  });

  it('are stairs around the middle of all codes seen where nothing is filtered', () => {
    const status = trace({ label: 'Status', kind: 'trigger', filtered: 'none', unit: '' });
    const middles = new Map([['Status', 32]]);
    const pulse = () => ({ pieces: [piece((i) => (i < 50 ? 64 : 0))], saturated: [], stuck: [] });
    const [drawn] = drawnTraces([status], pulse, { ...setting, middles });
    expect(drawn).toMatchObject({ stairs: true, centre: 32, inverted: false });
    for (const range of [1, 64, 255, 65_535]) {
      const heightMm = range / stairsScale(0, range, 8);
      expect(heightMm).toBeLessThanOrEqual(8 * 0.8);
      expect(heightMm).toBeGreaterThan(8 * 0.3);
    }
  });
});
