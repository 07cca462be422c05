/** Compares a function's gradients with central differences. */
import * as tf from '@tensorflow/tfjs-core';
import { createRandom } from '#shared/random.ts';

export function randomTensor(shape: number[], seed: number, scale = 1): tf.Tensor {
  const random = createRandom(seed);
  const size = shape.reduce((product, n) => product * n, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => random.normal() * scale),
    shape,
  );
}

/**
 * Largest difference between analytic and numeric gradient of Σ f(x) · c with fixed random c, relative to the largest entry.
 * Checks every tensor in `inputs`, at most 24 entries each; values are restored. Variables may be among them.
 */
export function gradientError(f: () => tf.Tensor, inputs: tf.Variable[], step = 1e-2): number {
  const scalar = () =>
    tf.tidy(() => {
      const y = f();
      return tf.sum(tf.mul(y, randomTensor(y.shape, 99))) as tf.Scalar;
    });
  const { grads } = tf.variableGrads(scalar, inputs);
  let worst = 0;
  for (const input of inputs) {
    const analytic = grads[input.name]!.dataSync();
    const values = input.dataSync().slice();
    const largest = Math.max(1e-3, ...analytic.map(Math.abs));
    const stride = Math.max(1, Math.floor(values.length / 24));
    for (let i = 0; i < values.length; i += stride) {
      const at = (value: number) => {
        const changed = values.slice();
        changed[i] = value;
        set(input, changed);
        return scalar().dataSync()[0]!;
      };
      const numeric = (at(values[i]! + step) - at(values[i]! - step)) / (2 * step);
      worst = Math.max(worst, Math.abs(numeric - analytic[i]!) / largest);
    }
    set(input, values);
  }
  return worst;
}

function set(variable: tf.Variable, values: ArrayLike<number>): void {
  variable.assign(tf.tensor(Float32Array.from(values), variable.shape));
}
