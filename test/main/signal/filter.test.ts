import { describe, expect, it } from 'vitest';
import {
  bandPass,
  cascade,
  highPass,
  lowPass,
  notch,
  settleSamples,
  type Sections,
} from '#main/signal/butterworth.ts';
import { createZeroPhaseStream, filterBothWays } from '#main/signal/filter.ts';
import { concatenate } from '#main/signal/fifo.ts';
import { createRandom } from '#shared/random.ts';
import { pythonWith, runPython } from '../../make/python.ts';
import { component, largestDifference, noise, sine, size, wandering } from './made-up.ts';

const rate = 250;
const designs: Record<string, Sections> = {
  'low-pass': lowPass(2, 30, rate),
  'high-pass': highPass(4, 0.5, rate),
  'band-pass': bandPass(4, 1, 45, rate),
  notch: notch(50, rate),
  'slow and fast': cascade(highPass(4, 0.3, rate), lowPass(4, 45, rate), notch(50, rate)),
};

describe('zero-phase filtering of a whole signal', () => {
  it('halves a sine at the edge (−6 dB) and moves it nowhere', () => {
    for (const [filter, hz] of [
      [lowPass(2, 30, rate), 30],
      [highPass(2, 1, rate), 1],
      [highPass(4, 1, rate), 1],
      [bandPass(4, 5, 20, rate), 5],
      [bandPass(4, 5, 20, rate), 20],
    ] as const) {
      const y = filterBothWays(filter, sine(hz, rate, 60 * rate));
      const { amplitude, phase } = component(y, hz, rate, 20 * rate, 40 * rate);
      expect(20 * Math.log10(amplitude)).toBeCloseTo(-6.02, 1);
      expect(Math.abs(phase)).toBeLessThan(1e-4);
    }
  });

  it('delays nothing that passes, not by a thousandth of a sample', () => {
    for (const hz of [8, 10, 13]) {
      const y = filterBothWays(designs['band-pass']!, sine(hz, rate, 40 * rate));
      const { amplitude, phase } = component(y, hz, rate, 10 * rate, 30 * rate);
      expect(amplitude).toBeCloseTo(1, 2);
      expect(Math.abs((phase / (2 * Math.PI * hz)) * rate)).toBeLessThan(1e-3);
    }
  });

  it('gives the mirrored result for a mirrored signal', () => {
    const x = noise(4000, 1);
    for (const filter of Object.values(designs))
      expect(
        largestDifference(
          filterBothWays(filter, x),
          filterBothWays(filter, x.toReversed()).reverse(),
          1500,
          2500,
        ),
      ).toBeLessThan(1e-3);
  });

  it('takes a constant away without a transient at the ends, and keeps it in a low-pass', () => {
    const x = new Float64Array(1000).fill(4321);
    for (const name of ['high-pass', 'band-pass', 'slow and fast'])
      expect(largestDifference(filterBothWays(designs[name]!, x), new Float64Array(1000))).toBeLessThan(1e-6);
    expect(largestDifference(filterBothWays(designs['low-pass']!, x), x)).toBeLessThan(1e-6);
    expect(largestDifference(filterBothWays(designs['notch']!, x), x)).toBeLessThan(1e-6);
  });

  it('removes the mains and leaves the alpha rhythm', () => {
    const alpha = sine(10, rate, 40 * rate).map((value) => 20 * value);
    const mains = sine(50, rate, 40 * rate);
    const y = filterBothWays(
      designs['notch']!,
      alpha.map((value, j) => value + 50 * mains[j]!),
    );
    expect(largestDifference(y, alpha, 10 * rate, 30 * rate)).toBeLessThan(0.2);
  });

  it('stays finite on the shortest signals, on silence and on huge values', () => {
    for (const filter of Object.values(designs)) {
      for (const length of [0, 1, 2, 3, 10]) {
        const y = filterBothWays(filter, noise(length, length));
        expect(y.length).toBe(length);
        expect(y.every(Number.isFinite)).toBe(true);
      }
      expect(filterBothWays(filter, new Float64Array(500)).every((value) => value === 0)).toBe(true);
      expect(filterBothWays(filter, noise(500, 1, 1e12)).every(Number.isFinite)).toBe(true);
    }
  });
});

