/** The trainable classifiers behind one interface: rows of a source in, one score per class out. */
import * as tf from '@tensorflow/tfjs-core';
import { AppError } from '#shared/errors.ts';
import type { SegmentSource } from '#shared/eeg/segment.ts';
import { createRandom, type Random } from '#shared/random.ts';
import { createArtGat, type ArtGatConfig, type MontageSignals } from './art-gat.ts';
import { createEegnet, temporalTaps, type EegnetConfig } from './eegnet.ts';
import type { Mode } from './layers/layer.ts';
import { gridHz, gridLength, readGrid, toGrid } from './time-grid.ts';
import { readValues } from './read-values.ts';
import { Weights } from './weights.ts';

/** All besides the weights; plain JSON. */
export type NetworkSpec =
  | { kind: 'art-gat'; config: ArtGatConfig }
  /** `scale`: deviation of each electrode on the training side, µV. */
  | { kind: 'eegnet'; config: EegnetConfig & { scale: number[] } };

/** Segments read and prepared on the host; what it holds is the network's own business. */
export interface NetworkInput {
  count: number;
  logits(mode: Mode): tf.Tensor2D;
}

export interface SegmentNetwork {
  weights: Weights;
  /** @param rows segments of one group */
  read(rows: readonly number[]): Promise<NetworkInput>;
  /** Brings weights back within their limits after a step; true when it may have changed some. */
  constrain(): boolean;
}

/** Descriptions by segment of an encoder that does not change: computed once, however many passes and folds follow. */
export type Descriptions = Map<number, Float32Array>;

/**
 * @param random        for the first weights
 * @param descriptions  given: the encoder is frozen, its results are looked up here and added when missing
 */
export function createSegmentNetwork(
  spec: NetworkSpec,
  source: SegmentSource,
  random: Random,
  descriptions?: Descriptions,
): SegmentNetwork {
  const weights = new Weights(random);
  return spec.kind === 'art-gat'
    ? artGatNetwork(weights, spec.config, source, descriptions)
    : eegnetNetwork(weights, spec.config, source);
}

/** Segments described at once: bounds the memory of a forward pass. */
const describedAtOnce = 16;
/** Outside training nothing is drawn by chance. */
const quiet: Mode = { training: false, random: createRandom(0) };

function artGatNetwork(
  weights: Weights,
  config: ArtGatConfig,
  source: SegmentSource,
  descriptions: Descriptions | undefined,
): SegmentNetwork {
  const model = createArtGat(weights, config);
  const readSignals = async (rows: readonly number[]): Promise<MontageSignals> => {
    const { electrodes, samples, sfreqHz } = groupOf(source, rows);
    const signals = toGrid(await source.read(rows), samples, sfreqHz);
    return { signals, electrodes, sfreqHz, present: presence(source, rows) };
  };
  const describeMissing = async (rows: readonly number[], cache: Descriptions) => {
    const missing = rows.filter((row) => !cache.has(row));
    for (let from = 0; from < missing.length; from += describedAtOnce) {
      const part = missing.slice(from, from + describedAtOnce);
      const input = await readSignals(part);
      const values = await readValues(() => model.describe(input, quiet));
      const size = values.length / part.length;
      part.forEach((row, i) => cache.set(row, values.slice(i * size, (i + 1) * size)));
    }
  };
  return {
    weights,
    async read(rows) {
      if (!descriptions) {
        const input = await readSignals(rows);
        return {
          count: rows.length,
          logits: (mode) => model.decide(model.describe(input, mode), input, mode),
        };
      }
      await describeMissing(rows, descriptions);
      const { electrodes } = groupOf(source, rows);
      const { width } = config.encoder;
      const described = concat(rows.map((row) => descriptions.get(row)!));
      const input = { electrodes, present: presence(source, rows) };
      return {
        count: rows.length,
        logits: (mode) =>
          model.decide(tf.tensor2d(described, [rows.length * electrodes.length, width]), input, mode),
      };
    },
    constrain: () => false,
  };
}

function eegnetNetwork(
  weights: Weights,
  config: EegnetConfig & { scale: number[] },
  source: SegmentSource,
): SegmentNetwork {
  const model = createEegnet(weights, config);
  const channels = config.electrodes.length;
  return {
    weights,
    async read(rows) {
      const { electrodes, samples, sfreqHz } = groupOf(source, rows);
      const raw = await source.read(rows);
      const values = new Float32Array(rows.length * channels * config.samples);
      config.electrodes.forEach((name, to) => {
        const from = electrodes.indexOf(name);
        if (from < 0) return;
        rows.forEach((_, i) => {
          const at = (i * electrodes.length + from) * samples;
          const target = values.subarray(
            (i * channels + to) * config.samples,
            (i * channels + to + 1) * config.samples,
          );
          const length = Math.min(config.samples, gridLength(samples, sfreqHz));
          readGrid(raw.subarray(at, at + samples), 0, sfreqHz / gridHz, length, target);
          centreAndScale(target.subarray(0, length), config.scale[to]!);
        });
      });
      return {
        count: rows.length,
        logits: (mode) => model.decide(tf.tensor3d(values, [rows.length, channels, config.samples]), mode),
      };
    },
    constrain() {
      model.constrain();
      return true;
    },
  };
}

/** Points of the grid that EEGNet reads of segments of these groups: the shortest, cut to whole half seconds. */
export function eegnetSamples(source: SegmentSource, groups: Iterable<number>): number {
  const lengths = Array.from(groups, (group) =>
    gridLength(source.groups[group]!.samples, source.groups[group]!.sfreqHz),
  );
  return Math.max(temporalTaps, Math.floor(Math.min(...lengths) / temporalTaps) * temporalTaps);
}

/** @throws AppError 'internal' when rows come from several groups */
function groupOf(source: SegmentSource, rows: readonly number[]) {
  const position = source.segments[rows[0]!]!.group;
  if (rows.some((row) => source.segments[row]!.group !== position))
    throw new AppError('internal', 'Segments of several groups were asked for at once.');
  return source.groups[position]!;
}

function presence(source: SegmentSource, rows: readonly number[]): Float32Array {
  return concat(rows.map((row) => Float32Array.from(source.present(row))));
}

function concat(parts: Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => {
    out.set(part, at);
    return at + part.length;
  }, 0);
  return out;
}

function centreAndScale(signal: Float32Array, scale: number): void {
  const mean = signal.reduce((sum, value) => sum + value, 0) / signal.length;
  for (let i = 0; i < signal.length; i++) signal[i] = (signal[i]! - mean) / scale;
}
