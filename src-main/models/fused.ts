/** Operations that some engines have as one kernel of their own; elsewhere they are composed of plain ones. */
import * as tf from '@tensorflow/tfjs-core';

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
  if (!tf.getKernel(name, tf.getBackend())) return undefined;
  const result: tf.Tensor | tf.Tensor[] = tf.engine().runKernel(name, inputs, attributes);
  return Array.isArray(result) ? result : [result];
}
