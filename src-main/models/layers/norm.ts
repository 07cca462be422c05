/** Layer, group and batch normalisation with hand-written gradients. */
import * as tf from '@tensorflow/tfjs-core';
import { ones, zeros } from '../initial.ts';
import { runFused } from '../fused.ts';
import type { Weights } from '../weights.ts';
import { toRows, type Layer } from './layer.ts';
import { sumRows } from './linear.ts';

/** Over the last axis of [.., dim]. Parameters `gain`, `bias` [dim]. */
export function layerNorm(
  weights: Weights,
  dim: number,
  { epsilon = 1e-5 }: { epsilon?: number } = {},
): Layer {
  const gain = weights.variable('gain', [dim], ones);
  const bias = weights.variable('bias', [dim], zeros);
  return (x) => tf.reshape(normaliseRows(epsilon)(toRows(x), gain, bias), x.shape);
}

/** Over time and the channels of a group of [B, T, channels]. Parameters `gain`, `bias` [channels]. */
export function groupNorm(
  weights: Weights,
  { groups, channels, epsilon = 1e-5 }: { groups: number; channels: number; epsilon?: number },
): Layer {
  const gain = weights.variable('gain', [channels], ones);
  const bias = weights.variable('bias', [channels], zeros);
  const width = channels / groups;
  return (x) => {
    const [batch, time] = x.shape as [number, number];
    const byGroup = tf.transpose(tf.reshape(x, [batch, time, groups, width]), [0, 2, 1, 3]);
    const normed = standardiseRows(tf.reshape(byGroup, [batch * groups, time * width]), epsilon);
    const back = tf.transpose(tf.reshape(normed, [batch, groups, time, width]), [0, 2, 1, 3]);
    return tf.reshape(scaleAndShift(tf.reshape(back, [batch * time, channels]), gain, bias), x.shape);
  };
}

/**
 * Over all axes but the last of [.., channels]. Parameters `gain`, `bias`, buffers `mean`, `variance` [channels].
 * As PyTorch: the batch's own biased variance while training, running mean and unbiased variance with momentum 0.1 else.
 * The running values change as a side effect of a training pass.
 */
export function batchNorm1d(
  weights: Weights,
  channels: number,
  { epsilon = 1e-5, momentum = 0.1 }: { epsilon?: number; momentum?: number } = {},
): Layer {
  const gain = weights.variable('gain', [channels], ones);
  const bias = weights.variable('bias', [channels], zeros);
  const mean = weights.buffer('mean', [channels], 0);
  const variance = weights.buffer('variance', [channels], 1);
  return (x, mode) => {
    const rows = toRows(x);
    if (!mode.training) {
      const scale = tf.mul(gain, tf.rsqrt(tf.add(variance, epsilon)));
      return tf.reshape(tf.add(tf.mul(rows, scale), tf.sub(bias, tf.mul(mean, scale))), x.shape);
    }
    const n = rows.shape[0];
    return tf.reshape(
      batchStandardise(epsilon, (batchMean, batchVariance) => {
        const move = (running: tf.Variable, value: tf.Tensor) =>
          running.assign(tf.add(tf.mul(running, 1 - momentum), tf.mul(value, momentum)));
        move(mean, batchMean);
        move(variance, tf.mul(batchVariance, n / Math.max(1, n - 1)));
      })(rows, gain, bias),
      x.shape,
    );
  };
}

type Save = (tensors: tf.Tensor[]) => void;

/** (x − mean) / √(variance + ε) · gain + bias of every row: [n, d], [d], [d] → [n, d]. */
function normaliseRows(epsilon: number) {
  return tf.customGrad((...all: unknown[]) => {
    const [x, gain, bias, save] = all as [tf.Tensor, tf.Tensor, tf.Tensor, Save];
    const fused = runFused('LayerNormForward', { x, gain, bias }, { epsilon });
    const [value, normed, scale] = (fused ?? composed()) as [tf.Tensor, tf.Tensor, tf.Tensor];
    save([normed, scale, gain]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [normed, scale, gain] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
        const fused = runFused('LayerNormBackward', { dy, normed, scale, gain });
        if (fused) return fused;
        const dNormed = tf.mul(dy, gain);
        return [standardBackward(dNormed, normed, scale), sumRows(tf.mul(dy, normed)), sumRows(dy)];
      },
    };

    function composed() {
      const [normed, scale] = standardForward(x, epsilon);
      return [tf.add(tf.mul(normed, gain), bias), normed, scale];
    }
  }) as (x: tf.Tensor, gain: tf.Tensor, bias: tf.Tensor) => tf.Tensor;
}

