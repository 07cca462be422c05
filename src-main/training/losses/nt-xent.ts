/** NT-Xent (Chen et al. 2020, SimCLR): each view must find its twin among all other views of the batch. */
import * as tf from '@tensorflow/tfjs-core';
import { crossEntropy } from './cross-entropy.ts';

/** Weight that takes a pair out of a softmax without making infinities meet zeros. */
const excluded = -1e9;

/**
 * What each row may be compared with. Views i and i + n are twins.
 *
 * @param windows [n] identity of the window that each sample comes from; views of other channels of the same window resemble it by
 *                volume conduction and are neither twin nor stranger, so they leave the denominator
 * @returns [2n, 2n] 0 where a pair counts, a large negative number where not
 */
export function pairMask(windows: ArrayLike<number>): Float32Array {
  const n = windows.length;
  const mask = new Float32Array(4 * n * n);
  for (let i = 0; i < 2 * n; i++)
    for (let j = 0; j < 2 * n; j++) {
      const twin = i !== j && i % n === j % n;
      if (!twin && windows[i % n] === windows[j % n]) mask[i * 2 * n + j] = excluded;
    }
  return mask;
}

/**
 * Mean over both directions of −log softmax of cosine / temperature at the twin.
 *
 * @param views [2n, d], the second views after all first ones
 * @param windows [n] as in {@link pairMask}
 */
export function ntXent(views: tf.Tensor2D, windows: ArrayLike<number>, temperature: number): tf.Scalar {
  const n = windows.length;
  return tf.tidy(() => {
    const mask = tf.tensor2d(pairMask(windows), [2 * n, 2 * n]);
    const logits: tf.Tensor2D = tf.add(tf.div(cosines(views), temperature), mask);
    const twins = Array.from({ length: 2 * n }, (_, i) => (i + n) % (2 * n));
    return crossEntropy(logits, twins);
  });
}

/** Cosine of every row with every row: [n, d] → [n, n]. The gradient uses that the result is symmetric. */
const cosines = tf.customGrad((...all: unknown[]) => {
  const [x, save] = all as [tf.Tensor2D, (tensors: tf.Tensor[]) => void];
  // 1e-12 inside the root: the gradient of a zero vector stays finite
  const inverse = tf.rsqrt(tf.add(tf.sum(tf.square(x), 1, true), 1e-12));
  const unit = tf.mul(x, inverse);
  save([unit, inverse]);
  return {
    value: tf.matMul(unit, unit, false, true),
    gradFunc: (dy: tf.Tensor2D, saved: tf.Tensor[]) => {
      const [unit, inverse] = saved as [tf.Tensor2D, tf.Tensor2D];
      const dUnit = tf.matMul(tf.add(dy, tf.transpose(dy)), unit);
      return tf.mul(tf.sub(dUnit, tf.mul(unit, tf.sum(tf.mul(dUnit, unit), 1, true))), inverse);
    },
  };
}) as (x: tf.Tensor2D) => tf.Tensor2D;

/**
 * Loss and share of views whose nearest other view is the twin, on plain arrays: for curves, without an engine.
 *
 * @param views [2n, d] row-major; chance of `matching` is 1 / (2n − 1) when all windows differ
 */
export function matchViews(
  views: Float32Array,
  windows: ArrayLike<number>,
  temperature: number,
): { loss: number; matching: number } {
  const n = windows.length;
  const rows = 2 * n;
  const width = views.length / rows;
  const norms = Float64Array.from({ length: rows }, (_, i) =>
    Math.sqrt(views.subarray(i * width, (i + 1) * width).reduce((sum, v) => sum + v * v, 1e-12)),
  );
  const mask = pairMask(windows);
  let loss = 0;
  let hits = 0;
  for (let i = 0; i < rows; i++) {
    const twin = (i + n) % rows;
    const logits = Float64Array.from({ length: rows }, (_, j) => {
      let dot = 0;
      for (let k = 0; k < width; k++) dot += views[i * width + k]! * views[j * width + k]!;
      return dot / (norms[i]! * norms[j]! * temperature) + mask[i * rows + j]!;
    });
    const top = logits.reduce((best, value) => Math.max(best, value), -Infinity);
    loss += top + Math.log(logits.reduce((sum, value) => sum + Math.exp(value - top), 0)) - logits[twin]!;
    if (logits[twin]! === top) hits += 1;
  }
  return { loss: loss / rows, matching: hits / rows };
}
