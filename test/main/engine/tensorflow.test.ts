import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEngine } from '#main/engine/engine.ts';
import { bindingName, type Platform } from '#main/engine/install/archives.ts';
import { tensorsThatFollowTheirArray } from '#main/engine/install/check-engine.ts';
import { installedEngine } from '#main/engine/install/installed-engine.ts';
import { selfTest } from '#main/engine/self-test.ts';
import { startTensorflow } from '#main/engine/tensorflow.ts';
import { artConfig, createArt } from '#main/models/art.ts';
import { compressorSizes, createCompressor } from '#main/models/compressor.ts';
import { createEegnet } from '#main/models/eegnet.ts';
import { transformerBlock } from '#main/models/layers/attention.ts';
import { toGrid } from '#main/models/time-grid.ts';
import { Weights } from '#main/models/weights.ts';
import { crossEntropy } from '#main/training/losses/cross-entropy.ts';
import { AdamW } from '#main/training/optimizer.ts';
import { createRandom } from '#shared/random.ts';

const installed = installedEngine();
const why = installed ? '' : ' SKIPPED: no native TensorFlow here, npm run engine:install brings it';

function noise(shape: number[], seed: number): tf.Tensor {
  const random = createRandom(seed);
  const size = shape.reduce((product, n) => product * n, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => random.normal()),
    shape,
  );
}

const mode = () => ({ training: true, random: createRandom(5) });

/** Small copies of our networks: each gives a loss. */
const networks: Record<string, (weights: Weights) => () => tf.Scalar> = {
  compressor: (weights) => {
    const network = createCompressor(weights, { channels: 4, patch: 20, ...compressorSizes.demo });
    return () => {
      const [first, second, third] = [10, 5, 5].map((patches, i) => noise([6, patches, 80], i)) as [
        tf.Tensor3D,
        tf.Tensor3D,
        tf.Tensor3D,
      ];
      return network.loss([first, second, third], mode(), { beta: 1e-4, idc: 'intra' });
    };
  },
  ART: (weights) => {
    const art = createArt(weights, artConfig('demo', ['Cz', 'Pz']));
    return () => {
      const wave = Float32Array.from({ length: 512 }, (_, i) => Math.sin(0.2 * i) + Math.cos(0.05 * i * i));
      const signals = toGrid(wave, 256, 128);
      const rows = art.encode({ signals, electrodes: ['Cz', 'Pz'], sfreqHz: 128 }, mode());
      return tf.mean(tf.square(rows)) as tf.Scalar;
    };
  },
  EEGNet: (weights) => {
    const electrodes = ['Fz', 'Cz', 'Pz', 'Oz'];
    const network = createEegnet(weights, { electrodes, samples: 256, classes: 3, dropout: 0 });
    return () =>
      crossEntropy(network.decide(noise([6, 4, 256], 9) as tf.Tensor3D, mode()), [0, 1, 2, 0, 1, 2]);
  },
};

/** Loss and, by parameter, its gradient, on the engine in use. */
function lossAndGradients(name: string): { loss: number; gradients: Record<string, Float32Array> } {
  const weights = new Weights(createRandom(3));
  const compute = networks[name]!(weights);
  const variables = weights.trainable().map(({ variable }) => variable);
  const { value, grads } = tf.variableGrads(compute, variables);
  const loss = value.dataSync()[0]!;
  // Keyed by place: names carry a number that counts on.
  const gradients = Object.fromEntries(
    Object.values(grads).map((gradient, i) => [String(i), gradient.dataSync<'float32'>().slice()]),
  );
  tf.dispose([value, grads]);
  weights.dispose();
  return { loss, gradients };
}

const nativeTensors = () =>
  (tf.backend() as unknown as { binding: { getNumOfTensors(): number } }).binding.getNumOfTensors();

