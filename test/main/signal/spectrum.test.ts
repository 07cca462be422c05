import { describe, expect, it } from 'vitest';
import { bandPower, bands, decibel, periodogram, spectrumColumn, welch } from '#main/signal/spectrum.ts';
import { pythonWith, runPython } from '../../make/python.ts';
import { largestDifference, noise, sine } from './made-up.ts';

describe("Welch's spectrum", () => {
  it('has its power where the sine is, as much as the sine has', () => {
    const psd = welch(
      sine(10, 256, 2560).map((value) => 20 * value),
      256,
    );
    const peak = psd.power.indexOf(Math.max(...psd.power));
    expect(psd.frequencies[peak]).toBe(10);
    expect(bandPower(psd, 8, 13)).toBeCloseTo((20 * 20) / 2, 3);
    expect(bandPower(psd, 13, 45)).toBeLessThan(1e-9);
  });

  it('adds up to the variance of noise over all bands together', () => {
    const x = noise(100_000, 3, 5);
    const psd = welch(x, 250);
    expect(bandPower(psd, 0, 126) / 25).toBeCloseTo(1, 1);
    const split = [[0, 1], ...bands.map(({ lowHz, highHz }) => [lowHz, highHz]), [45, 126]].reduce(
      (sum, [low, high]) => sum + bandPower(psd, low!, high!),
      0,
    );
    expect(split).toBeCloseTo(bandPower(psd, 0, 126), 9);
  });

  it('does not see a constant', () => {
    const x = noise(2000, 1);
    const moved = x.map((value) => value + 1e4);
    expect(largestDifference(welch(moved, 200).power, welch(x, 200).power)).toBeLessThan(1e-6);
  });

  it('leaves out windows with a gap, and says how many are left', () => {
    const x = noise(2000, 2);
    const all = welch(x, 200);
    expect(all.windows).toBe(9);
    const holed = x.slice();
    holed[1999] = NaN;
    const psd = welch(holed, 200);
    expect(psd.windows).toBe(8);
    expect(psd.power).toEqual(welch(x.subarray(0, 1999), 200).power);
    expect(psd.power.every(Number.isFinite)).toBe(true);
  });

  it('says NaN, not zero, when no window is whole', () => {
    const psd = welch(new Float64Array(1000).fill(NaN), 200);
    expect(psd.windows).toBe(0);
    expect(psd.power.every(Number.isNaN)).toBe(true);
    expect(bandPower(psd, 8, 13)).toBeNaN();
  });

  it('shortens its window to the signal, and finds nothing in less than two samples', () => {
    expect(welch(noise(50), 200).windows).toBe(1);
    expect(welch(noise(1), 200).windows).toBe(0);
    expect(welch(noise(0), 200).windows).toBe(0);
    expect(bandPower(welch(noise(1), 200), 8, 13)).toBeNaN();
  });

  it('gives the same whatever was asked for in between', () => {
    const x = noise(1000, 8);
    const before = welch(x, 200).power;
    for (let rate = 100; rate < 140; rate++) welch(noise(400, rate), rate);
    expect(welch(x, 200).power).toEqual(before);
  });

  it('adds one window to what is there, and refuses a window with NaN', () => {
    const plan = periodogram(100, 100);
    const x = noise(200, 1);
    const power = new Float64Array(plan.bins);
    expect(plan.add(x, 50, power)).toBe(true);
    const once = power.slice();
    plan.add(x, 50, power);
    expect(
      largestDifference(
        power,
        once.map((value) => 2 * value),
      ),
    ).toBeLessThan(1e-9);
    x[60] = NaN;
    expect(plan.add(x, 50, power)).toBe(false);
    expect(power.every(Number.isFinite)).toBe(true);
  });
});

describe('a column of the spectrogram', () => {
  it('is loudest at the rhythm', () => {
    const column = spectrumColumn(
      sine(10, 256, 2048).map((value) => 30 * value),
      256,
    );
    expect(column.length).toBe(25);
    expect(column.indexOf(Math.max(...column))).toBe(9);
    expect(column[9]! - column[20]!).toBeGreaterThan(60);
  });

  it('is NaN without a whole second and finite for silence', () => {
    expect(spectrumColumn(new Float64Array(512).fill(NaN), 256).every(Number.isNaN)).toBe(true);
    expect(
      spectrumColumn(new Float64Array(512), 256).every((value) => value === Math.fround(decibel(0))),
    ).toBe(true);
  });
});

const python = pythonWith('numpy', 'scipy');
describe.skipIf(python === null)(
  "Welch's spectrum beside SciPy (needs Python with scipy; set LIMBECK_PYTHON)",
  () => {
    const program = `
import sys, json, numpy as np
from scipy import signal
out = []
for x, fs, n in json.load(sys.stdin):
    f, p = signal.welch(np.array(x), fs, nperseg=n)
    out.append([f.tolist(), p.tolist()])
print(json.dumps(out))
`;

    it('equals scipy.signal.welch for odd and even windows and rates', () => {
      const cases = [
        { length: 1000, rate: 200, windowS: 2 },
        { length: 1777, rate: 256, windowS: 1 },
        { length: 900, rate: 125, windowS: 1 },
        { length: 5000, rate: 1000, windowS: 0.511 },
        { length: 300, rate: 250, windowS: 2 },
      ].map((each) => ({ ...each, x: noise(each.length, each.length) }));
      const answers = runPython<[number[], number[]][]>(
        python!,
        program,
        cases.map(({ x, rate, windowS }) => [[...x], rate, Math.min(x.length, Math.round(windowS * rate))]),
      );
      cases.forEach(({ x, rate, windowS }, i) => {
        const psd = welch(x, rate, windowS);
        const [frequencies, power] = answers[i]!;
        expect(largestDifference(psd.frequencies, frequencies)).toBeLessThan(1e-9);
        expect(largestDifference(psd.power, power) / Math.max(...power)).toBeLessThan(1e-10);
      });
    });
  },
);
