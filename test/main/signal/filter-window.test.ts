import { describe, expect, it } from 'vitest';
import type { Span } from '#shared/eeg/recording.ts';
import { createRandom } from '#shared/random.ts';
import { gainAt, highPass } from '#main/signal/butterworth.ts';
import { filterBothWays } from '#main/signal/filter.ts';
import {
  designPageFilter,
  filterBetweenGaps,
  filterWindow,
  type PageFilters,
  type WindowReader,
} from '#main/signal/filter-window.ts';
import { component, largestDifference, noise } from './made-up.ts';

const usual: PageFilters = { lffHz: 1, hffHz: 70, notchHz: 0 };
const off: PageFilters = { lffHz: 0, hffHz: 0, notchHz: 0 };

/** A recording in memory that reads as files do: NaN in gaps and outside. */
function recording(rates: readonly number[], seconds: number, spans: readonly Span[], seed = 0) {
  const signals = rates.map((rate, c) => {
    const values = Float32Array.from(
      noise(Math.round(seconds * rate), seed + c),
      (value) => value + 200 * (c + 1),
    );
    const recorded = new Float32Array(values.length).fill(NaN);
    for (const { startS, endS } of spans) {
      const [from, to] = [Math.round(startS * rate), Math.round(endS * rate)];
      recorded.set(values.subarray(from, to), from);
    }
    return recorded;
  });
  const read: WindowReader = (startS, length) =>
    Promise.resolve(
      signals.map((x, c) => {
        const rate = rates[c]!;
        const [from, to] = [Math.round(startS * rate), Math.round((startS + length) * rate)];
        return Float32Array.from({ length: to - from }, (_, i) => x[from + i] ?? NaN);
      }),
    );
  return { signals, read };
}

describe('display filters', () => {
  it('are 6 dB down at each edge after both passes', () => {
    const { sections } = designPageFilter({ lffHz: 1, hffHz: 30, notchHz: 0 }, 256);
    for (const hz of [1, 30]) expect(20 * Math.log10(gainAt(sections!, hz, 256) ** 2)).toBeCloseTo(-6.02, 1);
  });

  it('name what this rate cannot carry, and do the rest', () => {
    const at100 = designPageFilter({ lffHz: 0.5, hffHz: 70, notchHz: 50 }, 100);
    expect(at100.ignored).toEqual(['high filter', 'notch']);
    expect(at100.sections).toEqual(highPass(2, 0.5, 100));
    expect(designPageFilter({ lffHz: 0, hffHz: 70, notchHz: 60 }, 64)).toEqual({
      sections: null,
      ignored: ['high filter', 'notch'],
    });
    expect(designPageFilter(usual, 256).ignored).toEqual([]);
    expect(designPageFilter(off, 256)).toEqual({ sections: null, ignored: [] });
  });
});

