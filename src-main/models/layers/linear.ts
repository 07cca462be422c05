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
    const y = tf.matMul(rows, weight);
    return tf.reshape(offset ? addBias(y, offset) : y, [...x.shape.slice(0, -1), outputs]);
  };
}

/** y + b over rows; the bias's gradient is one product. The product itself stays tf's own: its gradients are made only where needed. */
const addBias = tf.customGrad((...all: unknown[]) => {
  const [y, b] = all as [tf.Tensor2D, tf.Tensor1D];
  return {
    value: tf.add(y, b),
    gradFunc: (dy: tf.Tensor) => [tf.clone(dy), sumRows(dy)],
  };
}) as (y: tf.Tensor, b: tf.Tensor) => tf.Tensor;

/** Sum over all axes but the last, as a product with ones: [.., d] → [d]. The wasm engine would transpose for `tf.sum(x, 0)`. */
export function sumRows(x: tf.Tensor): tf.Tensor1D {
  const rows = toRows(x);
  return tf.reshape(tf.matMul(tf.ones([1, rows.shape[0]]), rows), [rows.shape[1]]) as tf.Tensor1D;
}