describe('zero-phase filtering of a stream', () => {
  function stream(
    filter: Sections,
    x: Float64Array,
    block: number,
    margin: number,
    nextPush: () => number,
  ): Float64Array {
    const parts: Float64Array[] = [];
    const filtering = createZeroPhaseStream(filter, block, margin, (y) => parts.push(y.slice()));
    for (let at = 0; at < x.length;) {
      const count = nextPush();
      filtering.push(x.subarray(at, at + count));
      at += count;
    }
    filtering.end();
    return concatenate(parts);
  }

  it('equals filtering at once to a millionth, however the input is cut', () => {
    for (const [name, filter] of Object.entries(designs))
      for (let seed = 0; seed < 6; seed++) {
        const random = createRandom(`${name} ${seed}`);
        const length = 1 + random.below(3 * settleSamples(filter) + 3000);
        const x = seed % 2 === 0 ? noise(length, seed).map((value) => value + 500) : wandering(length, seed);
        const block = 50 + random.below(3000);
        const y = stream(filter, x, block, 0, () => random.below(2000));
        const whole = filterBothWays(filter, x);
        expect(y).toHaveLength(length);
        expect(
          largestDifference(y, whole) / size(x),
          `${name}, ${length} samples, block ${block}`,
        ).toBeLessThan(1e-6);
      }
  });

  it('gives the very same bits for every way of cutting the input into pushes', () => {
    const filter = designs['slow and fast']!;
    const x = noise(12_000, 2);
    const random = createRandom(3);
    const whole = stream(filter, x, 1500, 40, () => x.length);
    for (const nextPush of [() => 1 + random.below(3000), () => 777, () => random.below(50)])
      expect(stream(filter, x, 1500, 40, nextPush)).toEqual(whole);
  });

  it('takes signals shorter than its reflection, and none at all', () => {
    for (const filter of Object.values(designs))
      for (const length of [0, 1, 2, 7, 50, settleSamples(filter), settleSamples(filter) + 1]) {
        const x = noise(length, length + 1);
        const y = stream(filter, x, 100, 0, () => 3 + (length >> 3));
        expect(largestDifference(y, filterBothWays(filter, x))).toBeLessThan(1e-4);
      }
  });

  it('delivers a margin of the reflection before and after, zeros where the signal is too short for it', () => {
    const filter = designs['low-pass']!;
    for (const [length, margin] of [
      [3000, 20],
      [3000, 900],
      [30, 20],
      [10, 40],
      [1, 5],
    ] as const) {
      const x = noise(length, length);
      const y = stream(filter, x, 256, margin, () => 100);
      expect(y.length).toBe(length + 2 * margin);
      const padding = Math.max(settleSamples(filter), margin);
      const whole = filterBothWays(filter, x, padding);
      expect(largestDifference(y.subarray(margin, margin + length), whole)).toBeLessThan(1e-4);
      const absent = margin - Math.min(margin, length - 1);
      expect(y.subarray(0, absent).every((value) => value === 0)).toBe(true);
      expect(y.subarray(y.length - absent).every((value) => value === 0)).toBe(true);
      if (absent < margin) {
        // The margin continues the signal: reflected oddly about its ends.
        const reflected = Float64Array.from(
          { length: margin - absent },
          (_, i) => 2 * whole[0]! - whole[i + 1]!,
        );
        expect(y[margin - 1]!).toBeCloseTo(reflected[0]!, -2);
      }
    }
  });

  it('keeps two streams apart that run at the same time', () => {
    const filter = designs['band-pass']!;
    const [a, b] = [noise(6000, 5), noise(6000, 6)];
    const out: [Float64Array[], Float64Array[]] = [[], []];
    const [first, second] = [0, 1].map((at) =>
      createZeroPhaseStream(filter, 500, 0, (y) => out[at]!.push(y.slice())),
    );
    for (let at = 0; at < 6000; at += 600) {
      first!.push(a.subarray(at, at + 600));
      second!.push(b.subarray(at, at + 600));
    }
    first!.end();
    second!.end();
    expect(largestDifference(concatenate(out[0]), filterBothWays(filter, a))).toBeLessThan(1e-4);
    expect(largestDifference(concatenate(out[1]), filterBothWays(filter, b))).toBeLessThan(1e-4);
  });
});

const python = pythonWith('numpy', 'scipy');
describe.skipIf(python === null)(
  'zero-phase filtering beside SciPy (needs Python with scipy; set LIMBECK_PYTHON)',
  () => {
    const program = `
import sys, json, numpy as np
from scipy import signal
out = []
for q in json.load(sys.stdin):
    sos = np.array(q["sos"]).reshape(-1, 5)
    sos = np.hstack([sos[:, :3], np.ones((len(sos), 1)), sos[:, 3:]])
    out.append(signal.sosfiltfilt(sos, np.array(q["x"]), padlen=q["padding"]).tolist())
print(json.dumps(out))
`;

    it('equals sosfiltfilt with the same padding', () => {
      const x = noise(3000, 9);
      const cases = Object.entries(designs).map(([name, filter]) => ({
        name,
        filter,
        padding: Math.min(settleSamples(filter), 2999),
      }));
      const answers = runPython<number[][]>(
        python!,
        program,
        cases.map(({ filter, padding }) => ({ sos: [...filter], x: [...x], padding })),
      );
      cases.forEach(({ name, filter, padding }, i) =>
        expect(largestDifference(filterBothWays(filter, x, padding), answers[i]!), name).toBeLessThan(1e-7),
      );
    });
  },
);
