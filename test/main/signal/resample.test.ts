import { describe, expect, it } from 'vitest';
import { concatenate } from '#main/signal/fifo.ts';
import { createResampler, rateRatio, resample, type Ratio } from '#main/signal/resample.ts';
import { createRandom } from '#shared/random.ts';
import { pythonWith, runPython } from '../../make/python.ts';
import { component, largestDifference, noise, sine } from './made-up.ts';

const rates = [
  [500, 200],
  [256, 128],
  [160, 200],
  [1000, 128],
  [1000, 200],
  [200, 1000],
  [256, 200],
  [250, 250],
  [512, 100],
] as const;

describe('resampling', () => {
  it('finds the simplest ratio of two rates', () => {
    expect(rateRatio(500, 200)).toEqual({ up: 2, down: 5 });
    expect(rateRatio(256, 128)).toEqual({ up: 1, down: 2 });
    expect(rateRatio(160, 200)).toEqual({ up: 5, down: 4 });
    expect(rateRatio(1000, 128)).toEqual({ up: 16, down: 125 });
    expect(rateRatio(200, 200)).toEqual({ up: 1, down: 1 });
    expect(rateRatio(199.5, 200)).toEqual({ up: 400, down: 399 });
    expect(rateRatio(173.61, 200)).toEqual({ up: 20000, down: 17361 });
    const random = createRandom(2);
    for (let n = 0; n < 200; n++) {
      const [from, to] = [(10_000 + random.below(90_000)) / 100, (10_000 + random.below(90_000)) / 100];
      const { up, down } = rateRatio(from, to);
      expect(Math.abs((from * up) / down / to - 1)).toBeLessThanOrEqual(1.0001e-9);
      expect(up).toBeLessThanOrEqual(100_000);
    }
  });

  it('moves a sine nowhere, at the beginning, the middle and the end', () => {
    for (const [from, to] of rates) {
      const y = resample(sine(10, from, 30 * from), rateRatio(from, to));
      for (const atS of [3, 15, 25]) {
        const { amplitude, phase } = component(y, 10, to, atS * to, (atS + 2) * to);
        expect(amplitude, `${from} to ${to}`).toBeCloseTo(1, 2);
        expect(Math.abs((1000 * phase) / (2 * Math.PI * 10)), `${from} to ${to}, ms`).toBeLessThan(1e-3);
      }
    }
  });

  it('makes length · up / down samples, rounded up, of any length', () => {
    for (const [from, to] of rates)
      for (const length of [0, 1, 2, 5, 13, 100, 101, 1234]) {
        const { up, down } = rateRatio(from, to);
        expect(resample(noise(length), { up, down }).length, `${length}: ${from} to ${to}`).toBe(
          Math.ceil((length * up) / down),
        );
      }
  });

  it('lets nothing above half of the new rate fold back', () => {
    for (const hz of [130, 180, 240, 300, 450]) {
      const y = resample(
        sine(hz, 1000, 20_000).map((value) => 100 * value),
        { up: 1, down: 5 },
      );
      const left = Math.max(...y.subarray(500, 3500).map(Math.abs));
      expect(left, `${hz} Hz`).toBeLessThan(0.2);
    }
  });

  it('keeps the level of a constant to a thousandth, the ripple of its window', () => {
    for (const [from, to] of rates) {
      const y = resample(new Float64Array(20 * from).fill(100), rateRatio(from, to));
      expect(
        largestDifference(
          y,
          y.map(() => 100),
          2 * to,
          18 * to,
        ),
      ).toBeLessThan(0.1);
    }
  });

  it('gives back the very same values at the same rate', () => {
    const x = noise(500);
    expect(largestDifference(resample(x, { up: 1, down: 1 }), x)).toBeLessThan(1e-12);
  });

  it('gives the same values in a stream as at once, however it is cut', () => {
    for (const [from, to] of rates) {
      const ratio = rateRatio(from, to);
      for (let seed = 0; seed < 5; seed++) {
        const random = createRandom(`${from} ${to} ${seed}`);
        const x = noise(1 + random.below(6000), seed);
        const stream = createResampler(ratio);
        const padded = concatenate([new Float64Array(stream.margin), x, new Float64Array(stream.margin)]);
        const parts: Float64Array[] = [];
        for (let at = 0; at < padded.length;) {
          const count = random.below(seed === 0 ? 7 : 900);
          parts.push(stream.push(padded.subarray(at, at + count)).slice());
          at += count;
        }
        parts.push(stream.end());
        const whole = resample(x, ratio);
        expect(concatenate(parts)).toHaveLength(whole.length);
        expect(largestDifference(concatenate(parts), whole), `${from} to ${to}`).toBeLessThan(1e-10);
      }
    }
  });

  it('uses what lies in the margin instead of silence', () => {
    const stream = createResampler({ up: 2, down: 5 });
    const sure = stream.push(new Float64Array(500 + 2 * stream.margin).fill(7)).slice();
    const y = concatenate([sure, stream.end()]);
    expect(y.length).toBe(200);
    expect(
      largestDifference(
        y,
        y.map(() => 7),
      ),
    ).toBeLessThan(0.01);
  });

  it('equals the sum it stands for, term by term, for any ratio', () => {
    const random = createRandom(4);
    for (let n = 0; n < 30; n++) {
      const ratio = reduce({ up: 1 + random.below(12), down: 1 + random.below(12) });
      const x = noise(1 + random.below(80), n);
      expect(largestDifference(resample(x, ratio), plain(x, ratio)), JSON.stringify(ratio)).toBeLessThan(
        1e-9,
      );
    }
  });
});

