import { describe, expect, it } from 'vitest';
import {
  bandPass,
  cascade,
  gainAt,
  highPass,
  lowPass,
  notch,
  settleSamples,
  type Sections,
} from '#main/signal/butterworth.ts';
import { createChain, runForward } from '#main/signal/chain.ts';
import { AppError } from '#shared/errors.ts';
import { pythonWith, runPython } from '../../make/python.ts';

const decibels = (gain: number) => 20 * Math.log10(gain);

/** Response of one pass: real and imaginary part. */
function response(filter: Sections, hz: number, sfreqHz: number): [number, number] {
  const w = (2 * Math.PI * hz) / sfreqHz;
  let [re, im] = [1, 0];
  for (let s = 0; s < filter.length; s += 5) {
    const [b0, b1, b2, a1, a2] = [...filter.subarray(s, s + 5)] as [number, number, number, number, number];
    const part = (c0: number, c1: number, c2: number): [number, number] => [
      c0 + c1 * Math.cos(w) + c2 * Math.cos(2 * w),
      -c1 * Math.sin(w) - c2 * Math.sin(2 * w),
    ];
    const [br, bi] = part(b0, b1, b2);
    const [ar, ai] = part(1, a1, a2);
    const size = ar * ar + ai * ai;
    const [hr, hi] = [(br * ar + bi * ai) / size, (bi * ar - br * ai) / size];
    [re, im] = [re * hr - im * hi, re * hi + im * hr];
  }
  return [re, im];
}

describe('Butterworth designs', () => {
  it('are 3 dB down at the edge in one pass, 6 dB in two, whatever order and rate', () => {
    for (const rate of [128, 256, 1000])
      for (const order of [1, 2, 3, 4, 5, 8])
        for (const hz of [0.1, 0.5, 30, 60]) {
          for (const filter of [lowPass(order, hz, rate), highPass(order, hz, rate)]) {
            expect(decibels(gainAt(filter, hz, rate))).toBeCloseTo(-3.0103, 3);
            expect(decibels(gainAt(filter, hz, rate) ** 2)).toBeCloseTo(-6.0206, 3);
          }
        }
  });

  it('band-passes are 3 dB down at both edges and leave the middle alone', () => {
    for (const order of [1, 2, 3, 4]) {
      const filter = bandPass(order, 4, 30, 250);
      expect(decibels(gainAt(filter, 4, 250))).toBeCloseTo(-3.0103, 3);
      expect(decibels(gainAt(filter, 30, 250))).toBeCloseTo(-3.0103, 3);
      const middle = Math.max(...[9, 10, 11, 12, 13].map((hz) => gainAt(filter, hz, 250)));
      expect(middle).toBeGreaterThan(0.98);
      expect(middle).toBeLessThan(1 + 1e-9);
    }
  });

  it('never rise again outside the band', () => {
    const filter = bandPass(4, 1, 40, 256);
    for (let hz = 41; hz < 127; hz++)
      expect(gainAt(filter, hz, 256)).toBeLessThan(gainAt(filter, hz - 1, 256));
  });

  it('fall by 6 dB per octave and pole', () => {
    const filter = lowPass(4, 5, 1000);
    expect(decibels(gainAt(filter, 20, 1000)) - decibels(gainAt(filter, 40, 1000))).toBeCloseTo(24.1, 0);
    const high = highPass(2, 40, 1000);
    expect(decibels(gainAt(high, 5, 1000)) - decibels(gainAt(high, 2.5, 1000))).toBeCloseTo(12, 1);
  });

  it('keep a low-pass at 0 Hz whole, and take all of it away in a high-pass', () => {
    expect(gainAt(lowPass(4, 40, 256), 0, 256)).toBeCloseTo(1, 12);
    expect(gainAt(highPass(4, 0.5, 256), 0, 256)).toBeCloseTo(0, 12);
    expect(gainAt(highPass(3, 0.5, 256), 128, 256)).toBeCloseTo(1, 12);
  });

  it('notch one frequency out, 3 dB wide by its quality', () => {
    const filter = notch(50, 256, 30);
    expect(gainAt(filter, 50, 256)).toBeLessThan(1e-12);
    expect(gainAt(filter, 0, 256)).toBeCloseTo(1, 12);
    expect(gainAt(filter, 45, 256)).toBeGreaterThan(0.98);
    expect(decibels(gainAt(filter, 50 - 50 / 60, 256))).toBeCloseTo(-3, 0);
  });

  it('stay stable down to 0.01 Hz at 2000 Hz: what was struck fades away', () => {
    for (const filter of [
      highPass(4, 0.01, 2000),
      bandPass(4, 0.1, 75, 1000),
      bandPass(5, 0.05, 499, 1000),
      lowPass(8, 0.5, 1000),
      cascade(highPass(4, 0.1, 1000), lowPass(4, 75, 1000), notch(50, 1000)),
    ]) {
      const settle = settleSamples(filter);
      expect(settle).toBeLessThan(Infinity);
      const x = new Float64Array(2 * settle);
      x[0] = 1;
      runForward(createChain(filter), x, 0, x.length);
      const peak = x.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const late = x.subarray(settle).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(peak).toBeGreaterThan(0);
      expect(late).toBeLessThan(1e-5 * peak);
    }
  });

  it('refuse frequencies that the rate cannot carry and edges in the wrong order, with a remedy', () => {
    for (const make of [
      () => lowPass(2, 128, 256),
      () => highPass(2, 0, 256),
      () => notch(130, 256),
      () => bandPass(2, 1, 200, 256),
      () => bandPass(2, 40, 30, 256),
      () => bandPass(2, 0, 30, 256),
    ])
      expect(make).toThrow(AppError);
    expect(() => lowPass(2, 128, 256)).toThrow(/choose a lower filter/);
  });
});

