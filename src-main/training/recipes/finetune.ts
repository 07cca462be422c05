/** Learning with labels: fits one of the three classifiers, and tells how well by folds that somebody else has cut. */
import type * as tf from '@tensorflow/tfjs-core';
import { AppError } from '#shared/errors.ts';
import type { LabelledSegment, SegmentSource } from '#shared/eeg/segment.ts';
import type { CheckpointStore, Progress } from '#shared/jobs.ts';
import type { FinetuneParams } from '#shared/params/finetune.ts';
import { createRandom, type Random } from '#shared/random.ts';
import type { Tensors } from '#shared/safetensors.ts';
import type { Curve } from '#shared/views.ts';
import { artGatConfig } from '#main/models/art-gat.ts';
import { artConfig } from '#main/models/art.ts';
import { softmax } from '#main/models/layers/activation.ts';
import { readValues } from '#main/models/read-values.ts';
import {
  createSegmentNetwork,
  eegnetSamples,
  type Descriptions,
  type NetworkSpec,
  type SegmentNetwork,
} from '#main/models/segment-network.ts';
import type { WeightReport } from '#main/models/weights.ts';
import { toCurves } from '../curves.ts';
import { electrodeScale } from '../electrode-scale.ts';
import { batchesWithinGroups, classNumbers, partsWithinGroups } from '../labelled-rows.ts';
import { classWeights } from '../losses/class-weights.ts';
import { crossEntropy } from '../losses/cross-entropy.ts';
import { AdamW } from '../optimizer.ts';
import { warmUpCosine } from '../schedule.ts';
import { trainLoop, type Trained } from '../trainer.ts';
import { fitBandPowers, unionOf, type BandPowers } from './fit-discriminant.ts';
import type { PretrainedArt } from './pretrain-art.ts';

export type ClassifierKind = FinetuneParams['architecture'];

/** What a classifier is besides its weights; plain JSON. */
export type ClassifierSpec =
  NetworkSpec | { kind: 'band-power-lda'; config: { electrodes: string[]; classes: number } };

export interface FitDeps {
  progress: Progress;
  random: Random;
  checkpoints?: CheckpointStore | undefined;
  /** Encoder to start from, for 'art-gat'. Without one everything learns at the rate of new parts, unless it is frozen. */
  pretrained?: PretrainedArt;
  /** Kept between fits on one source with one encoder, so that what cannot change is computed once. */
  memory?: FitMemory;
  /** Name of the loss curves. */
  series?: string;
}

export interface FitMemory {
  descriptions: Descriptions;
  powers: BandPowers;
}

export const emptyMemory = (): FitMemory => ({ descriptions: new Map(), powers: new Map() });

export interface FittedClassifier {
  spec: ClassifierSpec;
  classes: string[];
  weights: Tensors;
  /** Whose segments it learned from, validation included. */
  subjects: string[];
  /** How the pre-trained encoder came over; null when none was given or wanted. */
  report: WeightReport | null;
  parameters: number;
  curves: Curve[];
  ended: Trained['ended'];
  /** @returns [rows.length, classes] probabilities */
  predict(rows: readonly number[]): Promise<Float32Array>;
}

const clip = 5;
const warmUpShare = 0.1;
const predictedAtOnce = 32;

/**
 * Fits one classifier.
 *
 * Every class weighs the same in the loss. `validation` must not share a trial with `train`; it decides when to stop and which pass is
 * kept; the band-power baseline has no passes and learns from both. An `encoderRate` of 0 freezes the encoder, whose descriptions are then
 * computed once.
 *
 * @throws AppError 'leak' when a trial is on both sides, 'no-data' | 'invalid-input' | 'cancelled' | 'diverged'
 */
export async function fitClassifier(
  kind: ClassifierKind,
  source: SegmentSource,
  train: readonly LabelledSegment[],
  validation: readonly LabelledSegment[],
  classes: readonly string[],
  params: FinetuneParams,
  deps: FitDeps,
): Promise<FittedClassifier> {
  if (train.length === 0)
    throw new AppError(
      'no-data',
      'No labelled segment is left to learn from; label more or choose other folds.',
    );
  const learned = new Set(train.map(({ trial }) => trial));
  const shared = validation.find(({ trial }) => learned.has(trial));
  if (shared)
    throw new AppError(
      'leak',
      `Trial ${shared.trial} is both learned from and held out; split by whole trials.`,
    );
  const memory = deps.memory ?? emptyMemory();
  const all = [...train, ...validation];
  const common = { classes: [...classes], subjects: [...new Set(all.map(({ subject }) => subject))].sort() };
  if (kind === 'band-power-lda') {
    const fitted = await fitBandPowers(source, all, classes, memory.powers);
    const spec: ClassifierSpec = {
      kind,
      config: { electrodes: fitted.electrodes, classes: classes.length },
    };
    const parameters = Object.values(fitted.weights).reduce((sum, { data }) => sum + data.length, 0);
    const { weights, predict } = fitted;
    return { ...common, spec, weights, report: null, parameters, curves: [], ended: 'done', predict };
  }
  const spec = await specFor(kind, source, train, classes.length, deps.pretrained);
  const frozen = kind === 'art-gat' && params.encoderRate === 0;
  // an encoder without pre-training is another one in each fit, so only a given one's descriptions are shared
  const descriptions = frozen ? (deps.pretrained ? memory.descriptions : new Map()) : undefined;
  const network = createSegmentNetwork(spec, source, deps.random.fork('weights'), descriptions);
  try {
    const report =
      kind === 'art-gat' && deps.pretrained
        ? network.weights.scope('encoder').load(deps.pretrained.weights, { strict: false })
        : null;
    const encoderRate =
      deps.pretrained || params.encoderRate === 0 ? params.encoderRate / params.headRate : 1;
    using optimizer = new AdamW(network.weights.trainable(), {
      weightDecay: params.weightDecay,
      clip,
      rates: { encoder: encoderRate },
    });
    const trained = await learn(network, source, train, validation, classes, {
      ...params,
      learningRate: params.headRate,
      optimizer,
      deps,
    });
    const weights = await network.weights.save();
    return {
      ...common,
      spec,
      weights,
      report,
      parameters: network.weights.count(),
      curves: toCurves(deps.series ?? 'Loss', trained.history),
      ended: trained.ended,
      predict: (rows) => predictWith(spec, weights, source, rows, descriptions),
    };
  } finally {
    network.weights.dispose();
  }
}

