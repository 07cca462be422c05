/** Tensors of seeded numbers, and how far two results are apart: for tests of kernels. */
import * as tf from '@tensorflow/tfjs-core';
import type { Random } from '#shared/random.ts';

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

/** Uniform in ±1, scaled and moved. */
export function numbers(shape: readonly number[], random: Random, scale = 1, offset = 0): Float32Array {
  return Float32Array.from({ length: sizeOf(shape) }, () => (2 * random.next() - 1) * scale + offset);
}

/** Largest difference relative to the largest value expected, 1 at least; NaN and infinities must be equal. */
export function apart(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) return Infinity;
  let scale = 1;
  let worst = 0;
  for (let i = 0; i < found.length; i++) {
    const [a, b] = [found[i]!, expected[i]!];
    if (Object.is(a, b)) continue;
    if (!Number.isFinite(a) || !Number.isFinite(b)) return Infinity;
    scale = Math.max(scale, Math.abs(b));
    worst = Math.max(worst, Math.abs(a - b));
  }
  return worst / scale;
}

/** Results, and gradients by every input, of `compute` on the backend in use; leaves no tensor behind. */
export function valuesAndGradients(
  compute: (...tensors: tf.Tensor[]) => tf.Tensor,
  inputs: readonly { shape: number[]; values: Float32Array }[],
  differentiate: boolean,
): { shape: number[]; all: Float32Array[] } {
  const all: Float32Array[] = [];
  const shape = tf.tidy(() => {
    const tensors = inputs.map(({ shape, values }) => tf.tensor(values, shape));
    const value = compute(...tensors);
    all.push(new Float32Array(value.dataSync()));
    if (!differentiate) return value.shape;
    const weights = Float32Array.from({ length: value.size }, (_, i) => Math.sin(1 + 0.7 * i));
    const gradients = tf.grads(compute)(tensors, tf.tensor(weights, value.shape));
    for (const gradient of gradients) all.push(new Float32Array(gradient.dataSync()));
    return value.shape;
  });
  return { shape, all };
}
