/** Convolution and pooling over time on [B, T, C], as slices and matrix products: every engine can train these. */
import * as tf from '@tensorflow/tfjs-core';
import { fanIn } from '../initial.ts';
import type { Weights } from '../weights.ts';
import { larger } from './activation.ts';
import type { Layer } from './layer.ts';
import { addBias } from './linear.ts';

export interface Conv1d {
  in: number;
  out: number;
  kernel: number;
  stride?: number;
  /** Zeros on both sides, or [before, after]. */
  padding?: number | [number, number];
  bias?: boolean;
}

/** [B, T, in] → [B, floor((T + padding − kernel) / stride) + 1, out]. Parameter `weight` [kernel · in, out], kernel slowest. */
export function conv1d(
  weights: Weights,
  { in: inputs, out, kernel, stride = 1, padding = 0, bias = true }: Conv1d,
): Layer {
  const weight = weights.variable('weight', [kernel * inputs, out], fanIn(kernel * inputs));
  const offset = bias ? weights.variable('bias', [out], fanIn(kernel * inputs)) : undefined;
  // Moving the smaller side: many channels in and few out are multiplied where they lie, then the results are shifted.
  const convolve = 2 * out <= inputs && kernel > stride ? shiftResults : shiftInputs;
  return (x) => {
    const y = convolve(x, weight, kernel, stride, padding);
    return offset ? addBias(y, offset) : y;
  };
}

function shiftInputs(
  x: tf.Tensor,
  weight: tf.Tensor,
  kernel: number,
  stride: number,
  padding: number | [number, number],
): tf.Tensor {
  const windows = unfold(x, kernel, stride, padding);
  const [batch, steps, width] = windows.shape as [number, number, number];
  return tf.reshape(tf.matMul(tf.reshape(windows, [batch * steps, width]), weight), [batch, steps, -1]);
}

function shiftResults(
  x: tf.Tensor,
  weight: tf.Tensor,
  kernel: number,
  stride: number,
  padding: number | [number, number],
): tf.Tensor {
  const { batch, channels, steps, padded } = pad(x, kernel, stride, padding, 0);
  const [out, width, taps] = [weight.shape[1]!, stride * channels, Math.ceil(kernel / stride)];
  const rows = padded.shape[1]! / stride;
  const blocks = tf.reshape(tf.pad(weight, [[0, taps * width - kernel * channels], [0, 0]]), [taps, width, out]); // prettier-ignore
  const wide = tf.reshape(tf.transpose(blocks, [1, 0, 2]), [width, taps * out]);
  const all = tf.matMul(tf.reshape(padded, [batch * rows, width]), wide);
  const results = tf.reshape(all, [batch, rows, taps * out]);
  return tf.addN(
    Array.from({ length: taps }, (_, tap) => slice3d(results, [0, tap, tap * out], [batch, steps, out])),
  );
}

/**
 * Windows over time laid side by side: [B, T, C] → [B, To, kernel · C]. A stride is a reshape, so only ⌈kernel / stride⌉
 * slices are joined.
 */
export function unfold(
  x: tf.Tensor,
  kernel: number,
  stride: number,
  padding: number | [number, number],
): tf.Tensor {
  const { batch, channels, steps, padded } = pad(x, kernel, stride, padding, 0);
  const rows = tf.reshape(padded, [batch, padded.shape[1]! / stride, stride * channels]);
  const parts: tf.Tensor[] = [];
  for (let at = 0; at < kernel; at += stride) {
    const width = Math.min(stride, kernel - at) * channels;
    parts.push(slice3d(rows, [0, at / stride, 0], [batch, steps, width]));
  }
  return parts.length === 1 ? parts[0]! : tf.concat(parts, -1);
}

/** Largest of each window: [B, T, C] → [B, To, C]. Of equal values the first takes the gradient, as in PyTorch. */
export function maxPool1d(
  x: tf.Tensor,
  { kernel, stride = kernel, padding = 0 }: { kernel: number; stride?: number; padding?: number },
): tf.Tensor {
  const { batch, channels, steps, padded } = pad(x, kernel, stride, padding, -3e38);
  const rows = tf.reshape(padded, [batch, padded.shape[1]! / stride, stride * channels]);
  const taps = Array.from({ length: kernel }, (_, at) =>
    slice3d(rows, [0, Math.floor(at / stride), (at % stride) * channels], [batch, steps, channels]),
  );
  return taps.reduce((largest, tap) => larger(largest, tap));
}

/** [B, T, C] → [B, C], as a product: tfjs's own gradient of a mean multiplies by ones of full size. */
export function meanOverTime(x: tf.Tensor): tf.Tensor2D {
  const [batch, time, channels] = x.shape as [number, number, number];
  return tf.reshape(tf.matMul(tf.fill([1, 1, time], 1 / time), x), [batch, channels]);
}

/** Means over `steps` equal stretches of time, overlapping where T is no multiple: [B, T, C] → [B, steps, C]. */
export function adaptiveAvgPool1d(x: tf.Tensor, steps: number): tf.Tensor {
  const [batch, time, channels] = x.shape as [number, number, number];
  if (steps === 1) return tf.expandDims(meanOverTime(x), 1);
  if (time % steps === 0)
    return tf.reshape(meanOverTime(tf.reshape(x, [batch * steps, time / steps, channels])), [
      batch,
      steps,
      channels,
    ]);
  const share = new Float32Array(time * steps);
  for (let s = 0; s < steps; s++) {
    const from = Math.floor((s * time) / steps);
    const to = Math.ceil(((s + 1) * time) / steps);
    for (let t = from; t < to; t++) share[t * steps + s] = 1 / (to - from);
  }
  const byTime = tf.reshape(tf.transpose(x, [0, 2, 1]), [batch * channels, time]);
  const pooled = tf.matMul(byTime, tf.tensor2d(share, [time, steps]));
  return tf.transpose(tf.reshape(pooled, [batch, channels, steps]), [0, 2, 1]);
}

/** Pads so that all windows fit and the length is a multiple of the stride; never shorter than the signal needs. */
function pad(
  x: tf.Tensor,
  kernel: number,
  stride: number,
  padding: number | [number, number],
  value: number,
) {
  const [batch, time, channels] = x.shape as [number, number, number];
  const [before, after] = typeof padding === 'number' ? [padding, padding] : padding;
  const steps = Math.floor((time + before + after - kernel) / stride) + 1;
  const length = (steps - 1 + Math.ceil(kernel / stride)) * stride;
  const extra = length - before - time;
  let padded = x;
  if (before > 0 || extra > 0)
    padded = tf.pad(
      x,
      [
        [0, 0],
        [before, Math.max(0, extra)],
        [0, 0],
      ],
      value,
    );
  if (padded.shape[1]! > length) padded = slice3d(padded, [0, 0, 0], [batch, length, channels]);
  return { batch, channels, steps, padded };
}

function slice3d(x: tf.Tensor, from: number[], size: number[]): tf.Tensor {
  return size.every((n, axis) => n === x.shape[axis]) ? x : tf.slice(x, from, size);
}
