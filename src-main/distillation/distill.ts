/**
 * From descriptions to an order of segments: rejects the oddest, then farthest-first among the rest, per source data set, and
 * the same budget by chance and by descriptions that nothing was trained for (EEG-DLite, 2025).
 */
import { AppError } from '#shared/errors.ts';
import type { ChosenOrder, Distillate, DistilledGroup } from '#shared/eeg/distillate.ts';
import type { Segment, SegmentGroup, SegmentSource } from '#shared/eeg/segment.ts';
import type { Progress } from '#shared/jobs.ts';
import type { DistillParams } from '#shared/params/distill.ts';
import { createRandom, type Random } from '#shared/random.ts';
import { backToBackDistance } from './difference.ts';
import { judgeEmbeddings, judgeSubjects } from './health.ts';
import { cutOutliers } from './outliers/cut.ts';
import { explainRow, fitHbos } from './outliers/hbos.ts';
import { describeByPca, describeRaw, drawRandom } from './selection/baselines.ts';
import { kCenter, type KCenterResult } from './selection/k-center.ts';
import type { Parallel } from './selection/parallel.ts';

export type DistillChoices = Pick<
  DistillParams,
  'keep' | 'orderUpTo' | 'outliers' | 'outlierMode' | 'bins' | 'method' | 'compare' | 'seed'
>;

export interface DistillInput {
  group: SegmentGroup;
  /** The group's segments in row order. */
  segments: readonly Segment[];
  /** [group.count, dimensions], of the group's own description model. */
  embeddings: Float32Array;
  dimensions: number;
  /** Store indices that come first in the order and are never rejected: pins, protected labels, an earlier order. */
  pinned?: readonly number[];
}

export interface DistillTools {
  /** Where 'pca' and 'raw' read the signals; without it they are left out of the comparison. */
  source?: SegmentSource;
  parallel?: Parallel;
  progress: Progress;
  /** Told when each part of a group begins; the caller has the clock. */
  stage?: (name: DistillStage) => void;
}

export type DistillStage = 'outliers' | 'select' | 'compare';

const pcaComponents = 32;
/** Numbers a segment of the signal itself: fewer where there are so many segments that the table would not fit in 256 MB. */
const rawDimensions = 512;
const rawValues = 64e6;
const chanceRuns = 3;
const reasonsKept = 5;

/** @throws AppError 'no-data' when a share is less than one segment, 'invalid-input', 'cancelled' */
export async function distil(
  inputs: readonly DistillInput[],
  choices: DistillChoices,
  tools: DistillTools,
): Promise<Distillate> {
  const groups: DistilledGroup[] = [];
  for (const input of inputs) groups.push(await distilGroup(input, choices, tools));
  const { seed, keep, method } = choices;
  return { version: 1, seed, keep, orderUpTo: Math.max(keep, choices.orderUpTo), method, groups };
}

/** One source data set: chosen among its own segments only. */
export async function distilGroup(
  input: DistillInput,
  choices: DistillChoices,
  tools: DistillTools,
): Promise<DistilledGroup> {
  const { group, embeddings, dimensions, segments } = input;
  const { keep, method } = choices;
  const random = createRandom(choices.seed).fork(`distil/${group.name}`);
  requireWhole(input);
  const budget = Math.floor(keep * group.count + 1e-9);
  if (budget < 1)
    throw new AppError(
      'no-data',
      `${(100 * keep).toLocaleString('en')} % of the ${group.count} segments of ${group.name} is less than one; keep a larger share or leave this group out.`,
    );
  const pinned = [...new Set(input.pinned ?? [])].map((index) => index - group.first);
  if (pinned.length > budget)
    throw new AppError(
      'invalid-input',
      `${pinned.length} segments of ${group.name} are protected, but only ${budget} may be kept; keep a larger share or protect fewer.`,
    );
  tools.stage?.('outliers');
  const odd = rejectOdd(input, choices, pinned, tools.progress);
  const ordered = Math.min(
    Math.max(budget, Math.floor(choices.orderUpTo * group.count + 1e-9)),
    group.count - odd.rejected.length,
  );
  const run = { ...input, ...tools, pinned, excluded: odd.excluded, ordered, random };
  tools.stage?.('select');
  const chosen = await chooseBy(method === 'random' ? 'random-0' : method, run, true);
  const names = ['k-center', ...chanceNames(), 'pca', 'raw'].filter((name) => name !== chosen.name);
  tools.stage?.('compare');
  const others: ChosenOrder[] = [];
  for (const name of choices.compare && !tools.progress.stopRequested() ? names : []) {
    if ((name === 'pca' || name === 'raw') && !tools.source) continue;
    const { approaches: _, ...other } = await chooseBy(name, run, false);
    others.push(other);
  }
  const kept = Math.min(budget, chosen.order.length);
  const judged = judgeEmbeddings(embeddings, dimensions);
  const { approaches, ...order } = chosen;
  return {
    name: group.name,
    first: group.first,
    count: group.count,
    dimensions,
    kept,
    chosen: order,
    others,
    pinned: pinned.length,
    approaches,
    oddness: odd.oddness,
    rejected: odd.rejected,
    rareShare: odd.rareShare,
    unit: backToBackDistance(segments, embeddings, dimensions),
    effectiveRank: judged.effectiveRank,
    health: [
      ...odd.warnings.map((text) => ({ level: 'warning' as const, text })),
      ...judged.health,
      ...judgeSubjects(
        segments.map(({ subject }) => subject),
        Array.from(order.order.subarray(0, kept), (index) => index - group.first),
      ),
      ...judgeOrder(order, others, kept, budget),
    ],
  };
}

