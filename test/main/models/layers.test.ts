import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '#shared/random.ts';
import { startEngine } from '#main/engine/engine.ts';
import { dropout, elu, gelu, softmax } from '#main/models/layers/activation.ts';
import { attend, attention, transformerBlock } from '#main/models/layers/attention.ts';
import { adaptiveAvgPool1d, conv1d, maxPool1d, unfold } from '#main/models/layers/conv1d.ts';
import type { Layer, Mode } from '#main/models/layers/layer.ts';
import { linear } from '#main/models/layers/linear.ts';
import { batchNorm1d, groupNorm, layerNorm } from '#main/models/layers/norm.ts';
import { Weights } from '#main/models/weights.ts';
import { gradientError, randomTensor } from './finite-differences.ts';

const training: Mode = { training: true, random: createRandom(5) };
const testing: Mode = { training: false, random: createRandom(5) };

interface Case {
  name: string;
  shape: number[];
  out: number[];
  build(weights: Weights): Layer;
}
const plain = (f: (x: tf.Tensor) => tf.Tensor) => () => f;
const cases: Case[] = [
  { name: 'linear', shape: [3, 4, 5], out: [3, 4, 7], build: (w) => linear(w, 5, 7) },
  {
    name: 'linear without bias',
    shape: [6, 5],
    out: [6, 7],
    build: (w) => linear(w, 5, 7, { bias: false }),
  },
  { name: 'layer norm', shape: [3, 4, 8], out: [3, 4, 8], build: (w) => layerNorm(w, 8) },
  {
    name: 'group norm',
    shape: [2, 5, 6],
    out: [2, 5, 6],
    build: (w) => groupNorm(w, { groups: 2, channels: 6 }),
  },
  { name: 'batch norm', shape: [3, 4, 6], out: [3, 4, 6], build: (w) => batchNorm1d(w, 6) },
  { name: 'gelu', shape: [4, 6], out: [4, 6], build: plain(gelu) },
  { name: 'elu', shape: [4, 6], out: [4, 6], build: plain(elu) },
  { name: 'softmax', shape: [4, 6], out: [4, 6], build: plain(softmax) },
  {
    name: 'convolution of kernel 3, padding 1',
    shape: [2, 7, 3],
    out: [2, 7, 4],
    build: (w) => conv1d(w, { in: 3, out: 4, kernel: 3, padding: 1 }),
  },
  {
    name: 'convolution of kernel 3, stride 2, padding 1',
    shape: [2, 8, 3],
    out: [2, 4, 4],
    build: (w) => conv1d(w, { in: 3, out: 4, kernel: 3, stride: 2, padding: 1, bias: false }),
  },
  {
    name: 'convolution of many channels to few, kernel 3, stride 2, padding 1',
    shape: [2, 9, 6],
    out: [2, 5, 2],
    build: (w) => conv1d(w, { in: 6, out: 2, kernel: 3, stride: 2, padding: 1 }),
  },
  {
    name: 'convolution of many channels to few, kernel 5, padding 2',
    shape: [2, 9, 6],
    out: [2, 9, 3],
    build: (w) => conv1d(w, { in: 6, out: 3, kernel: 5, padding: 2 }),
  },
  {
    name: 'convolution of kernel 5, stride 5',
    shape: [2, 11, 3],
    out: [2, 2, 4],
    build: (w) => conv1d(w, { in: 3, out: 4, kernel: 5, stride: 5 }),
  },
  {
    name: 'convolution of kernel 1, stride 2',
    shape: [2, 7, 3],
    out: [2, 4, 4],
    build: (w) => conv1d(w, { in: 3, out: 4, kernel: 1, stride: 2 }),
  },
  {
    name: 'max pooling of kernel 3, stride 2, padding 1',
    shape: [2, 9, 3],
    out: [2, 5, 3],
    build: plain((x) => maxPool1d(x, { kernel: 3, stride: 2, padding: 1 })),
  },
  {
    name: 'average pooling to 3 of 7',
    shape: [2, 7, 3],
    out: [2, 3, 3],
    build: plain((x) => adaptiveAvgPool1d(x, 3)),
  },
  {
    name: 'average pooling to 4 of 8',
    shape: [2, 8, 3],
    out: [2, 4, 3],
    build: plain((x) => adaptiveAvgPool1d(x, 4)),
  },
  {
    name: 'attention',
    shape: [2, 5, 6],
    out: [2, 5, 6],
    build: (w) => attention(w, { dim: 6, heads: 2, headDim: 4, qkvBias: false }),
  },
  {
    name: 'transformer layer',
    shape: [2, 5, 6],
    out: [2, 5, 6],
    build: (w) => transformerBlock(w, { dim: 6, heads: 3, hidden: 12 }),
  },
];

const build = (layer: Case) => {
  const weights = new Weights(createRandom(1));
  return { weights, layer: layer.build(weights) };
};

