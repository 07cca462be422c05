import { describe, expect, it } from 'vitest';
import { bandPowers, spectrumLines } from '#renderer/viewer/spectrum-bands.ts';
import { extremumNear, figuresOf, flatSpans, valueAt } from '#renderer/viewer/trace-values.ts';
import type { DrawnTrace } from '#renderer/viewer/page-scene.ts';
import { pageTable, printedSettings } from '#renderer/viewer/page-words.ts';
import { betweenText, pointText, spanText, valueText } from '#renderer/viewer/overlay-drawing.ts';
import type { Piece } from '#renderer/viewer/trace-path.ts';
import { defaultSettings } from '#renderer/viewer/page-settings.ts';

const rate = 100;
const piece = (of: (s: number) => number, seconds = 10, firstS = 0): Piece => ({
  values: Float32Array.from({ length: seconds * rate }, (_, i) => of(firstS + i / rate)),
  firstS,
  stepS: 1 / rate,
  pairs: false,
});
const drawn = (pieces: Piece[], over: Partial<DrawnTrace> = {}): DrawnTrace => ({
  label: 'C3',
  name: 'C3',
  colour: 'trace',
  bad: false,
  missing: null,
  note: null,
  unit: 'µV',
  filtered: 'all',
  stairs: false,
  saturated: [],
  pieces,
  pxPerUv: 1,
  ownScale: null,
  inverted: true,
  centre: 0,
  flat: [],
  ...over,
});

