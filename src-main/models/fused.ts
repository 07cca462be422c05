/**
 * Operations that some engines have as one kernel of their own; elsewhere they are composed of plain ones.
 *
 * | kernel              | inputs                                            | attributes                                                  | outputs                          |
 * | ------------------- | ------------------------------------------------- | ----------------------------------------------------------- | -------------------------------- |
 * | `LayerNormForward`  | x [n, d], gain [d], bias [d]                      | epsilon                                                     | y [n, d], normed [n, d], scale [n, 1] |
 * | `LayerNormBackward` | dy [n, d], normed [n, d], scale [n, 1], gain [d]  |                                                             | dx [n, d], dgain [d], dbias [d]  |
 * | `BatchNormForward`  | x [n, d], gain [d], bias [d]                      | epsilon                                                     | y [n, d], mean [d], biased variance [d] |
 * | `BatchNormBackward` | dy, x [n, d], mean, variance, gain [d]            | epsilon                                                     | dx [n, d], dgain [d], dbias [d]  |
 * | `AttentionForward`  | qkv [B · T, 3 · I], absence [B, T] or none        | tokens T, heads                                             | joined [B · T, I], weights [B, heads, T, T] |
 * | `AttentionBackward` | dy [B · T, I], qkv, weights                       | tokens, heads                                               | dqkv                             |
 * | `GeluForward`       | x                                                 |                                                             | y, Φ(x)                          |
 * | `GeluBackward`      | dy, x, phi                                        |                                                             | dx                               |
 * | `SoftmaxBackward`   | y, dy [.., d]                                     |                                                             | dx                               |
 * | `AdamFlat`          | values, gradient, first, second, rates, decays [n] | beta1, beta2, epsilon, learningRate, stepSize, correction   | values, first, second            |
 */
import * as tf from '@tensorflow/tfjs-core';

/** Whether the engine in use has a kernel of this name. */
export const hasFused = (name: string): boolean => tf.getKernel(name, tf.getBackend()) !== undefined;

/**
 * Runs the engine's kernel of this name.
 *
 * @returns undefined where the engine in use has none: compose the result then
 */
export function runFused(
  name: string,
  inputs: Record<string, tf.Tensor>,
  attributes: Record<string, number> = {},
): tf.Tensor[] | undefined {
  if (!hasFused(name)) return undefined;
  const result: tf.Tensor | tf.Tensor[] = tf.engine().runKernel(name, inputs, attributes);
  return Array.isArray(result) ? result : [result];
}
