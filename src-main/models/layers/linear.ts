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
    // the bias is added while the product is stored
    const y = offset ? tf.fused.matMul({ a: rows, b: weight, bias: offset }) : tf.matMul(rows, weight);
    return tf.reshape(y, [...x.shape.slice(0, -1), outputs]);
  };
}

/** y + b over the last axis: [.., d], [d] → [.., d]. */
export const addBias = (y: tf.Tensor, b: tf.Tensor): tf.Tensor => biasAdded(y, b);

/** The product before it stays tfjs's own: its gradients are made only where needed, those of a custom block always. */
const biasAdded = tf.customGrad((...all: unknown[]) => {
  const [y, b] = all as [tf.Tensor2D, tf.Tensor1D];
  return {
    value: tf.add(y, b),
    gradFunc: (dy: tf.Tensor) => [tf.clone(dy), sumRows(dy)],
  };
}) as (y: tf.Tensor, b: tf.Tensor) => tf.Tensor;

/** Sum over all axes but the last: [.., d] → [d]. */
export function sumRows(x: tf.Tensor): tf.Tensor1D {
  return tf.sum(toRows(x), 0);
}