/** (x − mean) / √(variance + ε) of every row, and 1 / √(variance + ε): [n, d] → [n, d], [n, 1]. */
function standardForward(x: tf.Tensor, epsilon: number): [tf.Tensor, tf.Tensor] {
  const centred = tf.sub(x, tf.mean(x, -1, true));
  const scale = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon));
  return [tf.mul(centred, scale), scale];
}

function standardBackward(dy: tf.Tensor, normed: tf.Tensor, scale: tf.Tensor): tf.Tensor {
  const along = tf.mul(normed, tf.mean(tf.mul(dy, normed), -1, true));
  return tf.mul(tf.sub(tf.sub(dy, tf.mean(dy, -1, true)), along), scale);
}

/** (x − mean) / √(variance + ε) of every row: [n, d] → [n, d]. */
function standardiseRows(x: tf.Tensor, epsilon: number): tf.Tensor {
  const op = tf.customGrad((...all: unknown[]) => {
    const [x, save] = all as [tf.Tensor, Save];
    const [value, scale] = standardForward(x, epsilon);
    save([value, scale]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => standardBackward(dy, saved[0]!, saved[1]!),
    };
  });
  return op(x);
}

/** y·gain + bias over the last axis. */
const scaleAndShift = tf.customGrad((...all: unknown[]) => {
  const [y, gain, bias, save] = all as [tf.Tensor, tf.Tensor, tf.Tensor, Save];
  save([y, gain]);
  return {
    value: tf.add(tf.mul(y, gain), bias),
    gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [y, gain] = saved as [tf.Tensor, tf.Tensor];
      return [tf.mul(dy, gain), sumRows(tf.mul(dy, y)), sumRows(dy)];
    },
  };
}) as (y: tf.Tensor, gain: tf.Tensor, bias: tf.Tensor) => tf.Tensor;

function batchStandardise(epsilon: number, seen: (mean: tf.Tensor, variance: tf.Tensor) => void) {
  return tf.customGrad((...all: unknown[]) => {
    const [x, gain, bias, save] = all as [tf.Tensor, tf.Tensor, tf.Tensor, Save];
    const fused = runFused('BatchNormForward', { x, gain, bias }, { epsilon });
    if (fused) {
      const [value, mean, variance] = fused as [tf.Tensor, tf.Tensor, tf.Tensor];
      seen(mean, variance);
      save([x, mean, variance, gain]);
      const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [x, mean, variance, gain] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
        return runFused('BatchNormBackward', { dy, x, mean, variance, gain }, { epsilon })!;
      };
      return { value, gradFunc };
    }
    const n = x.shape[0]!;
    const mean = tf.div(sumRows(x), n);
    const centred = tf.sub(x, mean);
    const variance = tf.div(sumRows(tf.square(centred)), n);
    seen(mean, variance);
    const scale = tf.rsqrt(tf.add(variance, epsilon));
    const factor = tf.mul(gain, scale);
    save([centred, scale, factor]);
    return {
      value: tf.add(tf.mul(centred, factor), bias),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [centred, scale, factor] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
        const total = sumRows(dy);
        const alongRaw = sumRows(tf.mul(dy, centred));
        // dx = factor · (dy − mean(dy) − centred · scale² · mean(dy · centred))
        const pull = tf.mul(centred, tf.div(tf.mul(tf.square(scale), alongRaw), n));
        const dx = tf.mul(factor, tf.sub(tf.sub(dy, tf.div(total, n)), pull));
        return [dx, tf.mul(alongRaw, scale), total];
      },
    };
  }) as (x: tf.Tensor, gain: tf.Tensor, bias: tf.Tensor) => tf.Tensor;
}
