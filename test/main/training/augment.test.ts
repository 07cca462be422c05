import { describe, expect, it } from 'vitest';
import { createRandom } from '#shared/random.ts';
import { gridLength, readGrid, standardize, toGrid } from '#main/models/time-grid.ts';
import { augment, augmentation } from '#main/training/augment.ts';

const sine = (hz: number, rate: number, samples: number) =>
  Float32Array.from({ length: samples }, (_, i) => Math.sin((2 * Math.PI * hz * i) / rate));

function correlation(a: Float32Array, b: Float32Array): number {
  const [x, y] = [standardize(a.slice()), standardize(b.slice())];
  return x.reduce((sum, value, i) => sum + value * y[i]!, 0) / x.length;
}

describe('the common grid of time', () => {
  it('leaves a signal at the grid’s own rate as it is, up to standardising', () => {
    const signal = sine(7, 128, 512);
    expect([...readGrid(signal, 0, 1, 512)]).toEqual([...signal]);
    expect(gridLength(512, 128)).toBe(512);
  });

  it('brings the same wave at different rates to the same values', () => {
    const reference = toGrid(sine(10, 128, 512), 512, 128);
    for (const rate of [100, 160, 200, 250, 256, 500, 1000]) {
      const other = toGrid(sine(10, rate, 4 * rate), 4 * rate, rate);
      expect(other.length).toBe(reference.length);
      expect(correlation(other, reference)).toBeGreaterThan(0.95);
    }
  });

  it('keeps what lies above half the grid’s rate from folding back', () => {
    const folded = readGrid(sine(118, 1000, 4000), 0, 1000 / 128, 512);
    expect(Math.max(...folded.map(Math.abs))).toBeLessThan(0.2);
  });

  it('turns an absent electrode into zeros, not into NaN', () => {
    expect(toGrid(new Float32Array(200), 200, 200).every((value) => value === 0)).toBe(true);
  });
});

describe('augmented views', () => {
  const signal = standardize(sine(6, 128, 512));
  const nothing = { crop: 1, scale: 0, noise: 0, mask: 0, flip: 0, bandStop: 0 };

  it('changes nothing when every strength is zero', () => {
    expect([...augment(signal, 512, 128, createRandom(1), nothing)]).toEqual([...signal]);
  });

  it('gives the same view for the same seed, another for another, and leaves the signal alone', () => {
    const before = signal.slice();
    const first = augment(signal, 512, 128, createRandom(1));
    expect([...augment(signal, 512, 128, createRandom(1))]).toEqual([...first]);
    expect([...augment(signal, 512, 128, createRandom(2))]).not.toEqual([...first]);
    expect(signal).toEqual(before);
    expect(first.every(Number.isFinite)).toBe(true);
  });

  it('stretches a crop to the full length', () => {
    const random = createRandom(3);
    for (let i = 0; i < 50; i++) {
      const view = augment(signal, 512, 128, random, { ...nothing, crop: 0.5 });
      const crossings = view.filter((value, j) => j > 0 && value >= 0 !== view[j - 1]! >= 0).length;
      // 48 crossings in the whole; a crop of one half shows 24 of them
      expect(crossings).toBeGreaterThanOrEqual(22);
      expect(crossings).toBeLessThanOrEqual(49);
    }
  });

  it('scales within a fifth and masks at most a tenth', () => {
    const random = createRandom(4);
    const ones = new Float32Array(500).fill(1);
    for (let i = 0; i < 50; i++) {
      const view = augment(ones, 500, 128, random, { ...nothing, scale: 0.2, mask: 0.1 });
      expect(view.filter((value) => value === 0).length).toBeLessThanOrEqual(50);
      const rest = view.filter((value) => value !== 0);
      expect(Math.min(...rest)).toBeGreaterThanOrEqual(0.8);
      expect(Math.max(...rest)).toBeLessThanOrEqual(1.2);
    }
  });

  it('takes out a band somewhere and passes the rest', () => {
    const random = createRandom(5);
    const kept = Array.from({ length: 40 }, () => {
      const view = augment(sine(20, 128, 1024), 1024, 128, random, { ...nothing, bandStop: 1 });
      return Math.sqrt(view.slice(256).reduce((sum, v) => sum + v * v, 0) / 768) * Math.SQRT2;
    });
    expect(Math.min(...kept)).toBeLessThan(0.6);
    expect(kept.filter((gain) => gain > 0.8).length).toBeGreaterThan(20);
  });

  it('adds noise in units of the signal', () => {
    const noisy = augment(new Float32Array(4000), 4000, 128, createRandom(6), {
      ...nothing,
      noise: augmentation.noise,
    });
    const deviation = Math.sqrt(noisy.reduce((sum, v) => sum + v * v, 0) / 4000);
    expect(deviation).toBeCloseTo(0.1, 2);
  });
});
