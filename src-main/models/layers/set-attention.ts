/** Layers over a set whose members may be absent: what is absent weighs exactly zero, whatever stands in its place. */
import * as tf from '@tensorflow/tfjs-core';
import { fanIn } from '../initial.ts';
import type { Weights } from '../weights.ts';
import { dropout, elu, gelu, softmax } from './activation.ts';
import { attendRows, type TransformerBlock } from './attention.ts';
import type { Mode } from './layer.ts';
import { linear } from './linear.ts';
import { layerNorm } from './norm.ts';

/**
 * @param x       [B, C, width]
 * @param absence [B, 1, 1, C] from {@link absenceOf}
 */
export type SetLayer = (x: tf.Tensor, absence: tf.Tensor, mode: Mode) => tf.Tensor;

/** 0 where a member is there, so low where not that its share of a softmax is exactly 0: [B, C] of 0 and 1 → [B, 1, 1, C]. */
export function absenceOf(present: tf.Tensor2D): tf.Tensor {
  const [batch, members] = present.shape;
  return tf.reshape(tf.mul(tf.sub(1, present), -1e9), [batch, 1, 1, members]);
}

/** Mean over the members that are there: [B, C, width], [B, C] → [B, width]. At least one must be. */
export function presentMean(x: tf.Tensor, present: tf.Tensor2D): tf.Tensor2D {
  const [batch, members] = present.shape;
  const share = tf.reshape(tf.div(present, tf.sum(present, 1, true)), [batch, 1, members]);
  return tf.reshape(tf.matMul(share, x), [batch, x.shape[2]!]);
}

/** The pre-norm transformer layer, with the parameters of `transformerBlock`. */
export function setTransformer(weights: Weights, options: TransformerBlock): SetLayer {
  const { dim, heads, hidden, dropout: share = 0, epsilon = 1e-5 } = options;
  const firstNorm = layerNorm(weights.scope('norm1'), dim, { epsilon });
  const qkv = linear(weights.scope('attention').scope('qkv'), dim, 3 * dim);
  const out = linear(weights.scope('attention').scope('out'), dim, dim);
  const secondNorm = layerNorm(weights.scope('norm2'), dim, { epsilon });
  const wider = linear(weights.scope('mlp1'), dim, hidden);
  const narrower = linear(weights.scope('mlp2'), hidden, dim);
  return (x, absence, mode) => {
    const [batch, members] = x.shape as [number, number];
    const rows = batch * members;
    const projected = tf.reshape(qkv(firstNorm(x, mode), mode), [rows, 3 * dim]);
    const joined = tf.reshape(attendRows(projected, members, heads, absence), [batch, members, dim]);
    const y = tf.add(x, dropout(out(joined, mode), share, mode));
    const inside = dropout(gelu(wider(secondNorm(y, mode), mode)), share, mode);
    return tf.add(y, dropout(narrower(inside, mode), share, mode));
  };
}

/**
 * Graph attention (Veličković et al. 2018) over the complete graph with self-loops: [B, C, in] → [B, C, heads · headDim].
 * e_ij = LeakyReLU(aₗ·Wh_i + aᵣ·Wh_j), softmax over j, then ELU of the weighted sum.
 */
export function graphAttention(
  weights: Weights,
  {
    in: inputs,
    heads,
    headDim,
    dropout: share = 0,
  }: { in: number; heads: number; headDim: number; dropout?: number },
): SetLayer {
  const width = heads * headDim;
  const transform = linear(weights.scope('transform'), inputs, width, { bias: false });
  const left = weights.variable('left', [1, 1, heads, headDim], fanIn(headDim));
  const right = weights.variable('right', [1, 1, heads, headDim], fanIn(headDim));
  return (x, absence, mode) => {
    const [batch, members] = x.shape as [number, number];
    const moved = tf.reshape(transform(x, mode), [batch, members, heads, headDim]);
    const score = (side: tf.Tensor) => tf.transpose(tf.sum(tf.mul(moved, side), -1), [0, 2, 1]);
    const edges = tf.add(
      tf.reshape(score(left), [batch, heads, members, 1]),
      tf.reshape(score(right), [batch, heads, 1, members]),
    );
    // LeakyReLU with slope 0.2, from operations whose gradient every engine has
    const leaky = tf.add(tf.mul(edges, 0.2), tf.mul(tf.relu(edges), 0.8));
    const alpha = dropout(softmax(tf.add(leaky, absence)), share, mode);
    const gathered = tf.matMul(alpha, tf.transpose(moved, [0, 2, 1, 3]));
    return elu(tf.reshape(tf.transpose(gathered, [0, 2, 1, 3]), [batch, members, width]));
  };
}
