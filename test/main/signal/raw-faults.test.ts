import { describe, expect, it } from 'vitest';
import { createRawFaults, type Stretch } from '#main/signal/raw-faults.ts';
import { createRandom } from '#shared/random.ts';

const rate = 100;
const restSamples = 3;
const stuckSamples = 25;

/** Noise with rests of all lengths at chosen levels; equal neighbours occur by chance as well. */
function made(seed: number, samples: number, levels: readonly number[]): Float32Array {
  const random = createRandom(seed);
  const x = Float32Array.from({ length: samples }, () => Math.round(20 * random.normal()));
  for (let n = 0; n < 12; n++) {
    const from = random.below(samples);
    x.fill(levels[random.below(levels.length)]!, from, from + 1 + random.below(60));
  }
  return x;
}

function look(x: Float32Array, nextPiece: () => number) {
  const faults = createRawFaults(rate);
  const clean: number[] = [];
  for (let at = 0; at < x.length;) {
    const count = nextPiece();
    clean.push(...faults.look(x.slice(at, at + count)));
    at += count;
  }
  return { faults, clean };
}

/** Runs of equal values, the plain way. */
function runsOf(x: Float32Array): { from: number; to: number; level: number }[] {
  const runs: { from: number; to: number; level: number }[] = [];
  for (let from = 0, to = 0; from < x.length; from = to) {
    for (to = from + 1; to < x.length && x[to] === x[from];) to++;
    runs.push({ from, to, level: x[from]! });
  }
  return runs;
}

const inSamples = ({ startS, endS }: Stretch) => [Math.round(startS * rate), Math.round(endS * rate)];

describe('faults of raw values', () => {
  it('are stuck where a plain search finds them, however the samples come in pieces', () => {
    for (let seed = 0; seed < 40; seed++) {
      const random = createRandom(`pieces ${seed}`);
      const x = made(seed, 600, [0, 17, 400]);
      const expected = runsOf(x).filter(({ from, to }) => to - from >= stuckSamples);
      for (const nextPiece of [() => 600, () => 1 + random.below(90), () => 1 + random.below(4)]) {
        const { faults, clean } = look(x, nextPiece);
        expect(faults.stuck.map(inSamples), `seed ${seed}`).toEqual(
          expected.map(({ from, to }) => [from, to]),
        );
        expect(clean).toEqual([...x]);
        expect(faults.missing).toEqual([]);
      }
    }
  });

  it('rest at a limit when a rest is at the extreme and far from the mean, each told once', () => {
    for (let seed = 0; seed < 40; seed++) {
      const random = createRandom(`limits ${seed}`);
      const x = made(seed, 800, [-500, 500, 90]);
      // So that every piece knows how far it goes.
      x.set([-500, 500, 0]);
      const expected = runsOf(x).filter(
        ({ from, to, level }) =>
          Math.abs(level) === 500 && to - from >= (to < x.length ? restSamples : stuckSamples),
      );
      for (const nextPiece of [() => 800, () => 100 + random.below(200)])
        expect(look(x, nextPiece).faults.atLimit.map(inSamples), `seed ${seed}`).toEqual(
          expected.map(({ from, to }) => [from, to]),
        );
    }
  });

  it('rest at a limit of a signal that rides on an offset, from the first piece on', () => {
    const random = createRandom(3);
    const x = Float32Array.from({ length: 500 }, () => 4000 + 50 * random.normal());
    x.fill(4070, 100, 106);
    expect(look(x, () => 500).faults.atLimit).toEqual([]);
    x.fill(4600, 200, 206);
    expect(look(x, () => 500).faults.atLimit.map(inSamples)).toEqual([[200, 206]]);
  });

  it('are missing where there is no number; the value before stands for it, and the first one at the beginning', () => {
    const x = made(1, 300, [40]);
    const expected = [...x];
    for (const [from, to] of [
      [0, 7],
      [50, 51],
      [120, 180],
    ] as const) {
      x.fill(NaN, from, to);
      expected.fill(expected[from === 0 ? 7 : from - 1]!, from, to);
    }
    const random = createRandom(9);
    for (const nextPiece of [() => 300, () => 8 + random.below(40)]) {
      const { faults, clean } = look(x, nextPiece);
      expect(clean).toEqual(expected);
      expect(faults.missing.map(inSamples)).toEqual([
        [0, 7],
        [50, 51],
        [120, 180],
      ]);
    }
    expect(look(new Float32Array(50).fill(NaN), () => 50).clean).toEqual(Array<number>(50).fill(0));
  });

  it('are forgotten once they are over', () => {
    const x = made(2, 400, [5]);
    x.fill(3, 100, 150);
    x.fill(4, 300, 350);
    x[50] = NaN;
    const { faults } = look(x, () => 400);
    const kept = faults.stuck.filter(({ endS }) => endS > 2);
    faults.forgetBefore(2);
    expect(faults.stuck).toEqual(kept);
    expect(faults.missing).toEqual([]);
  });
});
