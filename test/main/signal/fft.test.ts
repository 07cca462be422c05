import { describe, expect, it } from 'vitest';
import { complexFft, realFft } from '#main/signal/fft.ts';
import { largestDifference, noise } from './made-up.ts';

const lengths = [
  ...Array.from({ length: 64 }, (_, i) => i + 1),
  ...[97, 101, 125, 127, 131, 250, 251, 257, 400, 480, 510, 511, 512, 521, 600, 625, 800],
];

/** O(n²), with angles kept small. */
function direct(re: Float64Array, im: Float64Array): { re: Float64Array; im: Float64Array } {
  const n = re.length;
  const out = { re: new Float64Array(n), im: new Float64Array(n) };
  for (let k = 0; k < n; k++)
    for (let t = 0; t < n; t++) {
      const angle = (-2 * Math.PI * ((k * t) % n)) / n;
      out.re[k]! += re[t]! * Math.cos(angle) - im[t]! * Math.sin(angle);
      out.im[k]! += re[t]! * Math.sin(angle) + im[t]! * Math.cos(angle);
    }
  return out;
}

describe('the Fourier transform', () => {
  it('equals the direct sum for every length: small, composite, prime', () => {
    for (const n of lengths) {
      const [re, im] = [noise(n, n, 1), noise(n, n + 1000, 1)];
      const wanted = direct(re, im);
      complexFft(n)(re, im);
      expect(largestDifference(re, wanted.re), `${n}`).toBeLessThan(1e-9);
      expect(largestDifference(im, wanted.im), `${n}`).toBeLessThan(1e-9);
    }
  });

  it('equals the direct sum for real signals, wherever they lie and go', () => {
    for (const n of lengths) {
      const fft = realFft(n);
      expect(fft.bins).toBe(Math.floor(n / 2) + 1);
      const x = noise(n + 7, n, 1);
      const [re, im] = [new Float64Array(fft.bins + 5), new Float64Array(fft.bins + 5)];
      fft.forward(x, 3, re, im, 4);
      const wanted = direct(x.slice(3, 3 + n), new Float64Array(n));
      expect(largestDifference(re.slice(4, 4 + fft.bins), wanted.re.slice(0, fft.bins)), `${n}`).toBeLessThan(
        1e-9,
      );
      expect(largestDifference(im.slice(4, 4 + fft.bins), wanted.im.slice(0, fft.bins)), `${n}`).toBeLessThan(
        1e-9,
      );
      expect([...re.slice(0, 4), re.at(-1)]).toEqual([0, 0, 0, 0, 0]);
    }
  });

  it('keeps the energy, and comes back by transforming the conjugate', () => {
    for (const n of lengths) {
      const [re, im] = [noise(n, n, 1), noise(n, n + 1, 1)];
      const [r0, i0] = [re.slice(), im.slice()];
      const energy = (a: Float64Array, b: Float64Array) =>
        a.reduce((sum, value, k) => sum + value * value + b[k]! * b[k]!, 0);
      complexFft(n)(re, im);
      expect(energy(re, im) / n / energy(r0, i0)).toBeCloseTo(1, 10);
      for (let k = 0; k < n; k++) im[k] = -im[k]!;
      complexFft(n)(re, im);
      expect(
        largestDifference(
          re.map((value) => value / n),
          r0,
        ),
      ).toBeLessThan(1e-10);
      expect(
        largestDifference(
          im.map((value) => -value / n),
          i0,
        ),
      ).toBeLessThan(1e-10);
    }
  });

  it('keeps the energy of long signals, prime lengths among them', () => {
    for (const n of [4096, 30_720, 65_537, 86_400]) {
      const [re, im] = [noise(n, 1, 1), noise(n, 2, 1)];
      const energy = () => re.reduce((sum, value, t) => sum + value ** 2 + im[t]! ** 2, 0);
      const before = energy();
      complexFft(n)(re, im);
      expect(energy() / n / before).toBeCloseTo(1, 10);
    }
  });

  it('is accurate for long and awkward lengths', () => {
    for (const n of [4096, 5000, 7919, 10_000]) {
      const k = 123;
      const re = Float64Array.from({ length: n }, (_, t) => Math.cos((2 * Math.PI * ((k * t) % n)) / n));
      const im = new Float64Array(n);
      complexFft(n)(re, im);
      expect(re[k]! / n).toBeCloseTo(0.5, 10);
      re[k] = re[n - k] = 0;
      expect(Math.max(...re.map(Math.abs), ...im.map(Math.abs)) / n).toBeLessThan(1e-10);
    }
  });
});
