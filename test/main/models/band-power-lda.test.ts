import { describe, expect, it } from 'vitest';
import { createRandom } from '#shared/random.ts';
import { bands, differentialEntropy } from '#main/models/band-power.ts';
import {
  discriminantTensors,
  discriminate,
  fitDiscriminant,
  ledoitWolf,
} from '#main/models/band-power-lda.ts';

// Reference values by NumPy 2, scikit-learn 1.9.1 (ledoit_wolf, assume_centered) and SciPy (welch).
const rows = [
  [1, 2, 0.5],
  [2, 1, 0.3],
  [1.5, 2.5, 0.9],
  [3, 4, 0.1],
  [4, 3, 0.2],
  [3.5, 5, 0.6],
  [2.5, 2, 1.1],
  [5, 4.2, 0.7],
];
const labels = [0, 0, 0, 1, 1, 1, 0, 1];
const probes = Float64Array.from([2, 3, 0.4, 4, 2, 1.0, 2.6, 2.9, 0.5]);

describe('shrinkage discriminant', () => {
  it('equals scikit-learn on a small table', () => {
    const model = fitDiscriminant(Float64Array.from(rows.flat()), labels, 2);
    expect(model.shrinkage).toBeCloseTo(0.23488948496645462, 12);
    [-6.51483627, -7.38625924, 4.76827421].forEach((value, j) =>
      expect(model.weights[j]).toBeCloseTo(value, 7),
    );
    const posterior = discriminate(model, probes);
    [9.74049952e-1, 2.59500484e-2, 9.99994682e-1, 5.31818736e-6, 8.14526915e-1, 1.85473085e-1].forEach(
      (value, i) => expect(posterior[i]).toBeCloseTo(value, 6),
    );
  });

  it('takes a missing electrode for the training mean', () => {
    const model = fitDiscriminant(Float64Array.from(rows.flat()), labels, 2);
    const missing = discriminate(model, Float64Array.from([2, NaN, 0.4]));
    const mean = discriminate(model, Float64Array.from([2, model.mean[1]!, 0.4]));
    expect(missing).toEqual(mean);
    expect(missing[0]! + missing[1]!).toBeCloseTo(1, 6);
  });

  it('ignores a column that is missing everywhere and survives one that never varies', () => {
    const wide = Float64Array.from(rows.flatMap((row) => [...row, NaN, 7]));
    const narrow = fitDiscriminant(Float64Array.from(rows.flat()), labels, 2);
    const model = fitDiscriminant(wide, labels, 2);
    expect(model.weights.every(Number.isFinite)).toBe(true);
    expect(model.weights[3]).toBe(0);
    const guess = discriminate(model, Float64Array.from([2, 3, 0.4, NaN, 7]));
    expect(guess[0]! > 0.5).toBe(discriminate(narrow, Float64Array.from([2, 3, 0.4]))[0]! > 0.5);
  });

  it('refuses a class without examples', () => {
    expect(() => fitDiscriminant(Float64Array.from(rows.flat()), labels, 3)).toThrow(/Class 3 of 3/);
  });

  it('shrinks to a sphere when there is nothing but one sample', () => {
    const { covariance, shrinkage } = ledoitWolf(Float64Array.from([3, 4]), 1, 2);
    expect(shrinkage).toBe(0);
    expect([...covariance]).toEqual([9, 12, 12, 16]);
  });

  it('names its tensors for a model file', () => {
    const model = fitDiscriminant(Float64Array.from(rows.flat()), labels, 2);
    expect(discriminantTensors(model)['classifier.weight']!.shape).toEqual([2, 3]);
  });
});

describe('differential entropy', () => {
  const sfreq = 128;
  const wave = Float32Array.from(
    { length: 512 },
    (_, i) => 20 * Math.sin((2 * Math.PI * 10 * i) / sfreq) + 5 * Math.sin((2 * Math.PI * 20.3 * i) / sfreq),
  );

  it('equals SciPy’s Welch estimate band by band', () => {
    const entropy = differentialEntropy(wave, 512, sfreq);
    expect(entropy[2]).toBeCloseTo(4.068097208965574, 5);
    expect(entropy[3]).toBeCloseTo(2.681802837935013, 5);
    expect(entropy[4]).toBeCloseTo(-7.124010294691458, 3);
  });

  it('grows by ln 10 when the amplitude grows tenfold, at any rate', () => {
    const random = createRandom(1);
    for (const rate of [100, 128, 200, 250.5]) {
      const samples = Math.round(4 * rate);
      const noise = Float32Array.from({ length: samples }, () => random.normal());
      const once = differentialEntropy(noise, samples, rate);
      const tenfold = differentialEntropy(
        noise.map((x) => 10 * x),
        samples,
        rate,
      );
      for (let band = 0; band < bands.length; band++)
        expect(tenfold[band]! - once[band]!).toBeCloseTo(Math.log(10), 4);
    }
  });

  it('marks an electrode that is not there', () => {
    expect([...differentialEntropy(new Float32Array(256), 256, 128)]).toEqual(Array(5).fill(NaN));
  });
});
