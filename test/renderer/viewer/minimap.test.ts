import { describe, expect, it } from 'vitest';
import {
  bands,
  clampStart,
  gapsOf,
  hemisphereTokens,
  limitsOf,
  overviewColumns,
  rgbOf,
  secondsAt,
  spectrogramPixels,
  timeTicks,
  xAt,
} from '#renderer/viewer/minimap.ts';

const layout = { left: 64, right: 18, width: 1000, height: 98, durationS: 1248 };

describe('the minimap', () => {
  it('comes back from a pixel to the second it drew', () => {
    for (const atS of [0, 1, 600.5, 1248]) expect(secondsAt(layout, xAt(layout, atS))).toBeCloseTo(atS, 6);
    expect(xAt(layout, 0)).toBe(64);
    expect(xAt(layout, 1248)).toBe(982);
  });

  it('keeps a page inside the recording, and starts a short one at its beginning', () => {
    expect(clampStart(-4, 10, 100)).toBe(0);
    expect(clampStart(95, 10, 100)).toBe(90);
    expect(clampStart(3, 10, 5)).toBe(0);
  });

  it('finds what lies between the spans, before the first and after the last', () => {
    const spans = [
      { startS: 40, endS: 60 },
      { startS: 5, endS: 20 },
    ];
    expect(gapsOf(spans, 70)).toEqual([
      { startS: 0, endS: 5 },
      { startS: 20, endS: 40 },
      { startS: 60, endS: 70 },
    ]);
    expect(gapsOf([{ startS: 0, endS: 70 }], 70)).toEqual([]);
    expect(gapsOf([], 70)).toEqual([]);
  });

  it('spans and gaps together are the whole recording, however the spans overlap', () => {
    const spans = [
      { startS: 0, endS: 10 },
      { startS: 4, endS: 6 },
      { startS: 12, endS: 30 },
    ];
    const missing = gapsOf(spans, 30).reduce((sum, gap) => sum + gap.endS - gap.startS, 0);
    expect(missing).toBe(2);
  });

  it('labels time at least 70 px apart, from seconds to hours', () => {
    for (const durationS of [8, 62, 1248, 86_000, 300_000]) {
      const ticks = timeTicks(durationS, 900);
      expect(ticks[0]!.text).toBe('0');
      expect(ticks.at(-1)!.atS).toBeLessThanOrEqual(durationS);
      if (ticks.length > 1) expect((ticks[1]!.atS / durationS) * 900).toBeGreaterThanOrEqual(70);
    }
    expect(timeTicks(1248, 900).map(({ text }) => text)).toContain('2 min');
    expect(timeTicks(62, 900).map(({ text }) => text)).toContain('1 min');
  });

  it('asks for a bounded number of columns', () => {
    expect(overviewColumns(5)).toBe(60);
    expect(overviewColumns(400)).toBe(400);
    expect(overviewColumns(90_000)).toBe(1000);
  });

  it('takes limits from finite values only', () => {
    expect(limitsOf([NaN, 3, 1, Infinity, 2], 0, 1)).toEqual([1, 3]);
    expect(limitsOf([NaN], 0, 1)).toBeNull();
  });

  it('paints high frequencies on top, the loud light, and nothing where nothing was read', () => {
    const columns = 4;
    const spectrogram = new Float32Array(bands * columns).fill(NaN);
    for (let band = 0; band < bands; band++)
      for (let column = 0; column < 2; column++) spectrogram[band * columns + column] = band;
    const pixels = spectrogramPixels({ columns, ready: 2, envelope: new Float32Array(16), spectrogram }, [
      [0, 0, 0],
      [200, 200, 200],
    ]);
    expect(pixels[0]).toBe(200);
    expect(pixels[4 * (bands - 1) * columns]).toBe(0);
    expect(pixels[4 * 2 + 3]).toBe(0);
    expect(pixels[3]).toBe(255);
  });

  it('swaps the hemispheres with the preset', () => {
    expect(hemisphereTokens('left-blue').left).toBe(hemisphereTokens('left-red').right);
    expect(hemisphereTokens('black')).toEqual({ left: 'trace', right: 'trace' });
  });

  it('reads a computed colour', () => {
    expect(rgbOf('rgb(13, 23, 32)')).toEqual([13, 23, 32]);
  });
});
