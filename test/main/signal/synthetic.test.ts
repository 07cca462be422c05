import { describe, expect, it } from 'vitest';
import { createRandom } from '#shared/random.ts';
import { position } from '#shared/eeg/electrodes.ts';
import { createSyntheticSubject } from '#main/signal/synthetic.ts';
import { bandPower, welch } from '#main/signal/spectrum.ts';

const sites = ['Fp1', 'Fp2', 'F3', 'F4', 'C3', 'C4', 'O1', 'O2', 'T7', 'T8'];
const sfreqHz = 128;

/** @returns [sites] joined seconds */
function make(seed: number | string, seconds: number, label?: string): Float32Array[] {
  const subject = createSyntheticSubject({
    random: createRandom(seed),
    positions: sites.map((name) => position(name)!),
    sfreqHz,
  });
  const joined = sites.map(() => new Float32Array(seconds * sfreqHz));
  for (let atS = 0; atS < seconds; atS++)
    subject
      .block(atS, 1, label === undefined ? {} : { label })
      .forEach((x, c) => joined[c]!.set(x, atS * sfreqHz));
  return joined;
}
const power = (x: Float32Array, from: number, to: number) => bandPower(welch(x, sfreqHz, 2), from, to);
const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

describe('made-up EEG', () => {
  it('is the same for the same seed and another for another', () => {
    expect(make(1, 5)).toEqual(make(1, 5));
    expect(make(1, 5)[0]).not.toEqual(make(2, 5)[0]);
  });

  it('has the size of EEG, and no value that is none', () => {
    for (const seed of [1, 2, 3])
      for (const x of make(seed, 40)) {
        expect(x.every(Number.isFinite)).toBe(true);
        const typical = median(Array.from(x, Math.abs));
        expect(typical).toBeGreaterThan(2);
        expect(typical).toBeLessThan(80);
      }
  });

  it('falls off with frequency as a brain does', () => {
    const ratios = [1, 2, 3, 4].map((seed) => {
      const [x] = make(seed, 40).slice(4, 5);
      return power(x!, 2, 6) / power(x!, 28, 44);
    });
    expect(median(ratios)).toBeGreaterThan(3);
  });

  it('shows its alpha at the back and its blinks at the front', () => {
    const alpha = { back: 0, front: 0 };
    const blinks = { back: 0, front: 0 };
    for (const seed of [1, 2, 3, 4, 5]) {
      const x = make(seed, 40);
      alpha.back += power(x[6]!, 8, 13) / power(x[6]!, 2, 40);
      alpha.front += power(x[0]!, 8, 13) / power(x[0]!, 2, 40);
      blinks.front += power(x[0]!, 1, 4);
      blinks.back += power(x[6]!, 1, 4);
    }
    expect(alpha.back).toBeGreaterThan(alpha.front);
    expect(blinks.front).toBeGreaterThan(blinks.back);
  });

  it('changes with the label in more people one way than the other, and not without one', () => {
    let sameWay = 0;
    const people = 12;
    for (let seed = 0; seed < people; seed++) {
      const beta = (label: string) => {
        const x = make(`person ${seed}`, 40, label);
        return (power(x[4]!, 16, 26) + power(x[5]!, 16, 26)) / (power(x[4]!, 2, 40) + power(x[5]!, 2, 40));
      };
      if (beta('joy') > beta('calm')) sameWay++;
    }
    expect(sameWay).toBeGreaterThanOrEqual(8);
    expect(make(3, 5, 'no such label')).toEqual(make(3, 5));
  });

  it('repeats itself now and then, almost exactly', () => {
    const seconds = 160;
    const x = make(7, seconds)[5]!;
    const length = 8 * sfreqHz;
    const correlation = (at: number) => {
      const a = x.subarray(0, length);
      const b = x.subarray(at, at + length);
      const dot = (u: Float32Array, v: Float32Array) => u.reduce((sum, value, i) => sum + value * v[i]!, 0);
      return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
    };
    const all = Array.from({ length: seconds / 8 - 1 }, (_, k) => correlation((k + 1) * length));
    expect(all.some((value) => value > 0.6)).toBe(true);
    expect(all.some((value) => Math.abs(value) < 0.4)).toBe(true);
  });
});
