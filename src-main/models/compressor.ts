/**
 * The compressor of EEG-DLite: describes a segment by a short latent vector, learned by rebuilding three views of it.
 *
 * Sizes of the paper preset follow the published code. Differences, on purpose: the decoder's output is what is compared (there
 * it is thrown away), the view embedding is added by token (there by position in the batch), phase is atan2.
 * Token order inside: three class tokens, then 20 patches; positions are learned, so the order itself means nothing.
 */
import * as tf from '@tensorflow/tfjs-core';
import { AppError } from '#shared/errors.ts';
import { dropout, relu } from './layers/activation.ts';
import { transformerBlock } from './layers/attention.ts';
import { conv1d, maxPool1d, meanOverTime } from './layers/conv1d.ts';
import type { Layer, Mode } from './layers/layer.ts';
import { linear } from './layers/linear.ts';
import { batchNorm1d } from './layers/norm.ts';
import { normal } from './initial.ts';
import { patchCount, patchesOfView } from './views.ts';
import type { Weights } from './weights.ts';

export interface CompressorConfig {
  /** C. */
  channels: number;
  /** Samples per patch, L. */
  patch: number;
  /** Width of tokens and of the latent; equals the last of `widths`. */
  width: number;
  depth: number;
  heads: number;
  headDim: number;
  decoderDepth: number;
  /** Channels of the four stages of each view's convolutional network. */
  widths: [number, number, number, number];
  blocksPerStage: number;
}

type Size = Omit<CompressorConfig, 'channels' | 'patch'>;

/** `paper` is the published size; `demo` trains in seconds without an accelerator. */
export const compressorSizes: Record<'demo' | 'balanced' | 'paper', Size> = {
  demo: {
    width: 32,
    depth: 2,
    heads: 4,
    headDim: 16,
    decoderDepth: 1,
    widths: [4, 8, 16, 32],
    blocksPerStage: 1,
  },
  balanced: {
    width: 64,
    depth: 4,
    heads: 4,
    headDim: 32,
    decoderDepth: 1,
    widths: [8, 16, 32, 64],
    blocksPerStage: 1,
  },
  paper: {
    width: 64,
    depth: 6,
    heads: 8,
    headDim: 64,
    decoderDepth: 2,
    widths: [8, 16, 32, 64],
    blocksPerStage: 2,
  },
};

export interface CompressorLoss {
  /** Weight of the diversity term, 1e-4 as published. */
  beta: number;
  /** `intra`: between the patches of one segment, as the code; `inter`: between segments of a batch, as the paper says. */
  idc: 'intra' | 'inter';
}

/** Signal [B, 10, L · C], magnitude and phase [B, 5, L · C]. */
export type ViewBatch = readonly [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D];

export interface Compressor {
  readonly config: CompressorConfig;
  /** Latents [B, width]. */
  encode(views: ViewBatch, mode: Mode): tf.Tensor2D;
  /** Mean squared error of the rebuilt views + β · diversity; the error alone with `beta` 0. */
  loss(views: ViewBatch, mode: Mode, options: CompressorLoss): tf.Scalar;
}

export function createCompressor(weights: Weights, config: CompressorConfig): Compressor {
  const { channels, patch, width, depth, heads, headDim, decoderDepth, widths } = config;
  if (widths[3] !== width)
    throw new AppError('internal', `The last stage has ${widths[3]} channels for tokens of ${width}.`);
  const views = ['signal', 'magnitude', 'phase'] as const;
  const embedders = views.map((view) => tokenEmbedder(weights.scope(`embed.${view}`), config));
  const classes = weights.variable('classes', [3, width], normal());
  const position = weights.variable('position', [3 + patchCount, width], normal());
  const viewOf = weights.variable('view', [3, width], normal());
  const block = { dim: width, heads, headDim, hidden: width, qkvBias: false };
  const encoder = Array.from({ length: depth }, (_, i) =>
    transformerBlock(weights.scope(`encoder.${i}`), { ...block, dropout: 0.2 }),
  );
  const decoder = Array.from({ length: decoderDepth }, (_, i) =>
    transformerBlock(weights.scope(`decoder.${i}`), block),
  );
  const rebuild = views.map((view) => linear(weights.scope(`rebuild.${view}`), width, patch * channels));
  const before = linear(weights.scope('diversity.before'), width, width);
  const after = linear(weights.scope('diversity.after'), width, width);

  /** Tokens that enter the encoder, [B, 23, width]. */
  function embed(x: ViewBatch, mode: Mode): tf.Tensor {
    const batch = x[0]!.shape[0];
    const tokens = x.map((view, i) =>
      tf.reshape(embedders[i]!(tf.reshape(view, [batch * view.shape[1], patch, channels]), mode), [
        batch,
        view.shape[1],
        width,
      ]),
    );
    const all = tf.concat([tf.zeros([batch, 3, width]), ...tokens], 1);
    // [23, 3] one-hot products instead of look-ups, whose gradient not every engine has.
    const byClass = tf.matMul(
      tf.tensor2d(oneHot([0, 1, 2, ...Array<number>(patchCount).fill(-1)]), [23, 3]),
      classes,
    );
    const byView = tf.matMul(tf.tensor2d(oneHot([0, 1, 2, ...viewOfPatch]), [23, 3]), viewOf);
    return dropout(tf.add(all, tf.add(position, tf.add(byClass, byView))), 0.1, mode);
  }

  const through = (layers: Layer[], x: tf.Tensor, mode: Mode) =>
    layers.reduce((y, layer) => layer(y, mode), x);

  return {
    config,
    encode(x, mode) {
      const left = through(encoder, embed(x, mode), mode);
      return meanOverTime(patchTokens(left));
    },
    loss(x, mode, { beta, idc }) {
      const entering = embed(x, mode);
      const leaving = through(encoder, entering, mode);
      const decoded = patchTokens(through(decoder, leaving, mode));
      const error = squaredError(decoded, x, rebuild, mode);
      const mean = tf.div(error, x[0].size + x[1].size + x[2].size) as tf.Scalar;
      if (beta === 0) return mean;
      const diversity =
        idc === 'intra'
          ? withinSegments(before(patchTokens(entering), mode), after(patchTokens(leaving), mode))
          : betweenSegments(meanOverTime(patchTokens(leaving)));
      return tf.add(mean, tf.mul(diversity, beta));
    },
  };
}

