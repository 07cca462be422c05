/** Cross-entropy of a softmax against one class per row, with its gradient written out: softmax − target. */
import * as tf from '@tensorflow/tfjs-core';

/**
 * Σ over rows of weight · −log softmax(logits)[class], divided by the number of rows.
 *
 * @param logits  [n, K]
 * @param classes [n] the right column of each row
 * @param weights [n]; all 1 when left out
 */
export function crossEntropy(
  logits: tf.Tensor2D,
  classes: ArrayLike<number>,
  weights?: Float32Array,
): tf.Scalar {
  const [n, width] = logits.shape;
  const target = new Float32Array(n * width);
  for (let i = 0; i < n; i++) target[i * width + classes[i]!] = 1;
  return tf.tidy(() => {
    const right = tf.tensor2d(target, [n, width]);
    const weight = tf.tensor2d(weights ?? new Float32Array(n).fill(1), [n, 1]);
    return rowCrossEntropy(right, weight)(logits);
  });
}

/** With the constants closed over, the gradient asks nothing but the logits for their share. */
function rowCrossEntropy(right: tf.Tensor2D, weight: tf.Tensor2D): (logits: tf.Tensor2D) => tf.Scalar {
  return (logits) =>
    tf.customGrad((x, save) => {
      const input = x as tf.Tensor2D; // customGrad types its arguments as a union of one tensor and the save function
      const share = tf.div(weight, input.shape[0]);
      const top = tf.max(input, 1, true);
      const shifted = tf.sub(input, top);
      const logSum = tf.log(tf.sum(tf.exp(shifted), 1, true));
      const logSoftmax = tf.sub(shifted, logSum);
      const value = tf.neg(tf.sum(tf.mul(tf.mul(logSoftmax, right), share)));
      (save as tf.GradSaveFunc)([logSoftmax, right, share]);
      return {
        value,
        gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
          tf.mul(dy, tf.mul(tf.sub(tf.exp(saved[0]!), saved[1]!), saved[2]!)),
      };
    })(logits) as tf.Scalar;
}