const python = pythonWith('numpy', 'scipy');
describe.skipIf(python === null)(
  'Butterworth and notch beside SciPy (needs Python with scipy; set LIMBECK_PYTHON)',
  () => {
    const program = `
import sys, json, numpy as np
from scipy import signal
out = []
for kind, order, edges, fs in json.load(sys.stdin):
    hz = np.linspace(0.01, fs / 2 * 0.999, 200)
    if kind == "notch": _, h = signal.freqz(*signal.iirnotch(edges[0], order, fs), worN=hz, fs=fs)
    else:
        sos = signal.butter(order, edges if len(edges) > 1 else edges[0], kind, fs=fs, output="sos")
        _, h = signal.freqz_sos(sos, worN=hz, fs=fs)
    out.append([hz.tolist(), h.real.tolist(), h.imag.tolist()])
print(json.dumps(out))
`;

    it('answer alike at every frequency, in size and phase', () => {
      const cases: [string, number, number[], number][] = [];
      for (const rate of [128, 250, 1000]) {
        for (const order of [1, 2, 3, 4, 6])
          cases.push(
            ['lowpass', order, [45], rate],
            ['highpass', order, [0.5], rate],
            ['bandpass', order, [0.5, 45], rate],
            ['bandpass', order, [8, 13], rate],
          );
        cases.push(['notch', 30, [50], rate], ['notch', 10, [60], rate]);
      }
      cases.push(['highpass', 4, [0.1], 1000], ['bandpass', 4, [0.1, 75], 1000]);
      const answers = runPython<[number[], number[], number[]][]>(python!, program, cases);
      cases.forEach(([kind, order, [low, high], rate], i) => {
        const filter =
          kind === 'lowpass'
            ? lowPass(order, low!, rate)
            : kind === 'highpass'
              ? highPass(order, low!, rate)
              : kind === 'bandpass'
                ? bandPass(order, low!, high!, rate)
                : notch(low!, rate, order);
        const [hz, re, im] = answers[i]!;
        let worst = 0;
        hz.forEach((f, k) => {
          const [ownRe, ownIm] = response(filter, f, rate);
          worst = Math.max(worst, Math.hypot(ownRe - re[k]!, ownIm - im[k]!));
        });
        expect(worst, `${kind} ${order} ${low}–${high} at ${rate}`).toBeLessThan(1e-6);
      });
    });
  },
);
