/** Pre-training of "One Model for All", stage 1: two augmented views of one channel of one window must find each other. */
import * as tf from '@tensorflow/tfjs-core';
import { AppError } from '#shared/errors.ts';
import type { SegmentSource } from '#shared/eeg/segment.ts';
import type { CheckpointStore, Progress } from '#shared/jobs.ts';
import type { PretrainParams } from '#shared/params/pretrain.ts';
import type { Random } from '#shared/random.ts';
import type { Tensors } from '#shared/safetensors.ts';
import type { Curve } from '#shared/views.ts';
import { artConfig, createArt, createProjection, type ArtConfig } from '#main/models/art.ts';
import type { Mode } from '#main/models/layers/layer.ts';
import { readValues } from '#main/models/read-values.ts';
import { Weights, type WeightReport } from '#main/models/weights.ts';
import { readViews, type ChannelViews } from '../channel-views.ts';
import { drawChannelBatches, type ChannelBatch } from '../channel-samples.ts';
import { keepingAlso } from '../checkpoint-extras.ts';
import { toCurves } from '../curves.ts';
import { effectiveRank } from '../effective-rank.ts';
import { holdOutSubjects } from '../held-out-subjects.ts';
import { matchViews, ntXent } from '../losses/nt-xent.ts';
import { AdamW } from '../optimizer.ts';
import { warmUpCosine } from '../schedule.ts';
import { trainLoop, type CurvePoint, type Trained } from '../trainer.ts';

/** A network that can be built again. */
export interface PretrainedArt {
  config: ArtConfig;
  /** `encoder.*`, which later steps use, and `projection.*`, only for going on. */
  weights: Tensors;
}

export interface PretrainDeps {
  progress: Progress;
  checkpoints?: CheckpointStore;
  random: Random;
  /** Electrodes that get an embedding of their own; those of the source when not given. */
  vocabulary?: readonly string[];
  /** Starts from this encoder; its size and vocabulary then hold. */
  parent?: PretrainedArt;
}

export interface Matching {
  loss: number;
  /** Share of views that find their twin. */
  matching: number;
}

export interface PretrainResult extends PretrainedArt {
  curves: Curve[];
  /** On subjects kept aside; null when there were too few. `untrained`: the same network before its first step. */
  heldOut: (Matching & { subjects: string[]; samples: number; chance: number; untrained: Matching }) | null;
  /** Trained values of the encoder. */
  parameters: number;
  steps: number;
  passes: number;
  ended: Trained['ended'];
  report: WeightReport | null;
  health: PretrainHealth;
}

export interface PretrainHealth {
  /** Directions in use, of `dimensions`; see `effective-rank.ts`. */
  effectiveRank: number;
  dimensions: number;
  lines: { level: 'ok' | 'warning' | 'error'; text: string }[];
}

/** Single channels on which progress is measured, at most. */
const heldOutSamples = 256;
const clip = 5;

/**
 * Learns to describe single channels without labels.
 *
 * @param indices segments to learn from, usually a distilled subset
 * @throws AppError 'no-data' | 'cancelled' | 'diverged'
 */
export async function pretrainArt(
  source: SegmentSource,
  indices: ArrayLike<number>,
  params: PretrainParams,
  { progress, checkpoints, random, vocabulary = electrodesOf(source), parent }: PretrainDeps,
): Promise<PretrainResult> {
  const split = holdOutSubjects(source, indices, params.holdOut, random.fork('subjects'));
  const draw = (rows: number[], samples: number, name: string) =>
    drawChannelBatches(source, rows, samples, params.batch, random.fork(name));
  const stepsPerPass = draw(split.training, params.samplesPerPass, 'pass 0').length;
  if (stepsPerPass === 0)
    throw new AppError(
      'no-data',
      'There are fewer than four segments of one kind to learn from; choose more segments.',
    );
  const checks = draw(split.heldOut, heldOutSamples, 'held-out');
  if (checks.length === 0)
    progress.report({
      type: 'note',
      level: 'warning',
      text: 'Nothing is held out: that takes two subjects and four segments. Whether it learned something general cannot be told.',
    });

  const config = parent?.config ?? artConfig(params.preset, vocabulary);
  const weights = new Weights(random.fork('weights'));
  try {
    const encoder = weights.scope('encoder');
    const art = createArt(encoder, config);
    const project = createProjection(weights.scope('projection'), config);
    const report = parent ? encoder.load(parent.weights, { strict: false }) : null;
    const network: Network = { encode: art.encode, project: (h, mode) => project(h, mode) as tf.Tensor2D };
    const measure = () => checkViews(source, checks, network, params.temperature, random);
    const untrained = checks.length > 0 ? await measure() : null;

    const matching: CurvePoint[] = [];
    const total = Math.min(params.passes * stepsPerPass, params.steps || Infinity);
    const note = (x: number, value: number) => {
      matching.push({ split: 'held-out', x, value });
      progress.report({ type: 'metric', series: 'Matching', split: 'held-out', x, value });
    };
    using optimizer = new AdamW(weights.trainable(), { weightDecay: params.weightDecay, clip });
    const trained = await trainLoop<ChannelViews>({
      weights,
      optimizer,
      schedule: warmUpCosine(params.learningRate, Math.round(params.warmUp * total), total),
      order: { stepsPerPass, at: (step) => Uint32Array.of(step) },
      passes: params.passes,
      maxSteps: params.steps,
      random: random.fork('steps'),
      load: batchLoader(source, stepsPerPass, random, (pass) =>
        draw(split.training, params.samplesPerPass, `pass ${pass}`),
      ),
      loss: (views, mode) =>
        ntXent(network.project(art.encode(views, mode), mode), views.windows, params.temperature),
      ...(untrained && {
        evaluate: async () => {
          const found = await measure();
          note(Math.min(matching.length + 1, total / stepsPerPass), found.matching);
          return found.loss;
        },
      }),
      patience: params.patience,
      progress,
      ...(checkpoints && {
        checkpoints: keepingAlso(
          checkpoints,
          'matching',
          () => [...matching],
          (kept) => kept.forEach(({ x, value }) => note(x, value)),
        ),
      }),
    });

    const sample = checks.length > 0 ? checks : draw(split.training, params.batch, 'rank');
    const final = await checkViews(source, sample, network, params.temperature, random);
    const heldOut = untrained && {
      loss: final.loss,
      matching: final.matching,
      subjects: split.subjects,
      samples: final.samples,
      chance: final.chance,
      untrained: { loss: untrained.loss, matching: untrained.matching },
    };
    const rank = effectiveRank(final.embeddings, config.width);
    return {
      config,
      weights: await weights.save(),
      curves: [...toCurves('Loss', trained.history), ...toCurves('Matching', matching)],
      heldOut,
      parameters: encoder.count(),
      steps: trained.steps,
      passes: trained.passes,
      ended: trained.ended,
      report,
      health: {
        effectiveRank: rank,
        dimensions: config.width,
        lines: healthInWords(rank, config.width, heldOut),
      },
    };
  } finally {
    weights.dispose();
  }
}

