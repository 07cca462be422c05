import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEngine } from '#main/engine/engine.ts';
import { installedEngine } from '#main/engine/install/installed-engine.ts';
import { stepsOf } from '#main/engine/native-kernels.ts';
import { runFused } from '#main/models/fused.ts';
import { createRandom } from '#shared/random.ts';

const installed = installedEngine();
const why = installed ? '' : ' SKIPPED: no native TensorFlow here, npm run engine:install brings it';

const values = (shape: number[], seed: number) => {
  const random = createRandom(seed);
  const size = shape.reduce((product, n) => product * n, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => random.normal()),
    shape,
  );
};

const binary = { add: tf.add, sub: tf.sub, mul: tf.mul, div: tf.div };
const pairs: [number[], number[]][] = [
  [[5, 7], [5, 7]],
  [[5, 7], []],
  [[], [3]],
  [[1], [2, 3]],
  [[33, 4], [4]],
  [[4], [33, 4]],
  [[100, 3], [1, 3]],
  [[6, 50], [6, 1]],
  [[2, 3, 1, 1], [2, 3, 4, 5]],
  [[2, 3, 4, 5], [4, 5]],
  [[4, 1], [1, 3]],
  [[2, 1, 4], [3, 1]],
  [[1, 3, 1], [2, 3, 4]],
  [[1, 2, 3], [2, 3]],
]; // prettier-ignore

const cases: Record<string, () => tf.Tensor> = {
  ...Object.fromEntries(
    Object.entries(binary).flatMap(([name, op]) =>
      pairs.map(([a, b]) => [
        `${name} of [${a.join()}] and [${b.join()}]`,
        () => op(values(a, 1), values(b, 2)),
      ]),
    ),
  ),
  ...Object.fromEntries(
    [
      [[9, 4], 0],
      [[1000, 3], 0],
      [[257, 40], 0],
      [[6, 8], 1],
      [[3, 70, 5], 1],
      [[3, 4, 5], [0, 1]],
      [[3, 4, 5], [0, 2]],
      [[3, 4, 5], undefined],
      [[2, 1, 3], 1],
    ].flatMap(([shape, axis]) => [
      [`sum of ${JSON.stringify([shape, axis])}`, () => tf.sum(values(shape as number[], 3), axis as number)],
      [
        `mean of ${JSON.stringify([shape, axis])}`,
        () => tf.mean(values(shape as number[], 3), axis as number, true),
      ],
    ]),
  ), // prettier-ignore
  'step with a slope': () => tf.step(tf.concat([values([50], 4), tf.tensor1d([0, -0, NaN])]), 0.2),
  'softmax of long and short rows': () =>
    tf.concat([
      tf.reshape(tf.softmax(tf.mul(values([5, 23], 5), 30)), [-1]),
      tf.reshape(tf.softmax(values([7, 1], 5)), [-1]),
    ]),
  'pad on all sides': () => tf.pad(values([2, 3, 4], 6), [[1, 0], [0, 2], [3, 1]], 7), // prettier-ignore
  'pad of one side': () => tf.pad(values([3, 10], 6), [[0, 0], [2, 2]]), // prettier-ignore
  'slice from the middle': () => tf.slice(values([4, 5, 20], 7), [1, 2, 3], [2, 3, 12]),
  'slice of a row': () => tf.slice(values([4, 5], 7), [2], [1]),
  transposes: () =>
    tf.addN([
      tf.transpose(values([2, 3, 4, 8], 8), [0, 2, 1, 3]),
      tf.transpose(values([4, 3, 2, 8], 9), [2, 0, 1, 3]),
    ]),
  'matrix transposed': () => tf.transpose(values([13, 17], 8)),
  'concat along each axis': () =>
    tf.concat(
      [
        tf.concat([values([2, 3], 1), values([2, 5], 2), values([2, 1], 3)], 1),
        tf.concat([values([1, 9], 4), values([3, 9], 5)]),
      ],
      0,
    ),
  'split into parts': () => tf.concat(tf.split(values([6, 9], 10), [2, 4, 3], 1).toReversed(), 1),
  'split into one': () => tf.split(values([6, 9], 10), 1)[0]!,
  'reshape of whole numbers': () =>
    tf.cast(tf.reshape(tf.tensor1d([1, 2, 3, 4], 'int32'), [-1, 2]), 'float32'),
  'reshape of truths': () => tf.cast(tf.reshape(tf.tensor1d([true, false], 'bool'), [2, 1]), 'float32'),
  'reshape to nothing': () => tf.reshape(values([1], 11), []),
};

describe('operands of different shape', () => {
  it('are walked through by rows and columns', () => {
    expect(stepsOf([], [2, 3])).toEqual({ rows: 1, columns: 6, row: 0, column: 0 });
    expect(stepsOf([3], [2, 3])).toEqual({ rows: 2, columns: 3, row: 0, column: 1 });
    expect(stepsOf([2, 1], [2, 3])).toEqual({ rows: 2, columns: 3, row: 1, column: 0 });
    expect(stepsOf([2, 3], [2, 3])).toEqual({ rows: 1, columns: 6, row: 6, column: 1 });
    expect(stepsOf([1, 3, 1], [2, 3, 4])).toBeUndefined();
    expect(stepsOf([1, 2, 3], [2, 3])).toBeUndefined();
  });
});

describe.skipIf(!installed)(`native kernels${why}`, () => {
  const found = new Map<string, { shape: number[]; data: Float32Array }>();
  const compute = () => {
    for (const [name, run] of Object.entries(cases)) {
      const before = tf.memory().numTensors;
      const result = tf.tidy(run);
      found.set(name, { shape: result.shape, data: result.dataSync<'float32'>().slice() });
      result.dispose();
      expect(tf.memory().numTensors, name).toBe(before);
    }
  };

  beforeAll(async () => {
    await startEngine('tensorflow');
    compute();
    await startEngine('cpu');
  });
  afterAll(() => startEngine('cpu'));

  it.each(Object.keys(cases))('compute %s as cpu does', (name) => {
    const { shape, data } = found.get(name)!;
    const expected = tf.tidy(cases[name]!);
    expect(shape).toEqual(expected.shape);
    const wanted = expected.dataSync<'float32'>();
    const scale = Math.max(1, ...[...wanted].filter(Number.isFinite).map(Math.abs));
    data.forEach((value, i) => {
      if (Number.isNaN(wanted[i])) expect(value).toBeNaN();
      else expect(Math.abs(value - wanted[i]!) / scale).toBeLessThan(2e-6);
    });
    expected.dispose();
  });

  it('refuse what is no float32 tensor or does not fit', async () => {
    await startEngine('tensorflow');
    const whole = tf.tensor1d([1, 2], 'int32');
    const short = values([2], 1);
    expect(() => runFused('GeluForward', { x: whole })).toThrow(/no float32 tensor/);
    expect(() => runFused('GeluBackward', { dy: values([3], 1), x: short, phi: short })).toThrow(/too small/);
    tf.dispose([whole, short]);
  });
});
