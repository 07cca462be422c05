/** The linear layer, as one plain matrix product over rows: the fastest thing every engine has. */
import * as tf from '@tensorflow/tfjs-core';
import { fanIn, type Initial } from '../initial.ts';
import type { Weights } from '../weights.ts';
import { toRows, type Layer } from './layer.ts';

/**
 * [.., inputs] → [.., outputs]. Parameters `weight` [inputs, outputs] and `bias` [outputs].
 *
 * @param initial of the weight; as PyTorch when not given
 */
export function linear(
  weights: Weights,
  inputs: number,
  outputs: number,
  { bias = true, initial = fanIn(inputs) }: { bias?: boolean; initial?: Initial } = {},
): Layer {
  const weight = weights.variable('weight', [inputs, outputs], initial);
  const offset = bias ? weights.variable('bias', [outputs], fanIn(inputs)) : undefined;
  return (x) => {
    const rows = tf.reshape(x, [x.size / inputs, inputs]);
    const y = offset ? affine(rows, weight, offset) : tf.matMul(rows, weight);
    return tf.reshape(y, [...x.shape.slice(0, -1), outputs]);
  };
}

/** x·w + b with a hand-written gradient: [n, i], [i, o], [o] → [n, o]. */
const affine = tf.customGrad((...all: unknown[]) => {
  const [x, w, b, save] = all as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D, (tensors: tf.Tensor[]) => void];
  save([x, w]);
  return {
    value: tf.add(tf.matMul(x, w), b),
    gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [x, w] = saved as [tf.Tensor2D, tf.Tensor2D];
      const rows = dy as tf.Tensor2D;
      return [tf.matMul(rows, w, false, true), tf.matMul(x, rows, true, false), sumRows(rows)];
    },
  };
}) as (x: tf.Tensor, w: tf.Tensor, b: tf.Tensor) => tf.Tensor;

/** Sum over all axes but the last, as a product with ones: [.., d] → [d]. The wasm engine would transpose for `tf.sum(x, 0)`. */
export function sumRows(x: tf.Tensor): tf.Tensor1D {
  const rows = toRows(x);
  return tf.reshape(tf.matMul(tf.ones([1, rows.shape[0]]), rows), [rows.shape[1]]) as tf.Tensor1D;
}
