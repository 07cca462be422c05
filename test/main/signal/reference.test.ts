import { describe, expect, it } from 'vitest';
import { averageReference } from '#main/signal/reference.ts';
import { noise } from './made-up.ts';

const meanOver = (values: Float32Array, channels: readonly number[], samples: number, t: number) =>
  channels.reduce((sum, c) => sum + values[c * samples + t]!, 0) / channels.length;

describe('the average reference', () => {
  it('makes the mean of the good channels zero at every sample', () => {
    const values = Float32Array.from(noise(6 * 50, 1));
    expect(averageReference(values, 6, 50, [2, 5])).toBe(4);
    for (let t = 0; t < 50; t++) expect(Math.abs(meanOver(values, [0, 1, 3, 4], 50, t))).toBeLessThan(1e-5);
  });

  it('subtracts from bad channels too, and keeps all differences between channels', () => {
    const before = Float32Array.from(noise(3 * 20, 2));
    const values = before.slice();
    averageReference(values, 3, 20, [1]);
    for (let t = 0; t < 20; t++)
      for (const [a, b] of [
        [0, 1],
        [1, 2],
      ] as const)
        expect(values[a * 20 + t]! - values[b * 20 + t]!).toBeCloseTo(
          before[a * 20 + t]! - before[b * 20 + t]!,
          4,
        );
  });

  it('does not let a bad channel into the mean', () => {
    const values = Float32Array.of(1, 1, 3, 3, 1e6, -1e6);
    averageReference(values, 3, 2, [2]);
    expect([...values.subarray(0, 4)]).toEqual([-1, -1, 1, 1]);
  });

  it('changes nothing a second time, nor when no channel is good', () => {
    const values = Float32Array.from(noise(4 * 10, 3));
    const untouched = values.slice();
    expect(averageReference(values, 4, 10, [0, 1, 2, 3])).toBe(0);
    expect(values).toEqual(untouched);
    averageReference(values, 4, 10);
    const once = values.slice();
    averageReference(values, 4, 10);
    values.forEach((value, i) => expect(value).toBeCloseTo(once[i]!, 4));
  });
});
