/** Takes results off the engine. Waiting for them lets a graphics engine work on meanwhile; it cannot give them at once. */
import * as tf from '@tensorflow/tfjs-core';

/** The values of what `compute` returns, row-major; all tensors made on the way are freed. */
export async function readValues(compute: () => tf.Tensor): Promise<Float32Array> {
  const result = tf.tidy(compute);
  try {
    return Float32Array.from(await result.data());
  } finally {
    result.dispose();
  }
}