interface Network {
  encode(views: ChannelViews, mode: Mode): tf.Tensor2D;
  project(described: tf.Tensor2D, mode: Mode): tf.Tensor2D;
}

/** Loss and matching over fixed batches with fixed views, the same ones at every call. */
async function checkViews(
  source: SegmentSource,
  batches: ChannelBatch[],
  { encode, project }: Network,
  temperature: number,
  random: Random,
) {
  const sum = { loss: 0, matching: 0, chance: 0, samples: 0 };
  const embeddings: number[] = [];
  for (const [at, batch] of batches.entries()) {
    const views = await readViews(source, batch, random.fork(`held-out views ${at}`));
    const mode: Mode = { training: false, random };
    const h = tf.tidy(() => encode(views, mode));
    const [described, projected] = await Promise.all([
      readValues(() => tf.clone(h)),
      readValues(() => project(h, mode)),
    ]);
    h.dispose();
    for (const value of described) embeddings.push(value);
    const n = batch.segments.length;
    const found = matchViews(projected, batch.segments, temperature);
    sum.loss += n * found.loss;
    sum.matching += n * found.matching;
    sum.chance += n / (2 * n - 1);
    sum.samples += n;
  }
  const { samples } = sum;
  return {
    loss: sum.loss / samples,
    matching: sum.matching / samples,
    chance: sum.chance / samples,
    samples,
    embeddings: Float32Array.from(embeddings),
  };
}

/** Any step's batch, drawn again from the pass's own fork: a resumed run needs no replay. */
function batchLoader(
  source: SegmentSource,
  stepsPerPass: number,
  random: Random,
  drawPass: (pass: number) => ChannelBatch[],
) {
  let pass = -1;
  let batches: ChannelBatch[] = [];
  return (_: Uint32Array, step: number): Promise<ChannelViews> => {
    if (Math.floor(step / stepsPerPass) !== pass) {
      pass = Math.floor(step / stepsPerPass);
      batches = drawPass(pass);
    }
    return readViews(source, batches[step % stepsPerPass]!, random.fork(`views ${step}`));
  };
}

function healthInWords(
  rank: number,
  dimensions: number,
  heldOut: PretrainResult['heldOut'],
): PretrainHealth['lines'] {
  const lines: PretrainHealth['lines'] = [
    rank < 2
      ? {
          level: 'error',
          text: `Collapsed: gives nearly one answer (${rank.toFixed(1)} of ${dimensions} directions).`,
        }
      : {
          level: rank < dimensions / 16 ? 'warning' : 'ok',
          text: `Uses ${rank.toFixed(1)} of ${dimensions} directions.`,
        },
  ];
  if (heldOut) {
    const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
    const better = heldOut.loss < heldOut.untrained.loss;
    lines.push({
      level: better ? 'ok' : 'error',
      text: `${better ? '' : 'Worse than an untrained network. '}Finds the twin of ${percent(heldOut.matching)} of held-out views; untrained ${percent(heldOut.untrained.matching)}, by guessing ${percent(heldOut.chance)}.`,
    });
  }
  return lines;
}

/** Every electrode of the source, in order of first appearance. */
export function electrodesOf(source: SegmentSource): string[] {
  return [...new Set(source.groups.flatMap(({ electrodes }) => electrodes))];
}
