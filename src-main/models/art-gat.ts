/**
 * The second stage of "One Model for All": each channel's description, graph attention over the electrodes that are there, a
 * transformer over them, their mean, one score per class. Any montage goes in; order and absent electrodes change nothing.
 *
 * Published: encoder → GAT → transformer → mean → linear. Our choice: sizes, a straight path around the GAT, a norm before it.
 */
import * as tf from '@tensorflow/tfjs-core';
import { artConfig, createArt, electrodeRows, type ArtConfig, type ArtPreset } from './art.ts';
import { fanIn, normal } from './initial.ts';
import type { Mode } from './layers/layer.ts';
import { linear } from './layers/linear.ts';
import { layerNorm } from './layers/norm.ts';
import { absenceOf, graphAttention, presentMean, setTransformer } from './layers/set-attention.ts';
import type { Weights } from './weights.ts';

export interface ArtGatConfig {
  encoder: ArtConfig;
  /** Graph attention layers, their heads, width of each head. */
  graph: { layers: number; heads: number; headDim: number };
  /** Transformer layers over the electrodes. */
  depth: number;
  dropout: number;
  classes: number;
}

const graphs: Record<ArtPreset, ArtGatConfig['graph']> = {
  demo: { layers: 1, heads: 2, headDim: 16 },
  balanced: { layers: 2, heads: 4, headDim: 16 },
  paper: { layers: 2, heads: 4, headDim: 32 },
};

/** Head sizes follow the encoder's: the preset whose width it has, or the smallest. */
export function artGatConfig(encoder: ArtConfig, classes: number): ArtGatConfig {
  const presets: ArtPreset[] = ['paper', 'balanced', 'demo'];
  const preset = presets.find((name) => artConfig(name, []).width <= encoder.width) ?? 'demo';
  return { encoder, graph: graphs[preset], depth: preset === 'demo' ? 1 : 2, dropout: 0.2, classes };
}

/** Segments of one group. */
export interface MontageSignals {
  /** [n · C, L] on the common grid, standardised per channel. */
  signals: Float32Array;
  /** C symbols. */
  electrodes: readonly string[];
  /** [n · C] 1 where the electrode is there; at least one in each row. */
  present: Float32Array;
  sfreqHz: number;
}

export interface ArtGat {
  /** Descriptions of all channels: [n · C, width]; absent ones get one too, which nobody looks at. */
  describe(input: MontageSignals, mode: Mode): tf.Tensor2D;
  /** [n · C, width] → [n, classes]. */
  decide(
    described: tf.Tensor2D,
    input: Pick<MontageSignals, 'electrodes' | 'present'>,
    mode: Mode,
  ): tf.Tensor2D;
}

/** Parameters under `encoder` (group 'encoder', those of pre-training) and `head` (group 'head'). */
export function createArtGat(weights: Weights, config: ArtGatConfig): ArtGat {
  const { encoder, graph, depth, dropout, classes } = config;
  const art = createArt(weights.scope('encoder', 'encoder'), encoder);
  const head = weights.scope('head', 'head');
  const width = graph.heads * graph.headDim;
  const entry = layerNorm(head.scope('entry'), encoder.width);
  const symbol = head.variable('electrode', [encoder.vocabulary.length + 1, width], normal(0.02));
  const graphs = Array.from({ length: graph.layers }, (_, i) => {
    const inputs = i === 0 ? encoder.width : width;
    const scope = head.scope(`graph${i + 1}`);
    return {
      attend: graphAttention(scope, { in: inputs, heads: graph.heads, headDim: graph.headDim, dropout }),
      straight: linear(scope.scope('straight'), inputs, width),
    };
  });
  const blocks = Array.from({ length: depth }, (_, i) =>
    setTransformer(head.scope(`block${i + 1}`), {
      dim: width,
      heads: graph.heads,
      hidden: 2 * width,
      dropout,
    }),
  );
  const exit = layerNorm(head.scope('exit'), width);
  const classify = linear(head.scope('classifier'), width, classes, { initial: fanIn(width) });
  return {
    describe({ signals, electrodes, sfreqHz, present }, mode) {
      const names = Array.from(present, (_, row) => electrodes[row % electrodes.length]!);
      return art.encode({ signals, electrodes: names, sfreqHz }, mode);
    },
    decide(described, { electrodes, present }, mode) {
      const members = electrodes.length;
      const n = present.length / members;
      const there = tf.tensor2d(present, [n, members]);
      const absence = absenceOf(there);
      let x = tf.reshape(entry(described, mode), [n, members, encoder.width]) as tf.Tensor;
      for (const { attend, straight } of graphs) x = tf.add(attend(x, absence, mode), straight(x, mode));
      const who = tf.matMul(
        electrodeRows(electrodes, encoder.vocabulary),
        symbol as tf.Tensor as tf.Tensor2D,
      );
      x = tf.add(x, tf.reshape(who, [1, members, width]));
      for (const block of blocks) x = block(x, absence, mode);
      return classify(presentMean(exit(x, mode), there), mode) as tf.Tensor2D;
    },
  };
}