describe('layers on the cpu engine', () => {
  beforeAll(async () => void (await startEngine('cpu')));

  for (const one of cases) {
    it(`${one.name} has the stated shape and the gradient of central differences`, () => {
      const { weights, layer } = build(one);
      const x = tf.variable(randomTensor(one.shape, 2));
      expect(layer(x, training).shape).toEqual(one.out);
      const inputs = [x, ...weights.trainable().map(({ variable }) => variable)];
      expect(gradientError(() => layer(x, training), inputs)).toBeLessThan(5e-3);
    });
  }

  it('attention gives an absent member no weight and has the gradient of central differences', () => {
    const [q, k, v] = [1, 2, 3].map((seed) => tf.variable(randomTensor([2, 2, 4, 3], seed))) as [tf.Variable, tf.Variable, tf.Variable]; // prettier-ignore
    const absence = tf.tensor([0, 0, -1e9, 0, 0, 0, 0, 0], [2, 1, 1, 4]);
    const run = () => attend(q, k, v, absence);
    const composed = tf.matMul(
      tf.softmax(tf.add(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(3)), absence)),
      v,
    );
    expect(tf.max(tf.abs(tf.sub(run(), composed))).arraySync()).toBeLessThan(1e-6);
    expect(gradientError(run, [q, k, v])).toBeLessThan(5e-3);
    const { grads } = tf.variableGrads(() => tf.sum(tf.square(run())), [v]);
    expect(tf.sum(tf.abs(tf.slice(grads[v.name]!, [0, 0, 2, 0], [1, 2, 1, 3]))).arraySync()).toBe(0);
  });

  it('unfold is the convolution of its definition', () => {
    const x = tf.tensor3d([1, 2, 3, 4, 5, 6, 7], [1, 7, 1]);
    expect(unfold(x, 3, 2, 1).arraySync()).toEqual([
      [
        [0, 1, 2],
        [2, 3, 4],
        [4, 5, 6],
        [6, 7, 0],
      ],
    ]);
  });

  it('a convolution is its sum, whichever side is moved', async () => {
    for (const [inputs, out] of [
      [2, 3],
      [6, 2],
    ] as const) {
      const weights = new Weights(createRandom(1));
      const layer = conv1d(weights, { in: inputs, out, kernel: 3, stride: 2, padding: 1, bias: false });
      const weight = (await weights.save())['weight']!.data;
      const x = randomTensor([1, 7, inputs], 3);
      const values = x.dataSync();
      const found = layer(x, testing).arraySync() as number[][][];
      for (let t = 0; t < 4; t++)
        for (let o = 0; o < out; o++) {
          let sum = 0;
          for (let j = 0; j < 3; j++)
            for (let i = 0; i < inputs; i++)
              sum += (values[(2 * t + j - 1) * inputs + i] ?? 0) * weight[(j * inputs + i) * out + o]!;
          expect(found[0]![t]![o]).toBeCloseTo(sum, 5);
        }
    }
  });

  it('max pooling takes the largest of each window and gives its gradient to the first of equals', () => {
    const x = tf.tensor3d([1, 1, 5, 2, -3, -4], [1, 6, 1]);
    const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => tf.sum(maxPool1d(x, { kernel: 2 })))(
      x,
    ) as never as {
      value: tf.Tensor;
      grad: tf.Tensor;
    };
    expect(value.dataSync()[0]).toBe(1 + 5 - 3);
    expect([...grad.dataSync()]).toEqual([1, 0, 1, 0, 1, 0]);
  });

  it('batch norm uses the batch while training and running values else', () => {
    const weights = new Weights(createRandom(1));
    const layer = batchNorm1d(weights, 2);
    const x = tf.add(tf.mul(randomTensor([4000, 2], 3), [2, 3]), [10, -5]);
    for (let i = 0; i < 80; i++) layer(x, training);
    const trained = layer(x, training).dataSync();
    const tested = layer(x, testing).dataSync();
    expect(Math.max(...trained.map((value, i) => Math.abs(value - tested[i]!)))).toBeLessThan(0.01);
  });

  it('dropout keeps the mean, repeats for the same stream and does nothing outside training', () => {
    const x = tf.ones([100, 100]);
    const once = dropout(x, 0.2, { training: true, random: createRandom(8) });
    const again = dropout(x, 0.2, { training: true, random: createRandom(8) });
    expect(once.dataSync()).toEqual(again.dataSync());
    expect(tf.mean(once).dataSync()[0]).toBeCloseTo(1, 1);
    const zeros = once.dataSync().filter((value) => value === 0).length;
    expect(Math.abs(zeros - 2000)).toBeLessThan(200);
    expect(dropout(x, 0.2, testing)).toBe(x);
  });

  it('attention ignores the order of the other tokens', () => {
    const layer = attention(new Weights(createRandom(1)), { dim: 4, heads: 2 });
    const x = randomTensor([1, 3, 4], 4);
    const swapped = tf.gather(x, [0, 2, 1], 1);
    const [a, b] = [layer(x, testing), layer(swapped, testing)].map((y) => [...y.dataSync()].slice(0, 4));
    a!.forEach((value, i) => expect(value).toBeCloseTo(b![i]!, 5));
  });
});

describe('layers on the wasm engine', () => {
  it('agree with the cpu engine forward and backward', async () => {
    const run = (one: Case) => {
      const { weights, layer } = build(one);
      const x = tf.variable(randomTensor(one.shape, 2));
      const variables = [x, ...weights.trainable().map(({ variable }) => variable)];
      const { value, grads } = tf.variableGrads(() => {
        const y = layer(x, training);
        return tf.sum(tf.mul(y, randomTensor(y.shape, 9))) as tf.Scalar;
      }, variables);
      return [...value.dataSync(), ...variables.flatMap(({ name }) => [...grads[name]!.dataSync()])];
    };
    await startEngine('cpu');
    const reference = cases.map(run);
    await startEngine('wasm');
    cases.forEach((one, i) => {
      const found = run(one);
      const worst = Math.max(...found.map((value, j) => Math.abs(value - reference[i]![j]!)));
      expect(worst, one.name).toBeLessThan(1e-4);
    });
  });
});
