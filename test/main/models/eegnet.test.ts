import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { startEngine } from '#main/engine/engine.ts';
import { createRandom } from '#shared/random.ts';
import { convolveMaps } from '#main/models/layers/block-convolution.ts';
import { createEegnet } from '#main/models/eegnet.ts';
import { Weights } from '#main/models/weights.ts';

function numbers(count: number, seed: number): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length: count }, () => random.normal());
}
const quiet = { training: false, random: createRandom(0) };
const names = (count: number) => Array.from({ length: count }, (_, i) => `E${i}`);

/** The published order in plain loops: temporal filter, norm, spatial filter; returns [n, T, 16]. */
function published(
  x: Float32Array,
  [n, channels, time]: [number, number, number],
  tensors: Record<string, { data: Float32Array }>,
  batchStatistics: boolean,
): Float64Array {
  const get = (name: string) => tensors[name]!.data;
  const [kernel, mix] = [get('temporal.weight'), get('spatial.weight')];
  const out = new Float64Array(n * time * 16);
  for (let f = 0; f < 8; f++) {
    const filtered = new Float64Array(n * channels * time);
    for (let row = 0; row < n * channels; row++)
      for (let t = 0; t < time; t++)
        for (let i = 0; i < 64; i++) {
          const at = t + i - 31;
          if (at >= 0 && at < time) filtered[row * time + t]! += kernel[f * 64 + i]! * x[row * time + at]!;
        }
    let mean = get('norm1.mean')[f]!;
    let variance = get('norm1.variance')[f]!;
    if (batchStatistics) {
      mean = filtered.reduce((sum, v) => sum + v, 0) / filtered.length;
      variance = filtered.reduce((sum, v) => sum + (v - mean) ** 2, 0) / filtered.length;
    }
    for (let b = 0; b < n; b++)
      for (let c = 0; c < channels; c++)
        for (let t = 0; t < time; t++) {
          const normed =
            ((filtered[(b * channels + c) * time + t]! - mean) / Math.sqrt(variance + 1e-5)) *
              get('norm1.gain')[f]! +
            get('norm1.bias')[f]!;
          for (let d = 0; d < 2; d++)
            out[(b * time + t) * 16 + 2 * f + d]! += normed * mix[c * 16 + 2 * f + d]!;
        }
  }
  return out;
}

describe.each(['cpu', 'wasm'] as const)('EEGNet on %s', (engine) => {
  beforeAll(async () => {
    await startEngine(engine);
  });

  it('has 2387 parameters for 32 electrodes, 512 samples and 3 classes', () => {
    const weights = new Weights(createRandom(1));
    createEegnet(weights, { electrodes: names(32), samples: 512, classes: 3, dropout: 0.25 });
    expect(weights.count()).toBe(2387);
    weights.dispose();
  });

  it('convolves in blocks as in a plain loop', () => {
    const [x, kernels] = [numbers(2 * 3 * 50, 1), numbers(2 * 8, 2)];
    const fast = tf.tidy(() =>
      convolveMaps(tf.tensor3d(x, [2, 3, 50]), tf.tensor2d(kernels, [2, 8]))
        .dataSync<'float32'>()
        .slice(),
    );
    for (let row = 0; row < 6; row++)
      for (let t = 0; t < 50; t++) {
        let sum = 0;
        for (let i = 0; i < 8; i++)
          sum +=
            kernels[Math.floor(row / 3) * 8 + i]! *
            (x[row * 50 + t + i - 3] ?? 0) *
            (t + i - 3 >= 0 && t + i - 3 < 50 ? 1 : 0);
        expect(fast[row * 50 + t]).toBeCloseTo(sum, 4);
      }
  });

  it('equals the published order of filters while training: the same running statistics, the same logits', async () => {
    const shape: [number, number, number] = [3, 4, 128];
    const x = numbers(3 * 4 * 128, 3);
    const weights = new Weights(createRandom(2));
    const model = createEegnet(weights, { electrodes: names(4), samples: 128, classes: 2, dropout: 0 });
    const initial = await weights.save();
    const training = tf.tidy(() =>
      model
        .decide(tf.tensor3d(x, shape), { training: true, random: createRandom(1) })
        .dataSync<'float32'>()
        .slice(),
    );
    // The second norm's running mean tells the mean of what the first stage gave: 0.1 of it after one step.
    const stage = published(x, shape, initial, true);
    const after = await weights.save();
    for (let map = 0; map < 16; map++) {
      let mean = 0;
      let square = 0;
      for (let row = 0; row < 3 * 128; row++) {
        mean += stage[row * 16 + map]! / 384;
        square += stage[row * 16 + map]! ** 2 / 384;
      }
      expect(after['norm2.mean']!.data[map]).toBeCloseTo(0.1 * mean, 4);
      expect(after['norm2.variance']!.data[map]).toBeCloseTo(
        0.9 + 0.1 * (square - mean ** 2) * (384 / 383),
        3,
      );
    }
    expect(training.every(Number.isFinite)).toBe(true);
    weights.dispose();
  });

  it('limits the norms of its filters and leaves short ones alone', async () => {
    const weights = new Weights(createRandom(1));
    const model = createEegnet(weights, { electrodes: names(5), samples: 64, classes: 2, dropout: 0 });
    const columns = async (name: string, count: number) => {
      const { data } = (await weights.save())[name]!;
      return Array.from({ length: count }, (_, c) =>
        Math.sqrt(data.reduce((sum, v, i) => (i % count === c ? sum + v * v : sum), 0)),
      );
    };
    const tensors = await weights.save();
    tensors['spatial.weight']!.data.forEach((v, i, all) => (all[i] = i % 16 === 0 ? v * 50 : v * 0.1));
    tensors['classifier.weight']!.data.forEach((v, i, all) => (all[i] = v * 50));
    weights.load(tensors);
    const before = await columns('spatial.weight', 16);
    model.constrain();
    const after = await columns('spatial.weight', 16);
    expect(after[0]).toBeCloseTo(1, 5);
    expect(after[1]).toBeCloseTo(before[1]!, 6);
    (await columns('classifier.weight', 2)).forEach((norm) => expect(norm).toBeCloseTo(0.25, 5));
    weights.dispose();
  });

  it('gives every parameter a gradient and keeps no tensors', () => {
    const weights = new Weights(createRandom(1));
    const model = createEegnet(weights, { electrodes: names(4), samples: 128, classes: 3, dropout: 0.25 });
    const variables = weights.trainable().map(({ variable }) => variable);
    const step = () =>
      tf.tidy(() => {
        const x = tf.tensor3d(numbers(4 * 4 * 128, 5), [4, 4, 128]);
        const target = tf.tensor2d(numbers(12, 6), [4, 3]);
        const { grads } = tf.variableGrads(
          () =>
            tf.sum(tf.mul(target, model.decide(x, { training: true, random: createRandom(1) }))) as tf.Scalar,
          variables,
        );
        return Object.entries(grads).filter(([, gradient]) => gradient.dataSync().every((v) => v === 0));
      });
    step();
    const before = tf.memory().numTensors;
    expect(step()).toEqual([]);
    expect(tf.memory().numTensors).toBe(before);
    const logits = tf.tidy(
      () => model.decide(tf.tensor3d(numbers(2 * 4 * 128, 7), [2, 4, 128]), quiet).shape,
    );
    expect(logits).toEqual([2, 3]);
    weights.dispose();
  });
});