function reduce({ up, down }: Ratio): Ratio {
  const { up: u, down: d } = rateRatio(down, up);
  return { up: u, down: d };
}

/** Stuffs zeros, convolves with the window, picks every `down`-th: slow and plain. */
function plain(x: Float64Array, { up, down }: Ratio): Float64Array {
  const half = 10 * Math.max(up, down);
  const bessel = (z: number) => {
    let [term, sum] = [1, 1];
    for (let k = 1; k < 60; k++) sum += term *= (z / (2 * k)) ** 2;
    return sum;
  };
  const h = Float64Array.from({ length: 2 * half + 1 }, (_, i) => {
    const t = (i - half) / Math.max(up, down);
    const sinc = t === 0 ? 1 : Math.sin(Math.PI * t) / (Math.PI * t);
    return sinc * bessel(5 * Math.sqrt(1 - ((i - half) / half) ** 2));
  });
  const sum = h.reduce((a, b) => a + b, 0);
  return Float64Array.from({ length: Math.ceil((x.length * up) / down) }, (_, m) => {
    let y = 0;
    for (let n = 0; n < x.length; n++) y += x[n]! * (h[m * down - n * up + half] ?? 0);
    return (y * up) / sum;
  });
}

const python = pythonWith('numpy', 'scipy');
describe.skipIf(python === null)(
  'resampling beside SciPy (needs Python with scipy; set LIMBECK_PYTHON)',
  () => {
    const program = `
import sys, json, numpy as np
from scipy import signal
print(json.dumps([signal.resample_poly(np.array(x), up, down).tolist() for x, up, down in json.load(sys.stdin)]))
`;

    it('equals resample_poly within a billionth, for every ratio and length', () => {
      const cases = rates.flatMap(([from, to]) =>
        [1, 7, 200, 1777].map((length) => ({ x: noise(length, length, 1), ratio: rateRatio(from, to) })),
      );
      const answers = runPython<number[][]>(
        python!,
        program,
        cases.map(({ x, ratio }) => [[...x], ratio.up, ratio.down]),
      );
      cases.forEach(({ x, ratio }, i) =>
        expect(largestDifference(resample(x, ratio), answers[i]!), JSON.stringify(ratio)).toBeLessThan(1e-9),
      );
    });
  },
);
