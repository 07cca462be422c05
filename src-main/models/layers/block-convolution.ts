/**
 * Long convolutions along time, a kernel per map, as products with banded matrices: a block of k results needs the 2k − 1 samples
 * around it, so a kernel of k taps costs twice its multiplications and no slices per tap.
 */
import * as tf from '@tensorflow/tfjs-core';

/**
 * Cross-correlation with zeros beyond the ends, same length: y[t] = Σ_i kernel[i] · x[t + i − floor((k − 1) / 2)].
 *
 * @param x       [maps, rows, T]
 * @param kernels [maps, k]
 */
export function convolveMaps(x: tf.Tensor3D, kernels: tf.Tensor2D): tf.Tensor3D {
  const [maps, rows, time] = x.shape;
  const taps = kernels.shape[1];
  const blocks = Math.ceil(time / taps);
  const product: tf.Tensor3D = tf.matMul(
    tf.reshape(blocksOf(x, taps), [maps, rows * blocks, 2 * taps]),
    bandedMatrices(kernels),
  );
  const whole: tf.Tensor3D = tf.reshape(product, [maps, rows, blocks * taps]);
  return blocks * taps === time ? whole : tf.slice(whole, [0, 0, 0], [maps, rows, time]);
}

/** What each block of `taps` results depends on: [.., rows, T] → [.., rows, blocks, 2 · taps]. */
export function blocksOf(x: tf.Tensor3D, taps: number): tf.Tensor4D {
  const [maps, rows, time] = x.shape;
  const blocks = Math.ceil(time / taps);
  const before = Math.floor((taps - 1) / 2);
  const padded = tf.pad(x, [
    [0, 0],
    [0, 0],
    [before, (blocks + 1) * taps - before - time],
  ]);
  const cut = tf.reshape(padded, [maps, rows, blocks + 1, taps]);
  const size: [number, number, number, number] = [maps, rows, blocks, taps];
  return tf.concat([tf.slice(cut, [0, 0, 0, 0], size), tf.slice(cut, [0, 0, 1, 0], size)], 3) as tf.Tensor4D;
}

/** [maps, k] → [maps, 2k, k]; column o holds the kernel from row o on. Linear in the kernel, so it can be trained. */
export function bandedMatrices(kernels: tf.Tensor2D): tf.Tensor3D {
  const [maps, taps] = kernels.shape;
  const place = new Float32Array(taps * 2 * taps * taps);
  for (let i = 0; i < taps; i++) for (let o = 0; o < taps; o++) place[(i * 2 * taps + o + i) * taps + o] = 1;
  return tf.reshape(tf.matMul(kernels, tf.tensor2d(place, [taps, 2 * taps * taps])), [maps, 2 * taps, taps]);
}
