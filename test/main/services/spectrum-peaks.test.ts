import { describe, expect, it } from 'vitest';
import { createRandom } from '#shared/random.ts';
import { alphaPeak, mainsPeak, meanSpectrum } from '#main/services/spectrum-peaks.ts';

const frequencies = Array.from({ length: 141 }, (_, bin) => bin / 2);
/** A slope as EEG has it, with a hill and some noise. */
const slope = (hillDb: number, atHz: number, seed = 1): number[] => {
  const random = createRandom(seed);
  return frequencies.map(
    (hz) =>
      20 -
      12 * Math.log10(Math.max(hz, 0.5)) +
      hillDb * Math.exp(-(((hz - atHz) / 1) ** 2)) +
      0.5 * random.normal(),
  );
};

describe('alpha', () => {
  it('is named where it stands out of the slope', () => {
    for (const hz of [8.5, 10, 12])
      expect(Math.abs(alphaPeak(frequencies, slope(9, hz))! - hz)).toBeLessThanOrEqual(0.5);
  });

  it('is not named on the slope alone, noise and all', () => {
    for (let seed = 1; seed <= 100; seed++) expect(alphaPeak(frequencies, slope(0, 10, seed))).toBeNull();
  });

  it('is not the foot of a hill beside it', () => {
    expect(alphaPeak(frequencies, slope(15, 15))).toBeNull();
    expect(alphaPeak(frequencies, slope(15, 6))).toBeNull();
  });
});

describe('the mains', () => {
  it('are worth a notch where they stand out on both sides', () => {
    expect(mainsPeak(frequencies, slope(20, 50))).toBe(50);
    expect(mainsPeak(frequencies, slope(20, 60))).toBe(60);
    expect(mainsPeak(frequencies, slope(4, 50))).toBeNull();
    expect(mainsPeak(frequencies, slope(0, 50))).toBeNull();
  });

  it('are none where the spectrum ends before', () => {
    const low = frequencies.filter((hz) => hz <= 32);
    expect(mainsPeak(low, slope(20, 30).slice(0, low.length))).toBeNull();
  });
});

describe('the mean of a page', () => {
  it('survives a flat trace', () => {
    const flat = frequencies.map(() => -Infinity);
    expect(meanSpectrum(frequencies, [slope(9, 10), flat])).toEqual(slope(9, 10));
    expect(meanSpectrum([1], []).every(Number.isNaN)).toBe(true);
  });
});
