import { describe, expect, it } from 'vitest';
import { drawUnits, percentileInterval } from '#main/evaluation/bootstrap.ts';
import { binomialQuantile, chanceLevel } from '#main/evaluation/chance.ts';
import { answersOf, prepareAuroc, reliability, scoreMatrix } from '#main/evaluation/metrics.ts';
import { confusionMatrix } from '#shared/metrics.ts';
import { createRandom } from '#shared/random.ts';

// Answers of three classes with ties; the expected numbers are those of scikit-learn 1.x on the same data.
const truth = [2, 1, 2, 2, 1, 2, 2, 0, 0, 0, 0, 2, 2, 0, 1, 2, 0, 2, 0, 1, 2, 0, 1, 0];
const probabilities = [
  0.154, 0.231, 0.615, 0.071, 0.786, 0.143, 0.214, 0.5, 0.286, 0.0, 0.462, 0.538, 0.538, 0.308, 0.154, 0.538,
  0.231, 0.231, 0.154, 0.385, 0.462, 0.692, 0.0, 0.308, 0.308, 0.077, 0.615, 0.385, 0.385, 0.231, 0.846,
  0.077, 0.077, 0.077, 0.308, 0.615, 0.077, 0.154, 0.769, 0.308, 0.077, 0.615, 0.308, 0.615, 0.077, 0.308,
  0.231, 0.462, 0.231, 0.538, 0.231, 0.333, 0.0, 0.667, 0.538, 0.308, 0.154, 0.308, 0.538, 0.154, 0.083, 0.5,
  0.417, 0.769, 0.077, 0.154, 0.538, 0.462, 0.0, 0.462, 0.077, 0.462,
];

describe('measures', () => {
  it('equal scikit-learn on three classes with tied scores', () => {
    const scores = scoreMatrix(confusionMatrix(truth, answersOf(probabilities, 3), 3));
    expect(scores.accuracy).toBeCloseTo(0.6666666666666666, 12);
    expect(scores.balancedAccuracy).toBeCloseTo(0.6555555555555556, 12);
    expect(scores.kappa).toBeCloseTo(0.488, 12);
    expect(scores.macroF1).toBeCloseTo(0.6496544391281233, 12);
    expect(scores.weightedF1).toBeCloseTo(0.6706539074960127, 12);
    const ones = new Uint8Array(truth.length).fill(1);
    expect(prepareAuroc(truth, probabilities, 3)(ones)).toBeCloseTo(0.8484405458089669, 12);
  });

  it('weigh a segment twice exactly as if it stood there twice', () => {
    const weights = truth.map((_, i) => (i % 3 === 0 ? 2 : 1));
    const twice = truth.flatMap((_, i) => (i % 3 === 0 ? [i, i] : [i]));
    const doubled = prepareAuroc(
      twice.map((i) => truth[i]!),
      twice.flatMap((i) => probabilities.slice(i * 3, i * 3 + 3)),
      3,
    );
    expect(prepareAuroc(truth, probabilities, 3)(weights)).toBeCloseTo(
      doubled(new Uint8Array(twice.length).fill(1))!,
      12,
    );
  });

  it('count ties half and give null, never 0.5, when a side is missing', () => {
    expect(prepareAuroc([0, 1, 1], [0.5, 0.5, 0.5, 0.5, 0.2, 0.8], 2)([1, 1, 1])).toBe(0.75);
    expect(prepareAuroc([1, 1], [0.5, 0.5, 0.2, 0.8], 2)([1, 1])).toBeNull();
  });

  it('skip classes that do not occur, and call agreement by certainty no agreement', () => {
    expect(
      scoreMatrix([
        [3, 1, 0],
        [0, 4, 0],
        [0, 0, 0],
      ]).balancedAccuracy,
    ).toBe(0.875);
    expect(
      scoreMatrix([
        [5, 0],
        [0, 0],
      ]).kappa,
    ).toBe(0);
    expect(
      scoreMatrix([
        [0, 0],
        [0, 0],
      ]).accuracy,
    ).toBeNull();
  });

  it('measure certainty against rightness', () => {
    const { error, bins } = reliability([0, 0, 1, 1], [0.95, 0.05, 0.92, 0.08, 0.35, 0.65, 0.65, 0.35], 2);
    expect(bins[9]).toMatchObject({ count: 2, accuracy: 1 });
    expect(bins[9]!.certainty).toBeCloseTo(0.935, 12);
    expect(bins[6]).toMatchObject({ count: 2, accuracy: 0.5 });
    expect(error).toBeCloseTo((2 * 0.065 + 2 * 0.15) / 4, 12);
  });
});

describe('chance', () => {
  it.each([
    [0.95, 20, 0.5, 14],
    [0.95, 40, 0.5, 25],
    [0.95, 100, 0.5, 58],
    [0.95, 20, 0.25, 8],
    [0.95, 100, 0.25, 32],
    [0.95, 15, 1 / 3, 8],
    [0.99, 60, 0.2, 20],
    [0.95, 1000, 0.2, 221],
    [0.95, 20000, 0.5, 10116],
    [0.95, 1, 0.5, 1],
    [0.95, 7, 0.9, 7],
  ])('has the binomial quantile of SciPy: %f of %i at %f is %i', (probability, n, p, expected) => {
    expect(binomialQuantile(probability, n, p)).toBe(expected);
  });

  it('reaches 70 % by luck on 20 trials of two equal classes, as tabulated', () => {
    const chance = chanceLevel(
      Array.from({ length: 20 }, (_, i) => i % 2),
      2,
    );
    expect(chance).toEqual({ uniform: 0.5, majority: 0.5, upTo: 0.7, units: 20, alpha: 0.05 });
  });

  it('starts from the commonest class when classes are unequal', () => {
    const chance = chanceLevel([0, 0, 0, 0, 0, 0, 0, 0, 1, 1], 2);
    expect(chance.majority).toBe(0.8);
    expect(chance.upTo).toBe(1);
  });
});

describe('intervals', () => {
  it('draw every unit as often as all together and follow the seed', () => {
    const draws = drawUnits(7, 50, createRandom(1));
    expect(draws.every((counts) => counts.reduce((sum, n) => sum + n, 0) === 7)).toBe(true);
    expect(drawUnits(7, 50, createRandom(1))).toEqual(draws);
  });

  it('have the width theory gives for a mean of many units', () => {
    const random = createRandom(3);
    const values = Array.from({ length: 200 }, () => random.normal());
    const means = drawUnits(200, 2000, random).map(
      (counts) => counts.reduce((sum, n, i) => sum + n * values[i]!, 0) / 200,
    );
    const { low, high } = percentileInterval(means, 0.95);
    const mean = values.reduce((sum, value) => sum + value, 0) / 200;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 200);
    expect((high! - low!) / ((2 * 1.96 * deviation) / Math.sqrt(200))).toBeCloseTo(1, 1);
  });

  it('interpolate percentiles as NumPy does', () => {
    const { low, high } = percentileInterval([4, 1, 3, 2, 5], 0.5);
    expect([low, high]).toEqual([2, 4]);
    expect(percentileInterval([1, 2, 3, 4], 0.95).low).toBeCloseTo(1.075, 12);
    expect(percentileInterval([1, null, null], 0.95)).toEqual({ low: null, high: null });
  });
});
