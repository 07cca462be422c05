import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { drawUnits, percentileInterval } from '#main/evaluation/bootstrap.ts';
import { binomialQuantile } from '#main/evaluation/chance.ts';
import { createRandom } from '#shared/random.ts';

const python = process.env['LIMBECK_PYTHON'] ?? 'python3';
const hasScipy = spawnSync(python, ['-c', 'import scipy.stats']).status === 0;
const ask = (code: string): unknown => JSON.parse(execFileSync(python, ['-c', code], { encoding: 'utf8' }));

describe.skipIf(!hasScipy)('beside SciPy (skipped where LIMBECK_PYTHON or python3 has no scipy)', () => {
  it('the interval over subjects of unequal size agrees within the chance of the draws', () => {
    const random = createRandom(8);
    const sizes = Array.from({ length: 15 }, () => 20 + random.below(60));
    const rights = sizes.map((size) => Math.round(size * (0.4 + 0.5 * random.next())));
    const values = drawUnits(15, 4000, random).map((counts) => {
      let right = 0;
      let all = 0;
      counts.forEach((times, i) => {
        right += times * rights[i]!;
        all += times * sizes[i]!;
      });
      return right / all;
    });
    const { low, high } = percentileInterval(values, 0.95);
    const [theirLow, theirHigh] = ask(`
import json, numpy as np, scipy.stats as s
r, n = np.array(${JSON.stringify(rights)}), np.array(${JSON.stringify(sizes)})
b = s.bootstrap((r, n), lambda a, c, axis: a.sum(axis=axis) / c.sum(axis=axis), paired=True, vectorized=True,
                n_resamples=4000, method="percentile", rng=np.random.default_rng(1))
print(json.dumps([b.confidence_interval.low, b.confidence_interval.high]))`) as [number, number];
    expect(Math.abs(low! - theirLow)).toBeLessThan(0.01);
    expect(Math.abs(high! - theirHigh)).toBeLessThan(0.01);
    expect(theirHigh - theirLow).toBeGreaterThan(0.05);
  });

  it('the level of luck is the same for every number of trials and classes', () => {
    const cases = [2, 3, 4, 5, 7, 9].flatMap((k) =>
      Array.from({ length: 60 }, (_, i) => [1 + i * 13, k] as const),
    );
    const theirs = ask(`
import json, scipy.stats as s
print(json.dumps([int(s.binom.ppf(0.95, n, 1 / k)) for n, k in ${JSON.stringify(cases)}]))`);
    expect(cases.map(([n, k]) => binomialQuantile(0.95, n, 1 / k))).toEqual(theirs);
  });
});
