import { expect, it } from 'vitest';
import { fastShareAtMost } from '#main/signal/fast-share.ts';
import { bandPower, welch } from '#main/signal/spectrum.ts';
import { createRandom } from '#shared/random.ts';
import { noise, sine } from './made-up.ts';

const rates = [128, 200, 250, 256, 500, 127, 199.5, 100.3];

function shareOf(x: Float64Array, sfreqHz: number, hz: number): number {
  const psd = welch(x, sfreqHz, 1);
  return bandPower(psd, hz, sfreqHz / 2) / bandPower(psd, 1, sfreqHz / 2);
}

/** Noise, slower or faster, with a sine and an offset. */
function made(seed: number, sfreqHz: number, seconds: number): Float64Array {
  const random = createRandom(seed);
  const keep = random.next() * 0.999 * (random.next() < 0.3 ? -1 : 1);
  const hz = random.next() * (sfreqHz / 2);
  const rhythm = sine(hz, sfreqHz, Math.round(seconds * sfreqHz), random.next());
  const size = random.next() < 0.5 ? 0 : 200 * random.next();
  let level = 0;
  return noise(rhythm.length, seed, 10).map((value, t) => {
    level = keep * level + value;
    return level + size * rhythm[t]! + 3000;
  });
}

it('is never below the share that the spectrum has', () => {
  let told = 0;
  for (const sfreqHz of rates)
    for (let seed = 0; seed < 40; seed++)
      for (const seconds of [0.6, 2, 4]) {
        const x = made(seed, sfreqHz, seconds);
        const bound = fastShareAtMost(x, sfreqHz, 20);
        expect(bound, `${sfreqHz} Hz, ${seconds} s, seed ${seed}`).toBeGreaterThanOrEqual(
          shareOf(x, sfreqHz, 20) * (1 - 1e-9),
        );
        if (bound < 0.45) told++;
      }
  expect(told).toBeGreaterThan(50);
});

it('says of a rhythm far below that hardly anything is fast, and hardly more than there is of one just there', () => {
  for (const sfreqHz of [200, 250, 256]) {
    expect(fastShareAtMost(sine(5, sfreqHz, 4 * sfreqHz), sfreqHz, 20)).toBeLessThan(0.1);
    expect(fastShareAtMost(sine(22, sfreqHz, 4 * sfreqHz), sfreqHz, 20)).toBeLessThan(1.3);
  }
});

it('cannot tell where there is no such frequency or not one whole window, and says so', () => {
  expect(fastShareAtMost(noise(400), 100, 50)).toBe(Infinity);
  expect(fastShareAtMost(noise(1), 100, 20)).toBe(Infinity);
  expect(fastShareAtMost(new Float64Array(400).fill(NaN), 100, 20)).toBeNaN();
  expect(fastShareAtMost(new Float64Array(400), 100, 20)).toBeNaN();
});
