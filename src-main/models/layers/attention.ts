/** Multi-head self-attention and the pre-norm transformer layer. */
import * as tf from '@tensorflow/tfjs-core';
import { hasFused, runFused } from '../fused.ts';
import type { Weights } from '../weights.ts';
import { dropout, gelu, softmax, softmaxGradient } from './activation.ts';
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
    const joined = tf.reshape(attendRows(qkv, time, heads), [batch, time, inner]);
    return dropout(out(joined, mode), share, mode);
  };
}

/**
 * Attention on rows as one linear makes them: [B · T, 3 · heads · d] → [B · T, heads · d]. As a kernel nothing is cut, moved or joined.
 *
 * @param absence [B, 1, 1, T], added to the scores of every query; not differentiated
 */
export function attendRows(qkv: tf.Tensor, tokens: number, heads: number, absence?: tf.Tensor): tf.Tensor {
  if (!hasFused('AttentionForward')) {
    const [rows, width] = qkv.shape as [number, number];
    const [batch, headDim] = [rows / tokens, width / 3 / heads];
    const [q, k, v] = tf
      .split(qkv, 3, 1)
      .map((part) => tf.transpose(tf.reshape(part, [batch, tokens, heads, headDim]), [0, 2, 1, 3]));
    const attended = attend(q!, k!, v!, absence);
    return tf.reshape(tf.transpose(attended, [0, 2, 1, 3]), [rows, heads * headDim]);
  }
  return tf.customGrad((...all: unknown[]) => {
    const [qkv, save] = all as [tf.Tensor, (tensors: tf.Tensor[]) => void];
    const inputs: Record<string, tf.Tensor> = absence ? { qkv, absence } : { qkv };
    const [value, weights] = runFused('AttentionForward', inputs, { tokens, heads }) as [
      tf.Tensor,
      tf.Tensor,
    ];
    save([qkv, weights]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [qkv, weights] = saved as [tf.Tensor, tf.Tensor];
        return runFused('AttentionBackward', { dy, qkv, weights }, { tokens, heads })![0]!;
      },
    };
  })(qkv);
}

/**
 * softmax(q·kᵀ / √d + absence)·v over [B, heads, T, d], with its gradient written out: only the weights are kept for it.
 *
 * @param absence added to the scores of every query, e.g. [B, 1, 1, T]; not differentiated
 */
export function attend(q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, absence?: tf.Tensor): tf.Tensor {
  const scale = 1 / Math.sqrt(q.shape.at(-1)!);
  const attended = tf.customGrad((...all: unknown[]) => {
    const [q, k, v, save] = all as [tf.Tensor, tf.Tensor, tf.Tensor, (tensors: tf.Tensor[]) => void];
    const scaled = tf.mul(q, scale);
    const scores = tf.matMul(scaled, k, false, true);
    const weights = softmax(absence ? tf.add(scores, absence) : scores);
    save([scaled, k, v, weights]);
    return {
      value: tf.matMul(weights, v),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [scaled, k, v, weights] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
        const dScores = softmaxGradient(weights, tf.matMul(dy, v, false, true));
        return [
          tf.mul(tf.matMul(dScores, k), scale),
          tf.matMul(dScores, scaled, true, false),
          tf.matMul(weights, dy, true, false),
        ];
      },
    };
  });
  return attended(q, k, v);
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
