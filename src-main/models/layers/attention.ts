/** Multi-head self-attention and the pre-norm transformer layer. */
import * as tf from '@tensorflow/tfjs-core';
import type { Weights } from '../weights.ts';
import { dropout, gelu, softmax } from './activation.ts';
import type { Layer } from './layer.ts';
import { linear } from './linear.ts';
import { layerNorm } from './norm.ts';

export interface Attention {
  dim: number;
  heads: number;
  /** dim / heads when not given. */
  headDim?: number;
  qkvBias?: boolean;
  /** After the output projection. */
  dropout?: number;
}

/** [B, T, dim] → [B, T, dim]; one linear makes q, k, v in this order, each cut into heads. */
export function attention(
  weights: Weights,
  { dim, heads, headDim = dim / heads, qkvBias = true, dropout: share = 0 }: Attention,
): Layer {
  const inner = heads * headDim;
  const project = linear(weights.scope('qkv'), dim, 3 * inner, { bias: qkvBias });
  const out = linear(weights.scope('out'), inner, dim);
  return (x, mode) => {
    const [batch, time] = x.shape as [number, number];
    const qkv = tf.reshape(project(x, mode), [batch * time, 3 * inner]);
    const [q, k, v] = tf
      .split(qkv, 3, 1)
      .map((part) => tf.transpose(tf.reshape(part, [batch, time, heads, headDim]), [0, 2, 1, 3]));
    const attended = attend(q!, k!, v!);
    const joined = tf.reshape(tf.transpose(attended, [0, 2, 1, 3]), [batch, time, inner]);
    return dropout(out(joined, mode), share, mode);
  };
}

/** softmax(q·kᵀ / √d)·v over [B, heads, T, d]. */
export function attend(q: tf.Tensor, k: tf.Tensor, v: tf.Tensor): tf.Tensor {
  const scale = 1 / Math.sqrt(q.shape.at(-1)!);
  return tf.matMul(softmax(tf.matMul(tf.mul(q, scale), k, false, true)), v);
}

export interface TransformerBlock extends Attention {
  /** Width inside the two-layer network. */
  hidden: number;
  epsilon?: number;
}

/** x + attention(norm(x)), then x + mlp(norm(x)) with GELU; `dropout` after attention, inside and after the mlp. */
export function transformerBlock(weights: Weights, options: TransformerBlock): Layer {
  const { dim, hidden, dropout: share = 0, epsilon = 1e-5 } = options;
  const firstNorm = layerNorm(weights.scope('norm1'), dim, { epsilon });
  const attentive = attention(weights.scope('attention'), options);
  const secondNorm = layerNorm(weights.scope('norm2'), dim, { epsilon });
  const wider = linear(weights.scope('mlp1'), dim, hidden);
  const narrower = linear(weights.scope('mlp2'), hidden, dim);
  return (x, mode) => {
    const y = tf.add(x, attentive(firstNorm(x, mode), mode));
    const inside = dropout(gelu(wider(secondNorm(y, mode), mode)), share, mode);
    return tf.add(y, dropout(narrower(inside, mode), share, mode));
  };
}