export interface Learning {
  passes: number;
  patience: number;
  batch: number;
  learningRate: number;
  optimizer: AdamW;
  deps: Pick<FitDeps, 'progress' | 'random' | 'checkpoints' | 'series'>;
}

/** The passes themselves, for any network and any choice of parameters. */
export async function learn(
  network: SegmentNetwork,
  source: SegmentSource,
  train: readonly LabelledSegment[],
  validation: readonly LabelledSegment[],
  classes: readonly string[],
  { passes, patience, batch, learningRate, optimizer, deps }: Learning,
): Promise<Trained> {
  const { progress, random, checkpoints, series } = deps;
  const numbers = classNumbers(train, classes);
  const weightOf = classWeights(numbers, classes.length);
  const groups = train.map(({ index }) => source.segments[index]!.group);
  const drawPass = (pass: number) => batchesWithinGroups(groups, batch, random.fork(`pass ${pass}`));
  const stepsPerPass = drawPass(0).length;
  const total = passes * stepsPerPass;
  let drawn = -1;
  let batches: number[][] = [];
  const lossOf = (logits: tf.Tensor2D, labels: Int32Array) =>
    crossEntropy(
      logits,
      labels,
      Float32Array.from(labels, (label) => weightOf[label]!),
    );
  return trainLoop({
    weights: network.weights,
    optimizer,
    schedule: warmUpCosine(learningRate, Math.round(warmUpShare * total), total),
    order: { stepsPerPass, at: (step) => Uint32Array.of(step) },
    passes,
    random: random.fork('steps'),
    async load(_, step) {
      if (Math.floor(step / stepsPerPass) !== drawn) {
        drawn = Math.floor(step / stepsPerPass);
        batches = drawPass(drawn);
      }
      const positions = batches[step % stepsPerPass]!;
      const input = await network.read(positions.map((at) => train[at]!.index));
      return { input, labels: Int32Array.from(positions, (at) => numbers[at]!) };
    },
    loss: ({ input, labels }, mode) => lossOf(input.logits(mode), labels),
    ...(validation.length > 0 && {
      evaluate: async (mode) => {
        const held = classNumbers(validation, classes);
        let sum = 0;
        const rows = validation.map(({ index }) => index);
        for (const part of partsWithinGroups(source, rows, predictedAtOnce)) {
          const input = await network.read(part.map((at) => rows[at]!));
          const labels = Int32Array.from(part, (at) => held[at]!);
          const [loss] = await readValues(() => lossOf(input.logits(mode), labels));
          sum += part.length * loss!;
        }
        return sum / rows.length;
      },
    }),
    constrain: () => {
      if (network.constrain()) optimizer.refresh();
    },
    patience,
    progress,
    ...(series !== undefined && { series }),
    ...(checkpoints && { checkpoints }),
  });
}

/**
 * Probabilities of a classifier from its file.
 *
 * @returns [rows.length, classes]
 */
export async function predictWith(
  spec: NetworkSpec,
  weights: Tensors,
  source: SegmentSource,
  rows: readonly number[],
  descriptions?: Descriptions,
): Promise<Float32Array> {
  // every weight is loaded and nothing is dropped out, so chance decides nothing here
  const random = createRandom(0);
  const network = createSegmentNetwork(spec, source, random, descriptions);
  try {
    network.weights.load(weights);
    const out = new Float32Array(rows.length * spec.config.classes);
    for (const part of partsWithinGroups(source, rows, predictedAtOnce)) {
      const input = await network.read(part.map((at) => rows[at]!));
      const values = await readValues(() => softmax(input.logits({ training: false, random })));
      const { classes } = spec.config;
      part.forEach((at, i) => out.set(values.subarray(i * classes, (i + 1) * classes), at * classes));
    }
    return out;
  } finally {
    network.weights.dispose();
  }
}

async function specFor(
  kind: NetworkSpec['kind'],
  source: SegmentSource,
  train: readonly LabelledSegment[],
  classes: number,
  pretrained: PretrainedArt | undefined,
): Promise<NetworkSpec> {
  const electrodes = unionOf(source, train);
  if (kind === 'art-gat') {
    const encoder = pretrained?.config ?? artConfig('demo', electrodes);
    return { kind, config: artGatConfig(encoder, classes) };
  }
  const groups = new Set(train.map(({ index }) => source.segments[index]!.group));
  const samples = eegnetSamples(source, groups);
  const scale = await electrodeScale(source, train, electrodes);
  return { kind, config: { electrodes, samples, classes, dropout: 0.25, scale } };
}
