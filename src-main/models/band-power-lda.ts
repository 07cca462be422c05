/** Band power with shrinkage LDA: the baseline that every deeper model has to beat. Plain float64, no engine. */
import { AppError } from '#shared/errors.ts';
import type { Tensors } from '#shared/safetensors.ts';

/** A fitted classifier: z-scoring by the training side's statistics, then one linear score per class. */
export interface LinearDiscriminant {
  /** [p] training mean, also stands in for a missing value; and deviation. */
  mean: Float64Array;
  deviation: Float64Array;
  /** [classes, p] and [classes]: score = w · z + b, equal priors. */
  weights: Float64Array;
  bias: Float64Array;
  classes: number;
  /** Ledoit–Wolf weight of the sphere, 0 … 1. */
  shrinkage: number;
}

/**
 * Linear discriminant analysis with the pooled within-class covariance shrunk after Ledoit & Wolf (2004), equal priors.
 *
 * @param features [n, p]; NaN where the electrode is missing
 * @param labels   [n] 0 … classes − 1; every class must occur
 * @throws AppError 'no-data' when a class has no example
 */
export function fitDiscriminant(
  features: Float64Array,
  labels: ArrayLike<number>,
  classes: number,
): LinearDiscriminant {
  const n = labels.length;
  const p = n === 0 ? 0 : features.length / n;
  const { mean, deviation } = columnStatistics(features, n, p);
  const z = standardizeColumns(features, mean, deviation);
  const centres = new Float64Array(classes * p);
  const counts = new Float64Array(classes);
  for (let i = 0; i < n; i++) {
    const c = labels[i]!;
    counts[c]! += 1;
    for (let j = 0; j < p; j++) centres[c * p + j]! += z[i * p + j]!;
  }
  const empty = counts.indexOf(0);
  if (empty >= 0)
    throw new AppError(
      'no-data',
      `Class ${empty + 1} of ${classes} has no example to learn from; label more segments or leave that class out.`,
    );
  for (let c = 0; c < classes; c++) for (let j = 0; j < p; j++) centres[c * p + j]! /= counts[c]!;
  for (let i = 0; i < n; i++) for (let j = 0; j < p; j++) z[i * p + j]! -= centres[labels[i]! * p + j]!;
  const { covariance, shrinkage } = ledoitWolf(z, n, p);
  const weights = solveSymmetric(covariance, p, centres, classes);
  const bias = new Float64Array(classes);
  for (let c = 0; c < classes; c++)
    for (let j = 0; j < p; j++) bias[c]! -= 0.5 * weights[c * p + j]! * centres[c * p + j]!;
  return { mean, deviation, weights, bias, classes, shrinkage };
}

/**
 * @param features [n, p] as in {@link fitDiscriminant}
 * @returns [n, classes] posterior probabilities
 */
export function discriminate(model: LinearDiscriminant, features: Float64Array): Float32Array {
  const p = model.mean.length;
  const n = features.length / p;
  const z = standardizeColumns(features, model.mean, model.deviation);
  const out = new Float32Array(n * model.classes);
  for (let i = 0; i < n; i++) {
    const scores = Array.from(model.bias, (bias, c) => {
      let score = bias;
      for (let j = 0; j < p; j++) score += model.weights[c * p + j]! * z[i * p + j]!;
      return score;
    });
    const top = Math.max(...scores);
    const total = scores.reduce((sum, score) => sum + Math.exp(score - top), 0);
    scores.forEach((score, c) => (out[i * model.classes + c] = Math.exp(score - top) / total));
  }
  return out;
}

/** As float32 tensors, for a model file. */
export function discriminantTensors(model: LinearDiscriminant): Tensors {
  const p = model.mean.length;
  return {
    'features.mean': { shape: [p], data: Float32Array.from(model.mean) },
    'features.deviation': { shape: [p], data: Float32Array.from(model.deviation) },
    'classifier.weight': { shape: [model.classes, p], data: Float32Array.from(model.weights) },
    'classifier.bias': { shape: [model.classes], data: Float32Array.from(model.bias) },
  };
}