describe('filtering a page', () => {
  const spans = [
    { startS: 0, endS: 63.3 },
    { startS: 71.25, endS: 118 },
  ];

  it('gives a sample the very same value on every page that shows it', async () => {
    const rates = [256, 100];
    const { read } = recording(rates, 118, spans);
    const filters = { lffHz: 0.5, hffHz: 40, notchHz: 0 };
    const whole = await filterWindow(read, rates, spans, filters, 0, 118);
    const random = createRandom(1);
    const pages = [
      ...Array.from({ length: 6 }, (_, page) => [page * 20, 20] as const),
      ...Array.from({ length: 25 }, () => [random.next() * 100, 0.5 + random.next() * 20] as const),
    ];
    for (const [startS, seconds] of pages) {
      const page = await filterWindow(read, rates, spans, filters, startS, seconds);
      rates.forEach((rate, c) => {
        const from = Math.round(startS * rate);
        const count = Math.round((startS + seconds) * rate) - from;
        const wanted = Float32Array.from({ length: count }, (_, i) => whole[c]![from + i] ?? NaN);
        expect(page[c], `${startS} s, ${seconds} s`).toEqual(wanted);
      });
    }
  });

  it('equals filtering the stretch as a whole', async () => {
    const { read, signals } = recording([200], 100, [{ startS: 0, endS: 100 }]);
    for (const filters of [usual, { lffHz: 0.1, hffHz: 0, notchHz: 50 }]) {
      const page = await filterWindow(read, [200], [{ startS: 0, endS: 100 }], filters, 0, 100);
      const wanted = filterBothWays(designPageFilter(filters, 200).sections!, signals[0]!);
      expect(largestDifference(page[0]!, wanted)).toBeLessThan(2e-3);
    }
  });

  it('starts and stops at gaps: what lies beyond has no influence', async () => {
    const rates = [200];
    const { read, signals } = recording(rates, 118, spans);
    const page = await filterWindow(read, rates, spans, usual, 55, 30);
    const from = 55 * 200;
    for (let i = 0; i < page[0]!.length; i++)
      expect(Number.isNaN(page[0]![i]!)).toBe(Number.isNaN(signals[0]![from + i]!));
    const loud = signals[0]!.map((value, i) => (i >= 71.25 * 200 ? value * 1000 : value));
    const readLoud: WindowReader = (startS, seconds) =>
      Promise.resolve([
        Float32Array.from(
          { length: Math.round((startS + seconds) * 200) - Math.round(startS * 200) },
          (_, i) => loud[Math.round(startS * 200) + i] ?? NaN,
        ),
      ]);
    const other = await filterWindow(readLoud, rates, spans, usual, 55, 30);
    const gapAt = Math.round(63.3 * 200) - from;
    expect(other[0]!.subarray(0, gapAt)).toEqual(page[0]!.subarray(0, gapAt));
  });

  it('keeps NaN inside a stretch, and filters either side by itself', async () => {
    const span = [{ startS: 0, endS: 40 }];
    const { read, signals } = recording([200], 40, span);
    signals[0]!.fill(NaN, 3000, 3100);
    const [page] = await filterWindow(read, [200], span, usual, 10, 20);
    for (let i = 0; i < page!.length; i++)
      expect(Number.isNaN(page![i]!)).toBe(2000 + i >= 3000 && 2000 + i < 3100);
    const whole = filterBetweenGaps(designPageFilter(usual, 200).sections!, signals[0]!);
    expect(largestDifference(page!.subarray(0, 1000), whole.subarray(2000, 3000))).toBeLessThan(1e-3);
  });

  it('is NaN where nothing is recorded: before, between and after the stretches', async () => {
    const late = [
      { startS: 17, endS: 30 },
      { startS: 41.5, endS: 42.2 },
    ];
    const { read } = recording([128], 50, late);
    for (const [startS, seconds] of [
      [0, 15],
      [12, 4.5],
      [31, 9],
      [31, 10.2],
      [42.5, 5],
      [45, 30],
      [-20, 5],
    ] as const) {
      const [page] = await filterWindow(read, [128], late, usual, startS, seconds);
      expect(page!.length).toBe(Math.round((startS + seconds) * 128) - Math.round(startS * 128));
      expect(page!.every(Number.isNaN), `${startS} s, ${seconds} s`).toBe(true);
    }
    const [across] = await filterWindow(read, [128], late, usual, 10, 40);
    expect(across!.filter((value) => !Number.isNaN(value)).length).toBe(
      13 * 128 + Math.round(42.2 * 128) - Math.round(41.5 * 128),
    );
  });

  it('has no start-up transient: the standing offset is gone from the first sample on', async () => {
    const span = [{ startS: 0, endS: 60 }];
    const read: WindowReader = (startS, seconds) =>
      Promise.resolve([
        new Float32Array(Math.round((startS + seconds) * 256) - Math.round(startS * 256)).fill(5000),
      ]);
    for (const startS of [0, 7, 30]) {
      const [page] = await filterWindow(
        read,
        [256],
        span,
        { lffHz: 0.1, hffHz: 70, notchHz: 50 },
        startS,
        10,
      );
      expect(Math.max(...page!.map(Math.abs))).toBeLessThan(1e-3);
    }
  });

  it('moves no wave in time', async () => {
    const span = [{ startS: 0, endS: 60 }];
    const read: WindowReader = (startS, seconds) => {
      const from = Math.round(startS * 256);
      return Promise.resolve([
        Float32Array.from({ length: Math.round((startS + seconds) * 256) - from }, (_, i) =>
          Math.sin((2 * Math.PI * 10 * (from + i)) / 256),
        ),
      ]);
    };
    const [page] = await filterWindow(read, [256], span, usual, 20, 10);
    const { amplitude, phase } = component(page!, 10, 256);
    expect(amplitude).toBeCloseTo(1, 2);
    expect(Math.abs(phase)).toBeLessThan(1e-4);
  });

  it('gives what was read, bit by bit, with all filters off or none possible', async () => {
    const { read, signals } = recording([100], 30, [{ startS: 0, endS: 30 }]);
    for (const filters of [off, { lffHz: 0, hffHz: 70, notchHz: 60 }]) {
      const [page] = await filterWindow(read, [100], [{ startS: 0, endS: 30 }], filters, 5, 10);
      expect(page).toEqual(signals[0]!.subarray(500, 1500));
    }
  });

  it('leaves a slow channel unfiltered beside a fast one when its rate carries no filter', async () => {
    const span = [{ startS: 0, endS: 30 }];
    const { read, signals } = recording([200, 32], 30, span);
    const [fast, slow] = await filterWindow(
      read,
      [200, 32],
      span,
      { lffHz: 0, hffHz: 30, notchHz: 0 },
      4,
      12,
    );
    expect(slow).toEqual(signals[1]!.subarray(4 * 32, 16 * 32));
    expect(largestDifference(fast!, signals[0]!.subarray(800, 3200))).toBeGreaterThan(1);
  });
});