const viewOfPatch = patchesOfView.flatMap((count, view) => Array<number>(count).fill(view));

function oneHot(rows: number[]): Float32Array {
  const table = new Float32Array(rows.length * 3);
  rows.forEach((column, row) => {
    if (column >= 0) table[row * 3 + column] = 1;
  });
  return table;
}

/** [B, 23, W] → [B, 20, W]. */
function patchTokens(x: tf.Tensor): tf.Tensor {
  return tf.slice(x, [0, 3, 0], [x.shape[0]!, patchCount, x.shape[2]!]);
}

/** Sum over views of squared differences between rebuilt and true patches. */
function squaredError(decoded: tf.Tensor, targets: ViewBatch, rebuild: Layer[], mode: Mode): tf.Tensor {
  let from = 0;
  const sums = targets.map((target, i) => {
    const [batch, count] = target.shape;
    const tokens = tf.slice(decoded, [0, from, 0], [batch, count, decoded.shape[2]!]);
    from += count;
    return sumOfSquares(rebuild[i]!(tokens, mode), target);
  });
  return tf.addN(sums);
}

/** Σ (y − target)², differentiated by y alone. */
function sumOfSquares(y: tf.Tensor, target: tf.Tensor): tf.Tensor {
  return tf.customGrad((...all: unknown[]) => {
    const [y, save] = all as [tf.Tensor, (tensors: tf.Tensor[]) => void];
    const difference = tf.sub(y, target);
    save([difference]);
    return {
      value: tf.sum(tf.square(difference)),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(saved[0]!, tf.mul(dy, 2)),
    };
  })(y);
}

/** Mean over segments of log Σ_{i≠j} exp(aᵢ·bⱼ) over their patches, a and b of unit length: [B, 20, W] twice → scalar. */
function withinSegments(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const similar = tf.matMul(unit(a), unit(b), false, true);
  return tf.mean(tf.log(tf.sum(tf.mul(tf.exp(similar), offDiagonal(patchCount)), [1, 2])));
}

/** log of the mean over pairs of different segments of exp(cosine): [B, W] → scalar. */
function betweenSegments(z: tf.Tensor): tf.Tensor {
  const n = z.shape[0]!;
  if (n < 2) return tf.scalar(0);
  const unitZ = unit(z);
  const similar = tf.exp(tf.matMul(unitZ, unitZ, false, true));
  return tf.log(tf.div(tf.sum(tf.mul(similar, offDiagonal(n))), n * (n - 1)));
}

function unit(x: tf.Tensor): tf.Tensor {
  return tf.mul(x, tf.rsqrt(tf.add(tf.sum(tf.square(x), -1, true), 1e-12)));
}

const offDiagonal = (n: number) => tf.sub(1, tf.eye(n));

/** A small residual network over time: [N, L, C] → [N, W]. */
function tokenEmbedder(weights: Weights, { channels, widths, blocksPerStage }: CompressorConfig): Layer {
  const stem = conv1d(weights.scope('stem'), {
    in: channels,
    out: widths[0],
    kernel: 3,
    stride: 2,
    padding: 1,
    bias: false,
  });
  const stemNorm = batchNorm1d(weights.scope('stem.norm'), widths[0]);
  const blocks: Layer[] = [];
  let width: number = widths[0];
  widths.forEach((out, stage) => {
    for (let i = 0; i < blocksPerStage; i++) {
      const stride = stage > 0 && i === 0 ? 2 : 1;
      blocks.push(residual(weights.scope(`stage${stage}.${i}`), width, out, stride));
      width = out;
    }
  });
  return (x, mode) => {
    const start = maxPool1d(relu(stemNorm(stem(x, mode), mode)), { kernel: 3, stride: 2, padding: 1 });
    return meanOverTime(blocks.reduce((y, block) => block(y, mode), start));
  };
}

function residual(weights: Weights, width: number, out: number, stride: number): Layer {
  const first = conv1d(weights.scope('conv1'), {
    in: width,
    out,
    kernel: 3,
    stride,
    padding: 1,
    bias: false,
  });
  const firstNorm = batchNorm1d(weights.scope('norm1'), out);
  const second = conv1d(weights.scope('conv2'), { in: out, out, kernel: 3, padding: 1, bias: false });
  const secondNorm = batchNorm1d(weights.scope('norm2'), out);
  const same = stride === 1 && width === out;
  const skip = same
    ? undefined
    : {
        conv: conv1d(weights.scope('skip'), { in: width, out, kernel: 1, stride, bias: false }),
        norm: batchNorm1d(weights.scope('skip.norm'), out),
      };
  return (x, mode) => {
    const inner = relu(firstNorm(first(x, mode), mode));
    const residue = secondNorm(second(inner, mode), mode);
    const straight = skip ? skip.norm(skip.conv(x, mode), mode) : x;
    return relu(tf.add(residue, straight));
  };
}
