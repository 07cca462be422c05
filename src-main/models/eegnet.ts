/**
 * EEGNet-8,2 (Lawhern et al. 2018): the compact convolutional network that everything else is compared with.
 *
 * The published order is temporal filter, norm, spatial filter. Filters along time and across electrodes commute, so the electrodes are
 * mixed first, from C signals to 16, and the norm between them is computed from the signals' covariance: the same function and the same
 * gradients for a fraction of the work (2026-11-22).
 */
import * as tf from '@tensorflow/tfjs-core';
import { fanIn, ones, zeros } from './initial.ts';
import { dropout, elu } from './layers/activation.ts';
import { bandedMatrices, blocksOf, convolveMaps } from './layers/block-convolution.ts';
import { adaptiveAvgPool1d } from './layers/conv1d.ts';
import type { Mode } from './layers/layer.ts';
import { linear } from './layers/linear.ts';
import { batchNorm1d } from './layers/norm.ts';
import type { Weights } from './weights.ts';

export interface EegnetConfig {
  /** In fixed order; an electrode that a recording lacks is all zeros. */
  electrodes: string[];
  /** Points of the common grid (128 Hz), a multiple of 64. */
  samples: number;
  classes: number;
  /** 0.25 across subjects, 0.5 within one, as published. */
  dropout: number;
}

export interface Eegnet {
  /** @param signals [n, C, T] */
  decide(signals: tf.Tensor3D, mode: Mode): tf.Tensor2D;
  /** Brings the filters back within their norms (1 across electrodes, 0.25 in the classifier), in place; after every step. */
  constrain(): void;
}

/** Half a second on the grid. */
export const temporalTaps = 64;
const filters = 8;
const spatial = 2;
const maps = filters * spatial;
const separableTaps = 16;
const epsilon = 1e-5;
const momentum = 0.1;

export function createEegnet(weights: Weights, config: EegnetConfig): Eegnet {
  const { electrodes, samples, classes, dropout: share } = config;
  const channels = electrodes.length;
  const kernels = weights.variable('temporal.weight', [filters, temporalTaps], fanIn(temporalTaps));
  const first = weights.scope('norm1');
  const gain = first.variable('gain', [filters], ones);
  const bias = first.variable('bias', [filters], zeros);
  const runningMean = first.buffer('mean', [filters], 0);
  const runningVariance = first.buffer('variance', [filters], 1);
  const mix = weights.variable('spatial.weight', [channels, maps], fanIn(channels));
  const norm2 = batchNorm1d(weights.scope('norm2'), maps);
  const depthwise = weights.variable('separable.depthwise', [maps, separableTaps], fanIn(separableTaps));
  const pointwise = linear(weights.scope('separable.pointwise'), maps, maps, { bias: false });
  const norm3 = batchNorm1d(weights.scope('norm3'), maps);
  const steps = samples / 32;
  const classify = linear(weights.scope('classifier'), maps * steps, classes);
  const classifier = weights.trainable().find(({ name }) => name.endsWith('classifier.weight'))!.variable;

  /** Mean and variance of every temporal filter's output over segments, electrodes and time, without computing that output. */
  function statistics(x: tf.Tensor3D, banded: tf.Tensor3D): { mean: tf.Tensor1D; variance: tf.Tensor1D } {
    const rows = x.shape[0] * channels;
    const seen = tf.reshape(blocksOf(tf.reshape(x, [1, rows, samples]), temporalTaps), [
      -1,
      2 * temporalTaps,
    ]);
    const moments = tf.matMul(seen, seen, true, false);
    const total = tf.matMul(tf.ones([1, seen.shape[0]!]), seen);
    const wide = tf.reshape(tf.transpose(banded, [1, 0, 2]), [2 * temporalTaps, filters * temporalTaps]);
    const count = rows * samples;
    const perFilter = (sums: tf.Tensor) =>
      tf.div(tf.sum(tf.reshape(sums, [filters, temporalTaps]), 1), count) as tf.Tensor1D;
    const mean = perFilter(tf.matMul(total, wide));
    const squares = perFilter(tf.sum(tf.mul(wide, tf.matMul(moments, wide)), 0));
    return { mean, variance: tf.relu(tf.sub(squares, tf.square(mean))) };
  }

  return {
    decide(x, mode) {
      const n = x.shape[0];
      const filter = kernels as tf.Tensor as tf.Tensor2D;
      let mean = runningMean as tf.Tensor as tf.Tensor1D;
      let variance = runningVariance as tf.Tensor as tf.Tensor1D;
      if (mode.training) {
        ({ mean, variance } = statistics(x, bandedMatrices(filter)));
        follow(runningMean, mean);
        follow(runningVariance, variance);
      }
      const scale = tf.mul(gain, tf.rsqrt(tf.add(variance, epsilon)));
      const offset = tf.sub(bias, tf.mul(mean, scale));
      const rows = tf.reshape(tf.transpose(x, [0, 2, 1]), [n * samples, channels]);
      const mixed = tf.reshape(tf.matMul(rows, mix as tf.Tensor as tf.Tensor2D), [
        n,
        samples,
        filters,
        spatial,
      ]);
      const byFilter = tf.reshape(tf.transpose(mixed, [2, 0, 3, 1]), [filters, n * spatial, samples]);
      const filtered = tf.reshape(convolveMaps(byFilter as tf.Tensor3D, filter), [
        filters,
        n,
        spatial,
        samples,
      ]);
      const weightSums = tf.reshape(tf.sum(mix, 0), [filters, 1, spatial, 1]);
      const normed = tf.add(
        tf.mul(filtered, tf.reshape(scale, [filters, 1, 1, 1])),
        tf.mul(weightSums, tf.reshape(offset, [filters, 1, 1, 1])),
      );
      const byTime = tf.reshape(tf.transpose(normed, [1, 3, 0, 2]), [n, samples, maps]);
      const pooled = dropout(adaptiveAvgPool1d(elu(norm2(byTime, mode)), samples / 4), share, mode);
      const byMap = tf.transpose(pooled, [2, 0, 1]) as tf.Tensor3D;
      const deep = tf.transpose(convolveMaps(byMap, depthwise as tf.Tensor as tf.Tensor2D), [1, 2, 0]);
      const last = adaptiveAvgPool1d(elu(norm3(pointwise(deep, mode), mode)), steps);
      return classify(tf.reshape(dropout(last, share, mode), [n, steps * maps]), mode) as tf.Tensor2D;
    },
    constrain() {
      limitColumns(mix, 1);
      limitColumns(classifier, 0.25);
    },
  };
}

function follow(running: tf.Variable, value: tf.Tensor): void {
  running.assign(tf.add(tf.mul(running, 1 - momentum), tf.mul(value, momentum)));
}

/** Shortens every column of [rows, columns] that is longer than `limit`. */
function limitColumns(variable: tf.Variable, limit: number): void {
  tf.tidy(() => {
    const lengths = tf.sqrt(tf.sum(tf.square(variable), 0, true));
    variable.assign(tf.mul(variable, tf.div(limit, tf.maximum(lengths, limit))));
  });
}
