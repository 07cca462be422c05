/** Functions without parameters: GELU, ELU, ReLU, softmax, dropout. */
import * as tf from '@tensorflow/tfjs-core';
import { runFused } from '../fused.ts';
import type { Mode } from './layer.ts';

/** max(x, 0). */
export const relu = (x: tf.Tensor): tf.Tensor => maskedRelu(x);
export const elu = (x: tf.Tensor): tf.Tensor => tf.elu(x);

/** Exact GELU, x·Φ(x). */
export const gelu = (x: tf.Tensor): tf.Tensor => exactGelu(x);

/** Over the last axis; the largest value is subtracted first. */
export const softmax = (x: tf.Tensor): tf.Tensor => plainSoftmax(x);

/** y · (dy − Σ y · dy) over the last axis, where y is the softmax. */
export function softmaxGradient(y: tf.Tensor, dy: tf.Tensor): tf.Tensor {
  const fused = runFused('SoftmaxBackward', { y, dy });
  if (fused) return fused[0]!;
  const along = tf.mul(y, dy);
  return tf.sub(along, tf.mul(y, tf.sum(along, -1, true)));
}

const plainSoftmax = tf.customGrad((...all: unknown[]) => {
  const [x, save] = all as [tf.Tensor, (tensors: tf.Tensor[]) => void];
  const value = tf.softmax(x, -1);
  save([value]);
  return { value, gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => softmaxGradient(saved[0]!, dy) };
}) as (x: tf.Tensor) => tf.Tensor;

/** Zeroes a share of the values while training and scales the rest up; the mask comes from `mode.random`. */
export function dropout(x: tf.Tensor, share: number, mode: Mode): tf.Tensor {
  if (!mode.training || share === 0) return x;
  return tf.mul(x, tf.tensor(mask(x.size, share, mode), x.shape));
}

function mask(size: number, share: number, { random }: Mode): Float32Array {
  const kept = 1 / (1 - share);
  const limit = Math.round(share * 65536);
  const values = new Float32Array(size);
  for (let i = 0; i < size; i += 2) {
    const bits = random.next() * 4294967296;
    values[i] = bits >>> 16 < limit ? 0 : kept;
    if (i + 1 < size) values[i + 1] = (bits & 0xffff) < limit ? 0 : kept;
  }
  return values;
}

/** With the derivative Φ(x) + x·φ(x) written out. */
const exactGelu = tf.customGrad((...all: unknown[]) => {
  const [x, save] = all as [tf.Tensor, (tensors: tf.Tensor[]) => void];
  const [value, phi] = runFused('GeluForward', { x }) ?? composed();
  save([x, phi!]);
  return {
    value: value!,
    gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [x, phi] = saved as [tf.Tensor, tf.Tensor];
      const fused = runFused('GeluBackward', { dy, x, phi });
      if (fused) return fused[0]!;
      const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return tf.mul(dy, tf.add(phi, tf.mul(x, density)));
    },
  };

  function composed(): tf.Tensor[] {
    const phi = tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);
    return [tf.mul(x, phi), phi];
  }
}) as (x: tf.Tensor) => tf.Tensor;

/** The gradient without tfjs's conversion of the mask, which it does value by value. */
const maskedRelu = tf.customGrad((...all: unknown[]) => {
  const [x, save] = all as [tf.Tensor, (tensors: tf.Tensor[]) => void];
  const value = tf.relu(x);
  save([value]);
  return {
    value,
    gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(dy, tf.step(saved[0]!)),
  };
}) as (x: tf.Tensor) => tf.Tensor;

/** The larger of two, value by value; of equals the first takes the gradient. */
export const larger = tf.customGrad((...all: unknown[]) => {
  const [a, b, save] = all as [tf.Tensor, tf.Tensor, (tensors: tf.Tensor[]) => void];
  save([a, b]);
  return {
    value: tf.maximum(a, b),
    gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const second = tf.mul(dy, tf.step(tf.sub(saved[1]!, saved[0]!)));
      return [tf.sub(dy, second), second];
    },
  };
}) as (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;
