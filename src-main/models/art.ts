/**
 * ART, the adaptive resampling transformer of "One Model for All": describes one channel of one window, whatever its rate.
 *
 * Published (arXiv 2511.08444): convolutions, adaptive average pooling to 16 patches, a linear projection, an embedding of the rate, a
 * transformer. Not published, hence our choice: kernels, widths, norms, where the electrode's embedding enters. Rates are met as
 * `time-grid.ts` says, so the first kernel always spans 0.13 s.
 */
import * as tf from '@tensorflow/tfjs-core';
import { gelu, relu } from './layers/activation.ts';
import { transformerBlock } from './layers/attention.ts';
import { adaptiveAvgPool1d, conv1d } from './layers/conv1d.ts';
import type { Layer, Mode } from './layers/layer.ts';
import { linear } from './layers/linear.ts';
import { groupNorm, layerNorm } from './layers/norm.ts';
import { normal } from './initial.ts';
import { gridHz } from './time-grid.ts';
import type { Weights } from './weights.ts';

export type ArtPreset = 'demo' | 'balanced' | 'paper';

/** All that must be known besides the weights to build the network again; plain JSON. */
export interface ArtConfig {
  width: number;
  depth: number;
  heads: number;
  /** Inside each transformer layer. */
  hidden: number;
  /** Output channels and strides of the three convolutions. */
  convolutions: [number, number, number];
  strides: [number, number, number];
  /** Inside and after the transformer's layers. */
  dropout: number;
  /** Electrodes with an embedding of their own; others share one more row. */
  vocabulary: string[];
}

const presets: Record<ArtPreset, Omit<ArtConfig, 'vocabulary'>> = {
  demo: {
    width: 48,
    depth: 2,
    heads: 4,
    hidden: 96,
    convolutions: [16, 32, 32],
    strides: [4, 4, 1],
    dropout: 0,
  },
  balanced: {
    width: 96,
    depth: 3,
    heads: 4,
    hidden: 384,
    convolutions: [32, 48, 48],
    strides: [2, 2, 1],
    dropout: 0.1,
  },
  paper: {
    width: 128,
    depth: 4,
    heads: 4,
    hidden: 512,
    convolutions: [32, 64, 64],
    strides: [2, 2, 1],
    dropout: 0.1,
  },
};

export function artConfig(preset: ArtPreset, vocabulary: readonly string[]): ArtConfig {
  return { ...presets[preset], vocabulary: [...vocabulary] };
}

/** Odd number of taps nearest to 0.125 s on the grid. */
const firstKernel = 2 * Math.round((0.125 * gridHz) / 2) + 1;
const tokens = 16;
/** Width of what the contrastive loss compares; the projection is thrown away afterwards. */
const projected = 64;

/** Usual sampling rates, Hz; a recording's own falls to the nearest in ratio. */
const rates = [64, 100, 128, 160, 200, 256, 300, 400, 512, 1000, 2048];

/** Single channels of one length. */
export interface ChannelSignals {
  /** [n, L] on the common grid of time, each row standardised. */
  signals: Float32Array;
  /** [n] electrode symbols. */
  electrodes: readonly string[];
  /** Rate at which they were recorded. */
  sfreqHz: number;
}

export interface Art {
  /** What each channel looks like: [n, width], mean of the tokens. */
  encode(input: ChannelSignals, mode: Mode): tf.Tensor2D;
}

