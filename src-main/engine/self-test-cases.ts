/** What an engine must compute right before it is trusted: the operations of our networks, forward and backward, by name. */
import * as tf from '@tensorflow/tfjs-core';

/** Each gives a few numbers, [k]; all are of order one. */
export const selfTestCases: Record<string, () => tf.Tensor1D> = {
  'matrix product': () => both((a, b) => tf.matMul(a, b), pattern([3, 5], 1), pattern([5, 7], 2)),
  'matrix product of long rows': () =>
    both((a, b) => tf.mul(tf.matMul(a, b, false, true), 0.05), pattern([8, 2100], 1), pattern([64, 2100], 2)),
  'matrix product of long columns': () =>
    both((a, b) => tf.mul(tf.matMul(a, b, true, false), 0.05), pattern([2100, 8], 1), pattern([2100, 64], 2)),
  'matrix product over a batch': () =>
    both((a, b) => tf.matMul(a, b, false, true), pattern([3, 4, 6], 1), pattern([3, 5, 6], 2)),
  'sum over rows': () => both((x) => tf.sum(x, 0), pattern([9, 6], 3)),
  'mean, root and quotient over a row': () =>
    both(
      (x) => {
        const centred = tf.sub(x, tf.mean(x, -1, true));
        return tf.mul(centred, tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), 1e-5)));
      },
      pattern([6, 8], 4),
    ),
  'quotient and root': () =>
    both((x, y) => tf.div(x, tf.sqrt(tf.add(tf.square(y), 1))), pattern([4, 6], 5), pattern([4, 1], 6)),
  softmax: () => both((x) => tf.softmax(x), pattern([2, 3, 4, 5], 7)),
  'logarithm of a softmax': () => both((x) => tf.logSoftmax(x), pattern([6, 5], 8)),
  'exponential and logarithm': () => both((x) => tf.log(tf.add(tf.exp(x), 1)), pattern([5, 5], 9)),
  GELU: () =>
    both((x) => tf.mul(tf.mul(x, 0.5), tf.add(1, tf.erf(tf.mul(x, Math.SQRT1_2)))), pattern([6, 8], 10)),
  ELU: () => both((x) => tf.elu(x), pattern([6, 8], 11)),
  ReLU: () => both((x) => tf.relu(x), pattern([6, 8], 12)),
  'ReLU mask': () => dot(tf.step(pattern([6, 8], 13))),
  'larger of two': () => dot(tf.maximum(pattern([6, 8], 14), pattern([6, 8], 15))),
  'choice by a mask': () =>
    dot(tf.where(tf.greater(pattern([40], 16), 0), pattern([40], 17), pattern([40], 18))),
  'bias along the last axis': () => both((x, b) => tf.add(x, b), pattern([4, 6, 8], 19), pattern([8], 20)),
  'factor along other axes': () =>
    both((x, g) => tf.mul(x, g), pattern([3, 4, 2, 5], 21), pattern([3, 1, 2, 1], 22)),
  'heads apart and together': () =>
    both((x) => tf.transpose(tf.reshape(x, [2, 5, 3, 4]), [0, 2, 1, 3]), pattern([10, 12], 23)),
  'axes in a new order': () => both((x) => tf.transpose(x, [2, 0, 3, 1]), pattern([2, 3, 4, 5], 24)),
  'windows over time': () =>
    both(
      (x) => {
        const padded = tf.pad(x as tf.Tensor3D, [[0, 0], [1, 1], [0, 0]]); // prettier-ignore
        return tf.concat(
          [0, 1, 2].map((from) => tf.slice(padded, [0, from, 0], [2, 6, 8])),
          -1,
        );
      },
      pattern([2, 6, 8], 25),
    ),
  'cut and joined': () => both((x) => tf.concat(tf.split(x, [5, 11, 4]).toReversed()), pattern([20], 26)),
  'repeated rows': () => both((x) => tf.tile(x, [3, 2]), pattern([4, 5], 27)),
  'sum of several': () => both((x, y) => tf.addN([x, y, x]), pattern([6, 7], 28), pattern([6, 7], 29)),
  'two steps of Adam': adam,
};

/** Result and gradient by each input, each weighed by a pattern and summed. */
function both(f: (...inputs: tf.Tensor[]) => tf.Tensor, ...inputs: tf.Tensor[]): tf.Tensor1D {
  const value = f(...inputs);
  const gradients = tf.grads((...tensors: tf.Tensor[]) => weighed(f(...tensors), 41))(inputs);
  return tf.stack([
    weighed(value, 41),
    ...gradients.map((gradient, i) => weighed(gradient, 42 + i)),
  ]) as tf.Tensor1D;
}

const dot = (x: tf.Tensor): tf.Tensor1D => tf.reshape(weighed(x, 41), [1]);
const weighed = (x: tf.Tensor, seed: number): tf.Scalar =>
  tf.sum(tf.mul(tf.cast(x, 'float32'), pattern(x.shape, seed)));

function adam(): tf.Tensor1D {
  let values = pattern([30], 30);
  let first: tf.Tensor = tf.zeros([30]);
  let second: tf.Tensor = tf.zeros([30]);
  for (let step = 1; step <= 2; step++) {
    const gradient = tf.grad((x) => tf.sum(tf.mul(tf.square(x), pattern([30], 31))))(values);
    first = tf.add(tf.mul(first, 0.9), tf.mul(gradient, 0.1));
    second = tf.add(tf.mul(second, 0.999), tf.mul(tf.square(gradient), 0.001));
    const root = tf.add(tf.sqrt(tf.div(second, 1 - 0.999 ** step)), 1e-8);
    values = tf.sub(values, tf.mul(tf.div(tf.div(first, 1 - 0.9 ** step), root), 0.05));
  }
  return tf.stack([weighed(values, 41), weighed(first, 42), weighed(second, 43)]) as tf.Tensor1D;
}

/** Deterministic numbers of order one. */
export function pattern(shape: number[], seed: number): tf.Tensor {
  const size = shape.reduce((product, n) => product * n, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => Math.sin(1 + i * (0.7 + 0.13 * seed)) * 0.8),
    shape,
  );
}
