/** Fits a classifier to one person with a few labelled minutes, and tells on that person's other trials what each minute brings. */
import { AppError } from '#shared/errors.ts';
import type { LabelledSegment, SegmentSource } from '#shared/eeg/segment.ts';
import type { CheckpointStore, Progress } from '#shared/jobs.ts';
import type { CalibrateParams } from '#shared/params/finetune.ts';
import type { Random } from '#shared/random.ts';
import type { Tensors } from '#shared/safetensors.ts';
import { createSegmentNetwork, type Descriptions, type NetworkSpec } from '#main/models/segment-network.ts';
import type { Parameter } from '#main/models/weights.ts';
import { keepTrialsAside } from '../labelled-rows.ts';
import { AdamW } from '../optimizer.ts';
import { throwIfCancelled } from '../trainer.ts';
import { learn, predictWith, type FittedClassifier } from './finetune.ts';

export interface CalibrateDeps {
  progress: Progress;
  random: Random;
  /** Keeps finished points of the curve; the same arguments must come with it again. */
  checkpoints?: CheckpointStore;
}

export interface CalibrationPoint {
  /** Asked for. */
  minutes: number;
  /** Labelled minutes really used, mean over the draws; less when the person has no more. */
  used: number;
  /** Share of right answers on the trials left for testing, one per draw. */
  accuracies: number[];
  /** Segments tested, and the independent trials they come from, one per draw. */
  tested: number[];
  testedTrials: number[];
}

export interface Calibrated {
  points: CalibrationPoint[];
  /** Learned from up to `minutes` of all trials, none left for testing; for use, not for judging. Stopped by hand: the base's own. */
  weights: Tensors;
  spec: NetworkSpec;
  classes: string[];
  /** Minutes in `weights`. */
  used: number;
  ended: 'done' | 'by-hand';
}

/** Share of each class's trials left for testing in every draw. */
const testShare = 0.4;
const weightDecay = 1e-2;

/**
 * The curve of right answers over labelled minutes, and the weights fitted with all of them.
 *
 * In each draw other whole trials are left for testing and the rest is labelled in another order, class by class in turn; the minutes
 * of one draw are nested, so its curve shows what more labels add. Minute 0 is the base itself.
 *
 * @param base     learned without this subject
 * @param labelled the subject's segments
 * @throws AppError 'leak' when the base knows the subject, 'no-data' when fewer than two classes have two trials each,
 *         'unsupported' for the band-power baseline, 'cancelled'
 */
export async function calibrateSubject(
  base: Pick<FittedClassifier, 'spec' | 'weights' | 'classes' | 'subjects'>,
  source: SegmentSource,
  labelled: readonly LabelledSegment[],
  params: CalibrateParams,
  { progress, random, checkpoints }: CalibrateDeps,
): Promise<Calibrated> {
  const { spec, classes } = base;
  if (spec.kind === 'band-power-lda')
    throw new AppError(
      'unsupported',
      'Band power with LDA cannot be adapted to a subject; choose a network as model.',
    );
  checkSubject(base.subjects, labelled, params.subject);
  const descriptions: Descriptions = new Map();
  const fit = (own: readonly LabelledSegment[], name: string) =>
    adapt(spec, base.weights, source, own, classes, params, descriptions, {
      progress,
      random: random.fork(name),
    });

  // written below; `as` says what was written
  const points = (
    ((await checkpoints?.load())?.state['points'] as CalibrationPoint[] | undefined) ?? []
  ).slice();
  let ended: Calibrated['ended'] = 'done';
  for (let step = points.length; step <= params.points; step++) {
    const minutes = (params.minutes * step) / params.points;
    const point: CalibrationPoint = { minutes, used: 0, accuracies: [], tested: [], testedTrials: [] };
    for (let draw = 0; draw < params.draws; draw++) {
      throwIfCancelled(progress);
      const chance = random.fork(`draw ${draw}`);
      const { kept, aside } = keepTrialsAside(labelled, testShare, chance);
      const pool = inTurn(
        kept.map((at) => labelled[at]!),
        chance,
      );
      const own = firstMinutes(source, pool, minutes);
      const weights = own.length === 0 ? base.weights : await fit(own, `point ${step} draw ${draw}`);
      // a fit that was cut short tells nothing
      if (progress.stopRequested()) ended = 'by-hand';
      if (ended === 'by-hand') break;
      const test = aside.map((at) => labelled[at]!);
      point.accuracies.push(await accuracyOf(spec, weights, source, test, classes));
      point.tested.push(test.length);
      point.testedTrials.push(new Set(test.map(({ trial }) => trial)).size);
      point.used += minutesOf(source, own) / params.draws;
      progress.report({
        type: 'progress',
        done: step * params.draws + draw + 1,
        total: (params.points + 1) * params.draws,
        unit: 'fits',
      });
    }
    if (ended === 'by-hand') break;
    points.push(point);
    const mean = point.accuracies.reduce((sum, value) => sum + value, 0) / params.draws;
    progress.report({
      type: 'metric',
      series: 'Right answers',
      split: 'held-out',
      x: point.used,
      value: mean,
    });
    await checkpoints?.save({ tensors: {}, state: { points } });
  }
  const all = firstMinutes(source, inTurn(labelled, random.fork('final order')), params.minutes);
  const weights = all.length === 0 || ended === 'by-hand' ? base.weights : await fit(all, 'final');
  const used = weights === base.weights ? 0 : minutesOf(source, all);
  return { points, weights, spec, classes, used, ended };
}