describe('what the page says in figures', () => {
  it('is the recorded value, across stretches, and nothing in a gap', () => {
    const pieces = [piece((s) => s, 5), piece((s) => (s < 7 ? NaN : s), 5, 5)];
    expect(valueAt(pieces, 2.5)?.low).toBeCloseTo(2.5, 5);
    expect(valueAt(pieces, 8)?.low).toBeCloseTo(8, 5);
    expect(valueAt(pieces, 6)).toBeNull();
    expect(valueAt(pieces, 99)).toBeNull();
  });

  it('gives both ends where only minimum and maximum of a column are known', () => {
    const pairs: Piece = { values: Float32Array.of(-4, 9, -2, 3), firstS: 0.5, stepS: 1, pairs: true };
    expect(valueAt([pairs], 0.6)).toEqual({ low: -4, high: 9 });
    expect(valueText({ low: -4, high: 9 }, 'µV')).toBe('−4 to 9 µV');
    expect(valueText({ low: -66.2, high: -66 }, 'µV')).toBe('−66.1 µV');
  });

  it('measures a sine as it is', () => {
    const sine = [piece((s) => 30 * Math.sin(2 * Math.PI * 5 * s))];
    const { low, high, rms } = figuresOf(sine, 0, 9.999);
    expect(high - low).toBeCloseTo(60, 0);
    expect(rms).toBeCloseTo(30 / Math.SQRT2, 1);
  });

  it('finds the peak next to a click', () => {
    const spike = [piece((s) => -80 * Math.exp(-(((s - 3.35) / 0.02) ** 2)))];
    expect(extremumNear(spike, 3.3, 0.1)).toBeCloseTo(3.35, 2);
  });

  it('calls a stretch flat only when it is still for long enough, and no gap', () => {
    const noise = (s: number): number => 10 * Math.sin(s * 60);
    expect(flatSpans([piece((s) => (s > 4 && s < 6.5 ? 0 : noise(s)))], 1, 0.5)).toEqual([
      { fromS: expect.closeTo(4.01, 1), toS: expect.closeTo(6.49, 1) },
    ]);
    expect(flatSpans([piece((s) => (s > 4 && s < 4.5 ? 0 : noise(s)))], 1, 0.5)).toEqual([]);
    expect(flatSpans([piece(() => NaN)], 1, 0.5)).toEqual([]);
  });

  it('says the time between two cursors, its frequency and the difference', () => {
    expect(spanText(0.1)).toBe('100 ms, 10 Hz');
    expect(betweenText(drawn([piece((s) => 100 * s)]), 1, 1.5)).toBe('500 ms, 2 Hz, C3 +50 µV');
  });

  it('is a table of one row a trace, with the reason where nothing is drawn', () => {
    const table = pageTable(
      [drawn([piece((s) => 10 * s)]), drawn([], { label: 'T7', missing: 'T7 is not recorded' })],
      0,
      10,
      2,
    );
    expect(table.columns).toHaveLength(10);
    expect(table.rows[0]!.cursor).toBeCloseTo(20, 3);
    expect(table.rows[0]!.swings[0]).toBeCloseTo(10, 0);
    expect(table.rows[1]!.note).toBe('T7 is not recorded');
    expect(table.rows[1]!.swings.every(Number.isNaN)).toBe(true);
  });

  const facts = {
    footer: 'Double banana · bipolar',
    negativeUp: true,
    widthPx: 1000,
    pxPerMm: 4,
    cut: false,
    traces: [],
  };

  it('prints which traces go through no filter or rest at a limit, and what their own scale counts', () => {
    const traces = [
      drawn([], { label: 'Status', unit: '', filtered: 'none', ownScale: 20 }),
      drawn([], { label: 'Resp', filtered: 'not-low' }),
      drawn([], { saturated: [{ fromS: 1, toS: 2, who: 'T7' }] }),
    ];
    const printed = printedSettings({ montages: [] } as never, defaultSettings, {
      ...facts,
      calibrated: true,
      cut: true,
      traces,
    }).map(({ text }) => text);
    expect(printed).toContain('Status 20 per mm');
    expect(printed).toContain('Status not filtered');
    expect(printed).toContain('Resp without LFF');
    expect(printed).toContain('clipped: T7');
    expect(printed).toContain('traces cut at their lanes');
  });

  it('says at the pointer that a value is clipped, and why its trace is grey', () => {
    const trace = drawn([], {
      label: 'F7–T7',
      bad: true,
      note: 'T7 is marked bad',
      saturated: [{ fromS: 1, toS: 2, who: 'T7' }],
    });
    expect(pointText(trace, { low: -12, high: -12 }, 1.5)).toBe(
      'F7–T7  −12 µV, clipped at T7, T7 is marked bad',
    );
    expect(pointText(trace, { low: -12, high: -12 }, 3)).toBe('F7–T7  −12 µV, T7 is marked bad');
    expect(pointText(drawn([], { label: 'Status', unit: '' }), { low: 4, high: 4 }, 3)).toBe('Status  4');
  });

  it('prints every setting, and admits a screen that was not measured', () => {
    const detail = { montages: [] } as never;
    const text = (calibrated: boolean): string =>
      printedSettings(detail, defaultSettings, { ...facts, calibrated })
        .map((item) => item.text)
        .join(' | ');
    expect(text(true)).toBe(
      'Double banana · bipolar | LFF 1 Hz (0.16 s) | HFF 70 Hz | Notch off | 7 µV/mm | 10 s/page, 25.0 mm/s | negative up | display only, file unchanged',
    );
    expect(text(false)).toContain('7 µV/mm (uncalibrated)');
  });
});

describe('the spectrum of a span', () => {
  const frequencies = Array.from({ length: 91 }, (_, i) => i / 2);
  const flat = (db: number): number[] => frequencies.map(() => db);
  const view = {
    frequencies,
    peakHz: null,
    mainsHz: null,
    traces: [
      { label: 'C3', hemisphere: 'left' as const, power: flat(0) },
      { label: 'O1', hemisphere: 'left' as const, power: flat(10) },
      { label: 'C4', hemisphere: 'right' as const, power: flat(0) },
    ],
  };

  it('takes means of power, not of decibels', () => {
    const [left] = spectrumLines(view, null);
    expect(left!.power[20]).toBeCloseTo(10 * Math.log10(5.5), 6);
  });

  it('is that of the one trace pointed at', () => {
    expect(spectrumLines(view, 'O1')).toMatchObject([{ label: 'O1', traces: 1 }]);
  });

  it('gives each band its width times its density', () => {
    const bands = bandPowers(frequencies, flat(0));
    expect(bands.find(({ name }) => name === 'alpha')!.power).toBeCloseTo(5, 6);
    expect(bands.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 6);
  });
});