function chanceNames(): string[] {
  return Array.from({ length: chanceRuns }, (_, i) => `random-${i}`);
}

function requireWhole({ group, segments, embeddings, dimensions, pinned = [] }: DistillInput): void {
  if (embeddings.length !== group.count * dimensions || segments.length !== group.count)
    throw new AppError(
      'invalid-input',
      `${group.name} has ${group.count} segments, but ${segments.length} places and ${embeddings.length / dimensions} descriptions; describe it again.`,
    );
  const stray = pinned.find((index) => index < group.first || index >= group.first + group.count);
  if (stray !== undefined)
    throw new AppError('invalid-input', `Segment ${stray} is protected, but is not in ${group.name}.`);
}

function rejectOdd(input: DistillInput, choices: DistillChoices, pinned: number[], progress: Progress) {
  const { group, embeddings, dimensions } = input;
  const excluded = new Uint8Array(group.count);
  // one in ten thousand, or two segments where there are fewer than twenty thousand
  const rareShare = Math.max(1e-4, 2 / group.count);
  if (choices.outliers === 0)
    return { excluded, rejected: [], oddness: new Float32Array(), rareShare, warnings: [] };
  const { model, scores } = fitHbos(embeddings, dimensions, { bins: choices.bins, signal: progress.signal });
  const cut = cutOutliers(scores, choices.outliers, choices.outlierMode);
  const safe = new Set(pinned);
  const rejected = Array.from(cut.rows)
    .filter((row) => !safe.has(row))
    .map((row) => {
      excluded[row] = 1;
      const reasons = explainRow(model, embeddings.subarray(row * dimensions, (row + 1) * dimensions));
      return {
        index: group.first + row,
        score: scores[row]!,
        rareDimensions: reasons.filter(({ share }) => share <= rareShare).length,
        reasons: reasons.slice(0, reasonsKept),
      };
    });
  return { excluded, rejected, oddness: Float32Array.from(scores), rareShare, warnings: cut.warnings };
}

interface ChoiceRun extends DistillInput, DistillTools {
  pinned: number[];
  excluded: Uint8Array;
  ordered: number;
  random: Random;
}

const noApproaches = { start: new Uint32Array(), centre: new Int32Array(), distance: new Float32Array() };

type Covered = ChosenOrder & Pick<DistilledGroup, 'approaches'>;

/** Orders by one method and measures every beginning of its order in the latent space. */
async function chooseBy(name: string, run: ChoiceRun, history: boolean): Promise<Covered> {
  const { embeddings, dimensions, source, group, random, progress } = run;
  if (name === 'k-center')
    return covered(
      name,
      'k-center on what the description model learnt.',
      group,
      await farthestFirst(embeddings, dimensions, run, history),
    );
  if (name === 'pca' || name === 'raw') {
    if (!source) throw new AppError('invalid-input', `Choosing by ${name} needs the signals.`);
    const {
      features,
      dimensions: width,
      note,
    } = name === 'pca'
      ? await describeByPca(source, group, pcaComponents, random.fork('pca'), progress)
      : await describeRaw(source, group, Math.min(rawDimensions, rawValues / group.count), progress);
    const { centres } = await farthestFirst(features, width, run, false);
    return covered(name, note, group, await cover(run, centres, history));
  }
  const free = run.excluded.map((flag) => 1 - flag);
  for (const row of run.pinned) free[row] = 0;
  const drawn = drawRandom(free, run.ordered - run.pinned.length, random.fork(name));
  return covered(
    name,
    'Drawn by chance, none twice.',
    group,
    await cover(run, Int32Array.from([...run.pinned, ...drawn]), history),
  );
}

function farthestFirst(
  table: Float32Array,
  width: number,
  { pinned, excluded, ordered, random, parallel, progress }: ChoiceRun,
  history: boolean,
): Promise<KCenterResult> {
  let start = random.fork('start').below(excluded.length);
  while (excluded[start]) start = (start + 1) % excluded.length;
  return kCenter(table, width, {
    k: ordered - pinned.length,
    start,
    initial: pinned,
    excluded,
    everyRow: history,
    history,
    ...(parallel ? { parallel } : {}),
    progress,
  });
}

function cover(
  { embeddings, dimensions, excluded, parallel, progress }: ChoiceRun,
  order: Int32Array,
  history: boolean,
) {
  return kCenter(embeddings, dimensions, {
    k: 0,
    initial: order,
    excluded,
    everyRow: history,
    history,
    ...(parallel ? { parallel } : {}),
    progress,
  });
}

function covered(name: string, note: string, group: SegmentGroup, result: KCenterResult): Covered {
  return {
    name,
    note,
    order: result.centres.map((row) => row + group.first),
    coverage: Float32Array.from(result.radius),
    approaches: result.approaches ?? noApproaches,
  };
}

function judgeOrder(chosen: ChosenOrder, others: ChosenOrder[], kept: number, budget: number) {
  const notes: DistilledGroup['health'] = [];
  if (kept < budget)
    notes.push({
      level: 'warning',
      text: `Only ${kept} of ${budget} were chosen: every other segment has the same description as a chosen one, or choosing was stopped.`,
    });
  const chance = others.filter(({ name, order }) => name.startsWith('random-') && order.length >= kept);
  if (chance.length > 0 && kept > 0) {
    const mean = chance.reduce((sum, { coverage }) => sum + coverage[kept - 1]!, 0) / chance.length;
    if (chosen.coverage[kept - 1]! > mean)
      notes.push({
        level: 'warning',
        text: 'The farthest left-out segment is represented worse than by chance. Choose by k-center, or look at the first kept segments for artefacts.',
      });
  }
  return notes;
}