/** A few passes over the subject's own segments, from the base's weights, of the chosen parameters only. */
async function adapt(
  spec: NetworkSpec,
  base: Tensors,
  source: SegmentSource,
  own: readonly LabelledSegment[],
  classes: readonly string[],
  params: CalibrateParams,
  descriptions: Descriptions,
  { progress, random }: { progress: Progress; random: Random },
): Promise<Tensors> {
  const frozen = spec.kind === 'art-gat' && params.train === 'head';
  const network = createSegmentNetwork(spec, source, random, frozen ? descriptions : undefined);
  try {
    network.weights.load(base);
    const chosen = network.weights.trainable().filter((parameter) => isChosen(parameter, params.train));
    using optimizer = new AdamW(chosen, { weightDecay, clip: 5 });
    await learn(network, source, own, [], classes, {
      passes: params.passes,
      patience: 0,
      batch: Math.max(4, Math.ceil(own.length / 8)),
      learningRate: params.learningRate,
      optimizer,
      deps: { progress: quietly(progress), random },
    });
    return await network.weights.save();
  } finally {
    network.weights.dispose();
  }
}

/** Head: the last linear layer. Norms: every gain and its bias besides. */
function isChosen({ name }: Parameter, train: CalibrateParams['train']): boolean {
  const isHead = /(^|\.)classifier\.(weight|bias)$/.test(name);
  const isNorm = /(^|\.)(norm\d*|entry|exit)\.(gain|bias)$/.test(name);
  return train === 'everything' || isHead || (train === 'head-and-norm' && isNorm);
}

/** Segments so that classes take turns, each class's trials in random order and their segments in order of time. */
function inTurn(labelled: readonly LabelledSegment[], random: Random): LabelledSegment[] {
  const queues = [...Map.groupBy(labelled, ({ label }) => label).entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, own]) => {
      const trials = [...Map.groupBy(own, ({ trial }) => trial).values()];
      return Array.from(random.permutation(trials.length)).flatMap((at) => trials[at]!);
    });
  const longest = Math.max(0, ...queues.map((queue) => queue.length));
  return Array.from({ length: longest }, (_, i) => queues.flatMap((queue) => queue[i] ?? [])).flat();
}

function firstMinutes(
  source: SegmentSource,
  pool: readonly LabelledSegment[],
  minutes: number,
): LabelledSegment[] {
  let left = minutes * 60 + 1e-6;
  return pool.filter(({ index }) => (left -= source.segments[index]!.durationS) >= 0);
}

function minutesOf(source: SegmentSource, labelled: readonly LabelledSegment[]): number {
  return labelled.reduce((sum, { index }) => sum + source.segments[index]!.durationS, 0) / 60;
}

async function accuracyOf(
  spec: NetworkSpec,
  weights: Tensors,
  source: SegmentSource,
  test: readonly LabelledSegment[],
  classes: readonly string[],
): Promise<number> {
  const rows = test.map(({ index }) => index);
  const probabilities = await predictWith(spec, weights, source, rows);
  const right = test.filter(({ label }, i) => {
    const row = probabilities.subarray(i * classes.length, (i + 1) * classes.length);
    return classes[row.indexOf(Math.max(...row))] === label;
  });
  return right.length / test.length;
}

/** @throws AppError 'leak' | 'invalid-input' | 'no-data' */
function checkSubject(known: readonly string[], labelled: readonly LabelledSegment[], subject: string): void {
  if (known.includes(subject))
    throw new AppError(
      'leak',
      `The model already learned from ${subject}; fit it again without that subject first.`,
    );
  const stranger = labelled.find((segment) => segment.subject !== subject);
  if (stranger)
    throw new AppError(
      'invalid-input',
      `Segment ${stranger.index} belongs to ${stranger.subject}, not ${subject}.`,
    );
  const trials = Map.groupBy(labelled, ({ label }) => label);
  const enough = [...trials.values()].filter((own) => new Set(own.map(({ trial }) => trial)).size >= 2);
  if (enough.length < 2)
    throw new AppError(
      'no-data',
      `${subject} needs two labelled trials in at least two classes: one to learn from and one to test on.`,
    );
}

/** The fits' own steps and losses stay inside; cancelling and stopping reach in. */
function quietly(progress: Progress): Progress {
  return { signal: progress.signal, stopRequested: () => progress.stopRequested(), report: () => undefined };
}