/** Builds the tokenizer and transformer; parameters in the given scope. */
export function createArt(weights: Weights, config: ArtConfig): Art {
  const { width, depth, heads, hidden, convolutions, strides, dropout, vocabulary } = config;
  const first = linear(weights.scope('conv1'), firstKernel, convolutions[0]);
  const second = conv1d(weights.scope('conv2'), {
    in: convolutions[0],
    out: convolutions[1],
    kernel: 7,
    stride: strides[1],
    padding: 3,
  });
  const third = conv1d(weights.scope('conv3'), {
    in: convolutions[1],
    out: convolutions[2],
    kernel: 3,
    stride: strides[2],
    padding: 1,
  });
  const norms = convolutions.map((channels, i) =>
    groupNorm(weights.scope(`conv${i + 1}.norm`), { groups: 8, channels }),
  );
  const project = linear(weights.scope('patch'), convolutions[2], width);
  const position = weights.variable('position', [1, tokens, width], normal(0.02));
  const electrode = weights.variable('electrode', [vocabulary.length + 1, width], normal(0.02));
  const rate = weights.variable('rate', [rates.length, width], normal(0.02));
  const blocks = Array.from({ length: depth }, (_, i) =>
    transformerBlock(weights.scope(`block${i + 1}`), { dim: width, heads, hidden, dropout }),
  );
  const norm = layerNorm(weights.scope('norm'), width);
  return {
    encode({ signals, electrodes, sfreqHz }, mode) {
      const n = electrodes.length;
      const maps = [first, second, third].reduce(
        (x, convolve, i) => gelu(norms[i]!(convolve(x, mode), mode)),
        frames(signals, n, strides[0]) as tf.Tensor,
      );
      const patches = project(adaptiveAvgPool1d(maps, tokens), mode);
      const who = tf.add(
        tf.matMul(electrodeRows(electrodes, vocabulary), electrode as tf.Tensor as tf.Tensor2D),
        tf.matMul(rateRow(sfreqHz), rate as tf.Tensor as tf.Tensor2D),
      );
      const start = tf.add(tf.add(patches, position), tf.reshape(who, [n, 1, width]));
      const end = blocks.reduce((x, block) => block(x, mode), start);
      return tf.mean(norm(end, mode), 1) as tf.Tensor2D;
    },
  };
}

/**
 * What the first kernel sees at each of its places, zeros beyond the ends: [n, ceil(L / stride), taps]. Cut on the host, since nothing
 * is learned before it and engines are slow at it.
 */
function frames(signals: Float32Array, n: number, stride: number): tf.Tensor3D {
  const length = signals.length / n;
  const steps = Math.ceil(length / stride);
  const reach = (firstKernel - 1) / 2;
  const values = new Float32Array(n * steps * firstKernel);
  for (let row = 0; row < n; row++)
    for (let step = 0; step < steps; step++) {
      const from = Math.max(0, step * stride - reach);
      const to = Math.min(length, step * stride + reach + 1);
      values.set(
        signals.subarray(row * length + from, row * length + to),
        (row * steps + step) * firstKernel + from - (step * stride - reach),
      );
    }
  return tf.tensor3d(values, [n, steps, firstKernel]);
}

/** [n, width] → [n, 64] for the contrastive loss only. */
export function createProjection(weights: Weights, { width }: ArtConfig): Layer {
  const first = linear(weights.scope('first'), width, width);
  const second = linear(weights.scope('second'), width, projected);
  return (x, mode) => second(relu(first(x, mode)), mode);
}

/** [n, V + 1] one row per electrode with its single 1; a product with it looks an embedding up and can be trained on every engine. */
export function electrodeRows(electrodes: readonly string[], vocabulary: readonly string[]): tf.Tensor2D {
  const columns = vocabulary.length + 1;
  const values = new Float32Array(electrodes.length * columns);
  electrodes.forEach((name, row) => {
    const at = vocabulary.indexOf(name);
    values[row * columns + (at < 0 ? vocabulary.length : at)] = 1;
  });
  return tf.tensor2d(values, [electrodes.length, columns]);
}

function rateRow(sfreqHz: number): tf.Tensor2D {
  const distance = rates.map((rate) => Math.abs(Math.log(rate / sfreqHz)));
  const nearest = distance.indexOf(Math.min(...distance));
  return tf.tensor2d(
    rates.map((_, i) => (i === nearest ? 1 : 0)),
    [1, rates.length],
  );
}
