import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '#shared/random.ts';
import { startEngine } from '#main/engine/engine.ts';
import { installKernels } from '#main/engine/kernels/kernels.ts';
import { isSupported, variants } from '#main/engine/kernels/variant.ts';
import { apart, numbers, valuesAndGradients } from './numbers.ts';

type Tensors = tf.Tensor[];

interface Block {
  name: string;
  shapes: number[][];
  /** Composed of plain operations; the cpu engine finds its gradients. */
  reference(...inputs: Tensors): tf.Tensor;
  /** The kernels: value, then the gradients by each input. */
  fused(inputs: Tensors, dy: tf.Tensor): Tensors;
}

function run(
  name: string,
  inputs: Record<string, tf.Tensor>,
  attributes: Record<string, number> = {},
): Tensors {
  const result: tf.Tensor | Tensors = tf.engine().runKernel(name, inputs, attributes);
  return Array.isArray(result) ? result : [result];
}

const epsilon = 1e-3;
const standardised = (x: tf.Tensor, axis: number) => {
  const centred = tf.sub(x, tf.mean(x, axis, true));
  return tf.mul(centred, tf.rsqrt(tf.add(tf.mean(tf.square(centred), axis, true), epsilon)));
};

const rowShapes = [
  [1, 1],
  [3, 5],
  [7, 16],
  [70, 23],
  [130, 4],
  [2, 64],
  [66, 9],
];

const blocks: Block[] = [
  ...rowShapes.map((shape): Block => ({
    name: `layer norm [${shape}]`,
    shapes: [shape, [shape[1]!], [shape[1]!]],
    reference: (x, gain, bias) => tf.add(tf.mul(standardised(x!, -1), gain!), bias!),
    fused([x, gain, bias], dy) {
      const [y, normed, scale] = run('LayerNormForward', { x: x!, gain: gain!, bias: bias! }, { epsilon });
      return [y!, ...run('LayerNormBackward', { dy, normed: normed!, scale: scale!, gain: gain! })];
    },
  })),
  ...rowShapes.map((shape): Block => ({
    name: `batch norm [${shape}]`,
    shapes: [shape, [shape[1]!], [shape[1]!]],
    reference: (x, gain, bias) => tf.add(tf.mul(standardised(x!, 0), gain!), bias!),
    fused([x, gain, bias], dy) {
      const [y, mean, variance] = run('BatchNormForward', { x: x!, gain: gain!, bias: bias! }, { epsilon });
      const inputs = { dy, x: x!, mean: mean!, variance: variance!, gain: gain! };
      return [y!, ...run('BatchNormBackward', inputs, { epsilon })];
    },
  })),
  ...rowShapes.map((shape): Block => ({
    name: `GELU [${shape}]`,
    shapes: [shape],
    reference: (x) => tf.mul(tf.mul(x!, 0.5), tf.add(1, tf.erf(tf.mul(x!, Math.SQRT1_2)))),
    fused([x], dy) {
      const [y, phi] = run('GeluForward', { x: x! });
      return [y!, ...run('GeluBackward', { dy, x: x!, phi: phi! })];
    },
  })),
  ...rowShapes.map((shape): Block => ({
    name: `softmax backward [${shape}]`,
    shapes: [shape],
    reference: (x) => tf.softmax(x!),
    fused([x], dy) {
      const y = tf.softmax(x!);
      return [y, ...run('SoftmaxBackward', { y, dy })];
    },
  })),
  ...[
    [1, 1, 1, 1],
    [2, 5, 3, 4],
    [3, 23, 2, 7],
    [1, 16, 4, 32],
    [2, 6, 1, 5],
  ].flatMap(([batch, tokens, heads, width]) =>
    [false, true].map((absent): Block => ({
      name: `attention of ${batch} × ${tokens} tokens, ${heads} × ${width}${absent ? ', some absent' : ''}`,
      shapes: [[batch! * tokens!, 3 * heads! * width!]],
      reference(qkv) {
        const [q, k, v] = tf
          .split(qkv!, 3, 1)
          .map((part) => tf.transpose(tf.reshape(part, [batch!, tokens!, heads!, width!]), [0, 2, 1, 3]));
        const scores = tf.div(tf.matMul(q!, k!, false, true), Math.sqrt(width!));
        const shape = [batch!, 1, 1, tokens!];
        const weights = tf.softmax(
          absent ? tf.add(scores, tf.reshape(absence(batch!, tokens!), shape)) : scores,
        );
        return tf.reshape(tf.transpose(tf.matMul(weights, v!), [0, 2, 1, 3]), [batch! * tokens!, -1]);
      },
      fused([qkv], dy) {
        const attributes = { tokens: tokens!, heads: heads! };
        const missing: Record<string, tf.Tensor> = absent ? { absence: absence(batch!, tokens!) } : {};
        const [joined, weights] = run('AttentionForward', { qkv: qkv!, ...missing }, attributes);
        return [joined!, ...run('AttentionBackward', { dy, qkv: qkv!, weights: weights! }, attributes)];
      },
    })),
  ),
];