/**
 * Shrinks a covariance towards a sphere by the amount that minimises the expected error.
 *
 * @param centred [n, p] rows whose mean is taken as known to be zero
 * @returns covariance [p, p] = (1 − s) S + s · (tr S / p) I
 */
export function ledoitWolf(
  centred: Float64Array,
  n: number,
  p: number,
): { covariance: Float64Array; shrinkage: number } {
  const s = new Float64Array(p * p);
  let fourth = 0;
  for (let i = 0; i < n; i++) {
    let square = 0;
    for (let j = 0; j < p; j++) {
      const x = centred[i * p + j]!;
      square += x * x;
      for (let k = 0; k <= j; k++) s[j * p + k]! += (x * centred[i * p + k]!) / n;
    }
    fourth += square * square;
  }
  let norm = 0;
  let trace = 0;
  for (let j = 0; j < p; j++) {
    trace += s[j * p + j]!;
    for (let k = 0; k <= j; k++) {
      s[k * p + j] = s[j * p + k]!;
      norm += (j === k ? 1 : 2) * s[j * p + k]! ** 2;
    }
  }
  const sphere = trace / p;
  const distance = norm - sphere * sphere * p;
  const error = Math.min((fourth / n - norm) / n, distance);
  const shrinkage = distance <= 0 ? 1 : error / distance;
  for (let j = 0; j < p; j++)
    for (let k = 0; k < p; k++)
      s[j * p + k] = (1 - shrinkage) * s[j * p + k]! + (j === k ? shrinkage * sphere : 0);
  return { covariance: s, shrinkage };
}

/** Mean and population deviation of each column over the values that are there; an all-missing column gets 0 and 1. */
function columnStatistics(features: Float64Array, n: number, p: number) {
  const mean = new Float64Array(p);
  const deviation = new Float64Array(p).fill(1);
  for (let j = 0; j < p; j++) {
    let count = 0;
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < n; i++) {
      const value = features[i * p + j]!;
      if (Number.isNaN(value)) continue;
      count++;
      sum += value;
    }
    if (count === 0) continue;
    mean[j] = sum / count;
    for (let i = 0; i < n; i++) {
      const value = features[i * p + j]!;
      if (!Number.isNaN(value)) squares += (value - mean[j]!) ** 2;
    }
    if (squares > 0) deviation[j] = Math.sqrt(squares / count);
  }
  return { mean, deviation };
}

function standardizeColumns(features: Float64Array, mean: Float64Array, deviation: Float64Array) {
  const p = mean.length;
  return features.map((value, at) =>
    Number.isNaN(value) ? 0 : (value - mean[at % p]!) / deviation[at % p]!,
  );
}

/** Solves A x = b for every row b of [count, p] by Cholesky; A [p, p] symmetric positive definite. */
function solveSymmetric(a: Float64Array, p: number, rows: Float64Array, count: number): Float64Array {
  const l = new Float64Array(p * p);
  // a covariance of columns that never vary has zeros on its diagonal: keep those directions out instead of dividing by 0
  const tiny = 1e-12 * Math.max(...Array.from({ length: p }, (_, j) => a[j * p + j]!), 1e-300);
  for (let j = 0; j < p; j++)
    for (let k = 0; k <= j; k++) {
      let sum = a[j * p + k]!;
      for (let m = 0; m < k; m++) sum -= l[j * p + m]! * l[k * p + m]!;
      l[j * p + k] = j === k ? Math.sqrt(Math.max(sum, tiny)) : sum / l[k * p + k]!;
    }
  const x = rows.slice();
  for (let row = 0; row < count; row++) {
    const at = row * p;
    for (let j = 0; j < p; j++) {
      for (let m = 0; m < j; m++) x[at + j]! -= l[j * p + m]! * x[at + m]!;
      x[at + j]! /= l[j * p + j]!;
    }
    for (let j = p - 1; j >= 0; j--) {
      for (let m = j + 1; m < p; m++) x[at + j]! -= l[m * p + j]! * x[at + m]!;
      x[at + j]! /= l[j * p + j]!;
    }
  }
  return x;
}
