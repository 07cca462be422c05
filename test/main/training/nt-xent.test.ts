import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { startEngine } from '#main/engine/engine.ts';
import { createRandom } from '#shared/random.ts';
import { classWeights } from '#main/training/losses/class-weights.ts';
import { crossEntropy } from '#main/training/losses/cross-entropy.ts';
import { matchViews, ntXent, pairMask } from '#main/training/losses/nt-xent.ts';

const numbers = (count: number, seed: number) => {
  const random = createRandom(seed);
  return Float32Array.from({ length: count }, () => random.normal());
};

/** Largest difference between a gradient and central differences, relative to the gradient's size. */
function gradientError(
  loss: (x: tf.Tensor2D) => tf.Scalar,
  x: Float32Array,
  shape: [number, number],
): number {
  const gradient = tf.tidy(() =>
    tf
      .grad((t) => loss(t as tf.Tensor2D))(tf.tensor2d(x, shape))
      .dataSync(),
  );
  const at = (values: Float32Array) => tf.tidy(() => loss(tf.tensor2d(values, shape)).dataSync()[0]!);
  const step = 1e-2;
  const scale = Math.max(...gradient.map(Math.abs));
  return Math.max(
    ...Array.from(x, (_, i) => {
      const [up, down] = [x.slice(), x.slice()];
      up[i]! += step;
      down[i]! -= step;
      return Math.abs((at(up) - at(down)) / (2 * step) - gradient[i]!) / scale;
    }),
  );
}

describe.each(['cpu', 'wasm'] as const)('contrastive loss on %s', (engine) => {
  beforeAll(async () => {
    await startEngine(engine);
  });

  it('is ln(2n − 1) where no view resembles another', () => {
    const n = 8;
    const views = new Float32Array(4 * n * n);
    for (let i = 0; i < 2 * n; i++) views[i * 2 * n + i] = 3;
    const windows = Array.from({ length: n }, (_, i) => i);
    const loss = tf.tidy(() => ntXent(tf.tensor2d(views, [2 * n, 2 * n]), windows, 0.2).dataSync()[0]!);
    expect(loss).toBeCloseTo(Math.log(2 * n - 1), 5);
    expect(matchViews(views, windows, 0.2).loss).toBeCloseTo(Math.log(2 * n - 1), 6);
  });

  it('has the gradient that central differences find', () => {
    const windows = [0, 1, 0, 2];
    expect(gradientError((x) => ntXent(x, windows, 0.5), numbers(8 * 5, 1), [8, 5])).toBeLessThan(0.01);
  });

  it('keeps no tensors', () => {
    const before = tf.memory().numTensors;
    const views = tf.tensor2d(numbers(8 * 5, 1), [8, 5]);
    tf.dispose(tf.grad((x) => ntXent(x as tf.Tensor2D, [0, 1, 2, 3], 0.5))(views));
    views.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('agrees with plain arrays, which also count the matches', () => {
    const views = numbers(12 * 7, 2);
    const windows = [0, 1, 1, 2, 3, 0];
    const loss = tf.tidy(() => ntXent(tf.tensor2d(views, [12, 7]), windows, 0.3).dataSync()[0]!);
    expect(matchViews(views, windows, 0.3).loss).toBeCloseTo(loss, 4);
    const twins = new Float32Array([...views.slice(0, 42), ...views.slice(0, 42)]);
    expect(matchViews(twins, windows, 0.3).matching).toBe(1);
  });

  it('leaves other channels of the same window out of the comparison', () => {
    const mask = pairMask([5, 5, 6]);
    const counts = (i: number) => Array.from({ length: 6 }, (_, j) => mask[i * 6 + j] === 0);
    // rows: a1 b1 c1 a2 b2 c2; a and b come from one window
    expect(counts(0)).toEqual([false, false, true, true, false, true]);
    expect(counts(2)).toEqual([true, true, false, true, true, true]);
  });

  it('weights every class alike in cross-entropy', () => {
    const labels = [0, 0, 0, 1];
    const weights = classWeights(labels, 3);
    expect([...weights]).toEqual([4 / 6, 2, 0].map(Math.fround));
    const rows = Float32Array.from(labels, (label) => weights[label]!);
    const logits = numbers(12, 3);
    expect(gradientError((x) => crossEntropy(x, labels, rows), logits, [4, 3])).toBeLessThan(0.01);
    const even = tf.tidy(() => crossEntropy(tf.zeros([4, 3]), labels, rows).dataSync()[0]!);
    expect(even).toBeCloseTo(Math.log(3), 6);
  });
});
