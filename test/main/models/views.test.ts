import { describe, expect, it } from 'vitest';
import { createRandom } from '#shared/random.ts';
import { createViews } from '#main/models/views.ts';

const random = createRandom(1);
const channels = 3;
const samples = 43;
const segment = Float32Array.from({ length: channels * samples }, () => random.normal() * 30 + 5);
const write = (values: Float32Array, present?: Uint8Array, logMagnitude = false) => {
  const views = createViews(channels, samples, { logMagnitude });
  const into = new Float32Array(views.size);
  views.write(values, into, 0, present);
  return { views, into };
};

/** Written plainly from the definition: z-score, DFT, z-scores. */
function plainly(used: number): number[] {
  const zScore = (x: number[]) => {
    const mean = x.reduce((a, b) => a + b) / x.length;
    const deviation = Math.sqrt(x.reduce((a, b) => a + (b - mean) ** 2, 0) / (x.length - 1));
    return x.map((value) => (value - mean) / (deviation + 1e-8));
  };
  const rows = Array.from({ length: channels }, (_, c) => [
    ...segment.subarray(c * samples, c * samples + used),
  ]);
  const flat = zScore(rows.flat());
  const z = rows.map((_, c) => flat.slice(c * used, (c + 1) * used));
  const spectrum = z.map((x) =>
    Array.from({ length: used / 2 }, (_, k) => {
      let re = 0;
      let im = 0;
      x.forEach((value, t) => {
        re += value * Math.cos((2 * Math.PI * k * t) / used);
        im -= value * Math.sin((2 * Math.PI * k * t) / used);
      });
      return { size: Math.hypot(re, im), angle: k === 0 ? (re < 0 ? Math.PI : 0) : Math.atan2(im, re) };
    }),
  );
  const byTime = (values: number[], n: number) =>
    Array.from({ length: n * channels }, (_, i) => values[(i % channels) * n + Math.floor(i / channels)]!);
  return [
    ...byTime(flat, used),
    ...byTime(zScore(spectrum.flatMap((row) => row.map(({ size }) => size))), used / 2),
    ...byTime(zScore(spectrum.flatMap((row) => row.map(({ angle }) => angle))), used / 2),
  ];
}

describe('the three views', () => {
  it('follow their definition, time slow and channels fast', () => {
    const { views, into } = write(segment);
    expect(views).toMatchObject({ used: 40, patch: 4, size: 240 });
    plainly(40).forEach((value, i) => expect(into[i]).toBeCloseTo(value, 4));
  });

  it('do not depend on the unit of the signal', () => {
    const { into } = write(segment);
    write(segment.map((value) => value * 1000)).into.forEach((value, i) =>
      expect(value).toBeCloseTo(into[i]!, 3),
    );
  });

  it('are zero for an absent electrode, which does not change the others', () => {
    const values = segment.slice();
    values.fill(0, samples, 2 * samples);
    const { into } = write(values, Uint8Array.of(1, 0, 1));
    const others = new Float32Array(2 * samples);
    others.set(values.subarray(0, samples));
    others.set(values.subarray(2 * samples), samples);
    const two = createViews(2, samples);
    const alone = new Float32Array(two.size);
    two.write(others, alone, 0);
    for (let i = 0; i < into.length / 3; i++) {
      expect(into[i * 3]).toBeCloseTo(alone[i * 2]!, 5);
      expect(into[i * 3 + 1]).toBe(0);
      expect(into[i * 3 + 2]).toBeCloseTo(alone[i * 2 + 1]!, 5);
    }
  });

  it('are finite for a flat segment', () => {
    expect(write(new Float32Array(channels * samples)).into.every(Number.isFinite)).toBe(true);
  });
});