/** Every third token is absent. */
function absence(batch: number, tokens: number): tf.Tensor {
  return tf.tensor2d(
    Float32Array.from({ length: batch * tokens }, (_, i) => (i % 3 === 1 && tokens > 1 ? -1e9 : 0)),
    [batch, tokens],
  );
}

const cases = blocks.map((block) => {
  const random = createRandom(block.name);
  return { ...block, inputs: block.shapes.map((shape) => ({ shape, values: numbers(shape, random, 2) })) };
});
const expected: Float32Array[][] = [];

describe.each(variants)('fused blocks of the %s kernels', (variant) => {
  const supported = isSupported(variant);
  beforeAll(async () => {
    if (expected.length === 0) {
      await startEngine('cpu');
      for (const { reference, inputs } of cases)
        expected.push(valuesAndGradients(reference, inputs, true).all);
    }
    await startEngine('wasm');
    if (supported) installKernels(variant);
  });

  it.runIf(supported).each(cases.map((one, i) => [one.name, one, i] as const))(
    '%s',
    (_, { fused, inputs }, i) => {
      const before = tf.memory().numTensors;
      tf.tidy(() => {
        const value = expected[i]![0]!;
        const tensors = inputs.map(({ values, shape }) => tf.tensor(values, shape));
        const rows = inputs[0]!.shape[0]!;
        const dy = tf.tensor2d(
          Float32Array.from({ length: value.length }, (_, j) => Math.sin(1 + 0.7 * j)),
          [rows, value.length / rows],
        );
        fused(tensors, dy).forEach((tensor, which) =>
          expect(apart(tensor.dataSync(), expected[i]![which]!), `result ${which}`).toBeLessThan(2e-5),
        );
      });
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  it.runIf(supported)('AdamW on a flat vector makes the step that its formulas say', () => {
    const random = createRandom('adam');
    for (const n of [1, 3, 4, 37]) {
      const [values, gradient, first, rates, decays] = [1, 2, 3, 4, 5].map(() => numbers([n], random));
      const second = numbers([n], random, 0.5, 0.5);
      const numbersOf = {
        beta1: 0.9,
        beta2: 0.99,
        epsilon: 1e-4,
        learningRate: 0.1,
        stepSize: 0.3,
        correction: 2,
      };
      const m = first!.map((x, i) => 0.9 * x + 0.1 * gradient![i]!);
      const v = second.map((x, i) => 0.99 * x + 0.01 * gradient![i]! ** 2);
      const moved = values!.map(
        (x, i) => x - 0.1 * decays![i]! * x - (0.3 * rates![i]! * m[i]!) / (2 * Math.sqrt(v[i]!) + 1e-4),
      );
      const found = tf.tidy(() => {
        const inputs = { values, gradient, first, second, rates, decays };
        const tensors = Object.fromEntries(
          Object.entries(inputs).map(([name, x]) => [name, tf.tensor1d(x!)]),
        );
        return run('AdamFlat', tensors, numbersOf).map((tensor) => new Float32Array(tensor.dataSync()));
      });
      [moved, m, v].forEach((want, i) => expect(apart(found[i]!, want)).toBeLessThan(1e-6));
    }
  });

  it.runIf(supported)('keep the memory bounded over many steps of changing size', () => {
    const memory = () =>
      (tf.backend() as unknown as { wasm: { asm: { memory: WebAssembly.Memory } } }).wasm.asm.memory.buffer
        .byteLength;
    const step = (i: number) =>
      tf.tidy(() => {
        const x = tf.ones([64 + (i % 7), 3 * 32]);
        tf.matMul(x, x, true, false);
        run('AttentionForward', { qkv: x }, { tokens: 64 + (i % 7), heads: 2 });
      });
    for (let i = 0; i < 30; i++) step(i);
    const before = memory();
    for (let i = 0; i < 300; i++) step(i);
    expect(memory()).toBe(before);
  });
});
