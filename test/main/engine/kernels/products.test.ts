import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '#shared/random.ts';
import { startEngine } from '#main/engine/engine.ts';
import { installKernels } from '#main/engine/kernels/kernels.ts';
import { isSupported, variants } from '#main/engine/kernels/variant.ts';
import { apart, numbers } from './numbers.ts';

/** a · b per item in float64, either broadcast, with bias. */
function bruteForce(
  a: Float32Array,
  b: Float32Array,
  { batch, aBatch, bBatch, m, n, k, ta, tb, bias }: Case,
  activation: (x: number) => number,
): Float64Array {
  const out = new Float64Array(batch * m * n);
  for (let item = 0; item < batch; item++)
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) {
        let sum = bias ? bias[j]! : 0;
        for (let d = 0; d < k; d++)
          sum +=
            a[(aBatch === 1 ? 0 : item) * m * k + (ta ? d * m + i : i * k + d)]! *
            b[(bBatch === 1 ? 0 : item) * k * n + (tb ? j * k + d : d * n + j)]!;
        out[(item * m + i) * n + j] = activation(sum);
      }
  return out;
}

interface Case {
  batch: number;
  aBatch: number;
  bBatch: number;
  m: number;
  n: number;
  k: number;
  ta: boolean;
  tb: boolean;
  bias: Float32Array | null;
}

describe.each(variants)('matrix products of the %s kernels', (variant) => {
  const supported = isSupported(variant);
  beforeAll(async () => {
    await startEngine('wasm');
    if (supported) installKernels(variant);
  });

  it.runIf(supported)('agree with float64 on random shapes, transposes and broadcast batches', () => {
    const random = createRandom('products');
    const size = () =>
      [1, 2, 3, 4, 5, 1 + random.below(12), 1 + random.below(40), 1 + random.below(90)][random.below(8)]!;
    for (let i = 0; i < 150; i++) {
      const batch = 1 + random.below(3);
      const [aBatch, bBatch] = [
        [batch, batch],
        [1, batch],
        [batch, 1],
      ][random.below(3)] as [number, number];
      const [m, n] = [size(), size()];
      const k = i % 15 === 0 ? 250 + random.below(300) : size();
      const [ta, tb] = [random.below(2) === 1, random.below(2) === 1];
      const aShape = [aBatch, ...(ta ? [k, m] : [m, k])];
      const bShape = [bBatch, ...(tb ? [n, k] : [k, n])];
      const [a, b] = [numbers(aShape, random), numbers(bShape, random)];
      const found = tf.tidy(() => tf.matMul(tf.tensor(a, aShape), tf.tensor(b, bShape), ta, tb).dataSync());
      const expected = bruteForce(
        a,
        b,
        { batch: Math.max(aBatch, bBatch), aBatch, bBatch, m, n, k, ta, tb, bias: null },
        (x) => x,
      );
      expect(apart(found, expected), `${aShape} ${ta} × ${bShape} ${tb}`).toBeLessThan(3e-6);
    }
  });

  it.runIf(supported)('add a bias and apply an activation', () => {
    const random = createRandom('fused');
    const activations = {
      linear: (x: number) => x,
      relu: (x: number) => Math.max(0, x),
      elu: (x: number) => (x < 0 ? Math.expm1(x) : x),
      sigmoid: (x: number) => 1 / (1 + Math.exp(-x)),
      relu6: (x: number) => Math.min(6, Math.max(0, x)),
    };
    for (const [activation, apply] of Object.entries(activations))
      for (const [m, n, k] of [
        [1, 1, 1],
        [7, 13, 5],
        [6, 16, 300],
        [33, 3, 2],
      ] as const) {
        const [a, b, bias] = [numbers([m, k], random), numbers([k, n], random), numbers([n], random)];
        const found = tf.tidy(() =>
          tf.fused
            .matMul({
              a: tf.tensor2d(a, [m, k]),
              b: tf.tensor2d(b, [k, n]),
              bias: tf.tensor1d(bias),
              activation: activation as 'linear',
            })
            .dataSync(),
        );
        const one = { batch: 1, aBatch: 1, bBatch: 1, m, n, k, ta: false, tb: false, bias };
        expect(apart(found, bruteForce(a, b, one, apply)), `${activation} ${m} ${n} ${k}`).toBeLessThan(3e-6);
      }
  });

  it.runIf(supported)('give empty results for empty operands, like the shipped ones', () => {
    const shapes = tf.tidy(() => [
      tf.matMul(tf.zeros([0, 3]), tf.zeros([3, 2])).shape,
      tf.matMul(tf.zeros([2, 2, 3]), tf.zeros([2, 3, 0])).shape,
    ]);
    expect(shapes).toEqual([
      [0, 2],
      [2, 2, 0],
    ]);
  });

  it.runIf(supported)(
    'give the same bytes again, wherever the operands lie and however many rows stand beside',
    () => {
      const random = createRandom('again');
      const [a, b] = [numbers([37, 300], random), numbers([300, 29], random)];
      const product = (rows: number) =>
        tf.tidy(() => {
          tf.zeros([1 + random.below(50)]);
          const left = tf.tensor2d(a.subarray(0, rows * 300), [rows, 300]);
          return new Int32Array(
            new Float32Array(tf.matMul(left, tf.tensor2d(b, [300, 29])).dataSync()).buffer,
          );
        });
      const whole = product(37);
      for (const rows of [37, 1, 5, 6, 7, 36])
        expect([...product(rows)]).toEqual([...whole.subarray(0, rows * 29)]);
    },
  );
});

describe('kernels that are translated to 256 bits', () => {
  it.runIf(isSupported('wide'))('give the same bytes as those of 128', async () => {
    await startEngine('wasm');
    const random = createRandom('wide');
    const shapes = Array.from({ length: 20 }, () => [
      1 + random.below(70),
      1 + random.below(70),
      1 + random.below(600),
    ]);
    const compute = () =>
      shapes.map(([m, n, k]) =>
        tf.tidy(() => {
          const own = createRandom(`${m} ${n} ${k}`);
          const a = tf.tensor(numbers([m!, k!], own), [m!, k!]);
          const b = tf.tensor(numbers([k!, n!], own), [k!, n!]);
          const c = tf.softmax(tf.matMul(a, b));
          return new Float32Array(c.dataSync());
        }),
      );
    installKernels('relaxed');
    const expected = compute();
    installKernels('wide');
    const found = compute();
    found.forEach((values, i) =>
      expect(Buffer.from(values.buffer).equals(Buffer.from(expected[i]!.buffer))).toBe(true),
    );
  });
});