describe.skipIf(!installed)(`native TensorFlow${why}`, () => {
  beforeAll(() => startTensorflow());
  afterAll(() => startEngine('cpu'));

  it('says what it runs on and has the version that was recorded', async () => {
    const { device, version } = await startTensorflow();
    expect(version).toBe(installed!.tensorflow);
    expect(device).toContain(`TensorFlow ${version}`);
    const record: unknown = JSON.parse(readFileSync(join(installed!.folder, 'engine.json'), 'utf8'));
    expect(record).toMatchObject({ archives: expect.any(Array) as unknown });
    const platform = `${process.platform}-${process.arch}` as Platform;
    expect(existsSync(join(installed!.folder, bindingName(platform)))).toBe(true);
  });

  it('keeps its own copy of the values it is given', async () => {
    await startTensorflow();
    expect(tensorsThatFollowTheirArray()).toBe(0);
    const values = Int32Array.from([1, 2, 3, 4]);
    const tensor = tf.tensor1d(values, 'int32');
    tf.dispose(tf.add(tensor, 0));
    values.fill(9);
    expect([...tf.tidy(() => tf.mul(tensor, tf.scalar(1, 'int32')).dataSync())]).toEqual([1, 2, 3, 4]);
    tensor.dispose();
  });

  it('passes the self-test and shares this library’s registry', async () => {
    await startEngine('tensorflow');
    expect(await selfTest()).toMatchObject({ passed: true, reason: '' });
    expect(tf.getBackend()).toBe('tensorflow');
    expect(tf.getKernel('BatchMatMul', 'tensorflow')).toBeDefined();
  });

  it.each(Object.keys(networks))('gives the %s loss and gradients of the cpu engine', async (name) => {
    await startEngine('cpu');
    const expected = lossAndGradients(name);
    await startEngine('tensorflow');
    const before = tf.memory().numTensors;
    const found = lossAndGradients(name);
    expect(tf.memory().numTensors).toBe(before);
    expect(found.loss).toBeCloseTo(expected.loss, 4);
    expect(Object.keys(found.gradients)).toEqual(Object.keys(expected.gradients));
    // Relative to the largest of all: some gradients vanish, and of them only rounding is left.
    const largest = Math.max(
      ...Object.values(expected.gradients).flatMap((values) => Math.max(...values.map(Math.abs))),
    );
    for (const [key, values] of Object.entries(expected.gradients)) {
      const off = values.reduce(
        (most, value, i) => Math.max(most, Math.abs(value - found.gradients[key]![i]!)),
        0,
      );
      expect(off / largest).toBeLessThan(1e-4);
    }
  });

  it('keeps nothing over 600 steps of Adam', async () => {
    await startEngine('tensorflow');
    const weights = new Weights(createRandom(1));
    const block = transformerBlock(weights, { dim: 32, heads: 4, hidden: 64 });
    using optimizer = new AdamW(weights.trainable(), { weightDecay: 0.01 });
    const values = Float32Array.from({ length: 8 * 16 * 32 }, (_, i) => Math.sin(i));
    const losses: number[] = [];
    const step = () =>
      tf.tidy(() => {
        const x = tf.tensor3d(values, [8, 16, 32]);
        const { value, grads } = tf.variableGrads(
          () => tf.mean(tf.square(tf.sub(block(x, mode()), 1))) as tf.Scalar,
          optimizer.variables,
        );
        optimizer.add(grads);
        optimizer.apply(1e-3).dispose();
        losses.push(value.dataSync()[0]!);
      });
    const held = () => [tf.memory().numTensors, tf.memory().numDataBuffers, nativeTensors()];
    for (let i = 0; i < 200; i++) step();
    const before = held();
    const memory = process.memoryUsage.rss();
    for (let i = 0; i < 400; i++) step();
    expect(held()).toEqual(before);
    // A step makes about 8 MB of tensors; pools of the allocators still grow a little.
    expect(process.memoryUsage.rss() - memory).toBeLessThan(200e6);
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
    weights.dispose();
  });
});
