/** Trains the compressor of one source data set: without labels, subjects held out, as large and as long as the preset says. */
import { AppError } from '#shared/errors.ts';
import type { CheckpointStore, Progress } from '#shared/jobs.ts';
import type { DistillParams } from '#shared/params/distill.ts';
import type { Random } from '#shared/random.ts';
import type { Tensors } from '#shared/safetensors.ts';
import type { SegmentGroup, SegmentSource } from '#shared/eeg/segment.ts';
import {
  compressorSizes,
  createCompressor,
  type Compressor,
  type CompressorConfig,
} from '#main/models/compressor.ts';
import type { Mode } from '#main/models/layers/layer.ts';
import { createViewReader, viewTensors, type ViewArrays } from '#main/models/view-reader.ts';
import { readValues } from '#main/models/read-values.ts';
import { Weights } from '#main/models/weights.ts';
import { shuffledBatches } from '../batches.ts';
import { AdamW } from '../optimizer.ts';
import { halving } from '../schedule.ts';
import type { Team } from '../team.ts';
import { trainLoop, type Trained } from '../trainer.ts';

export type CompressorParams = Pick<
  DistillParams,
  'preset' | 'passes' | 'learnFrom' | 'logMagnitude' | 'idc'
>;

/** All that must be known besides the weights to describe segments again; plain JSON. */
export interface CompressorDescription {
  config: CompressorConfig;
  electrodes: string[];
  sfreqHz: number;
  samples: number;
  logMagnitude: boolean;
}

export interface CompressorModel {
  description: CompressorDescription;
  weights: Weights;
  network: Compressor;
}

export interface TrainedCompressor extends CompressorModel {
  trained: Trained;
  /** Segments learned from, segments and subjects of the held-out curve. */
  learnedFrom: number;
  heldOut: number;
  heldOutSubjects: string[];
}

interface Course {
  passes: number;
  batch: number;
  /** Passes between two halvings of the learning rate. */
  halveEvery: number;
  /** Segments at most. */
  learnFrom: number;
}

const courses: Record<CompressorParams['preset'], Course> = {
  demo: { passes: 8, batch: 128, halveEvery: 3, learnFrom: 5000 },
  balanced: { passes: 20, batch: 128, halveEvery: 5, learnFrom: 20_000 },
  paper: { passes: 50, batch: 512, halveEvery: 10, learnFrom: Infinity },
};
const learningRate = 1e-3;
const clip = 5;
const beta = 1e-4;
const heldOutShare = 0.1;
/** Segments per evaluation batch; each counts alone there. */
const checkAtOnce = 128;
/** Enough for a steady curve. */
const heldOutAtMost = 512;
/** Segments computed at once: values of a batch's views beyond this would not fit the 32-bit memory of the wasm engine. */
const valuesAtOnce = 16e6;

/**
 * @throws AppError 'no-data' for fewer than two segments, and what `trainLoop` throws
 */
export async function trainCompressor(
  source: SegmentSource,
  group: SegmentGroup,
  params: CompressorParams,
  deps: { random: Random; progress: Progress; checkpoints?: CheckpointStore; team?: Team },
): Promise<TrainedCompressor> {
  const { random, progress } = deps;
  const course = courses[params.preset];
  const passes = params.passes || course.passes;
  const choice = chooseRows(source, group, params.learnFrom || course.learnFrom, random.fork('choice'));
  const { learning, checking, heldOutSubjects } = choice;
  if (learning.length < 2)
    throw new AppError(
      'no-data',
      `${group.name} has too few segments to learn from (${learning.length}); prepare more recordings.`,
    );
  const used = Math.floor(group.samples / 10) * 10;
  const note = (text: string) => progress.report({ type: 'note', level: 'info', text });
  if (used < group.samples)
    note(
      `Segments of ${group.name} have ${group.samples} samples; the first ${used} are described, a multiple of ten.`,
    );
  note(
    checking.length > 0
      ? `Learns from ${learning.length} segments; ${heldOutSubjects.length} subjects with ${checking.length} segments are held out to check.`
      : `Learns from ${learning.length} segments; fewer than three subjects, so none is held out to check.`,
  );

  const model = buildCompressor(
    {
      config: { channels: group.electrodes.length, patch: used / 10, ...compressorSizes[params.preset] },
      electrodes: group.electrodes,
      sfreqHz: group.sfreqHz,
      samples: group.samples,
      logMagnitude: params.logMagnitude,
    },
    random.fork('weights'),
  );
  const { weights, network } = model;
  const reader = createViewReader(source, group, {
    logMagnitude: params.logMagnitude,
    repeated: [...learning, ...checking],
  });
  const order = shuffledBatches(learning, course.batch, random.fork('order'));

  async function checkHeldOut(mode: Mode): Promise<number> {
    let sum = 0;
    for (let from = 0; from < checking.length; from += checkAtOnce) {
      const rows = checking.slice(from, from + checkAtOnce);
      const arrays = await reader.read(rows);
      const [error] = await readValues(() =>
        network.loss(viewTensors(arrays, rows.length), mode, { beta: 0, idc: params.idc }),
      );
      sum += error! * rows.length;
    }
    return sum / checking.length;
  }

  let trained: Trained;
  try {
    using optimizer = new AdamW(weights.trainable(), { clip });
    trained = await trainLoop({
      weights,
      optimizer,
      schedule: halving(learningRate, course.halveEvery * order.stepsPerPass),
      order,
      passes,
      random: random.fork('steps'),
      load: async (rows) => ({ arrays: await reader.read(rows), count: rows.length }),
      pieces: ({ arrays, count }, atLeast) =>
        cut(arrays, count, Math.max(2, Math.floor(valuesAtOnce / reader.views.size)), atLeast),
      loss: ({ arrays, count }, mode) =>
        network.loss(viewTensors(arrays, count), mode, { beta, idc: params.idc }),
      ...(checking.length > 0 ? { evaluate: checkHeldOut } : {}),
      series: 'Reconstruction error',
      progress,
      ...(deps.team ? { team: deps.team } : {}),
      ...(deps.checkpoints ? { checkpoints: deps.checkpoints } : {}),
      checkpointEvery: 100,
    });
  } catch (error) {
    weights.dispose();
    throw error;
  }
  return { ...model, trained, learnedFrom: learning.length, heldOut: checking.length, heldOutSubjects };
}

/** Pieces of equal size, as far as it divides, of at most `atOnce` segments; as many as asked for where each has two. */
function cut(arrays: ViewArrays, count: number, atOnce: number, atLeast: number) {
  const pieces = Math.max(Math.ceil(count / atOnce), Math.min(atLeast, Math.floor(count / 2)));
  return Array.from({ length: pieces }, (_, i) => {
    const from = Math.floor((i * count) / pieces);
    const to = Math.floor(((i + 1) * count) / pieces);
    const take = (values: Float32Array) =>
      values.subarray((from * values.length) / count, (to * values.length) / count);
    const part: ViewArrays = [take(arrays[0]), take(arrays[1]), take(arrays[2])];
    return { part: { arrays: part, count: to - from }, share: (to - from) / count };
  });
}

/** The network with first values; `loadCompressor` gives it trained ones. */
export function buildCompressor(description: CompressorDescription, random: Random): CompressorModel {
  const weights = new Weights(random);
  return { description, weights, network: createCompressor(weights, description.config) };
}

/** @throws AppError 'invalid-input' when weights and description do not belong together */
export function loadCompressor(
  description: CompressorDescription,
  tensors: Tensors,
  random: Random,
): CompressorModel {
  const model = buildCompressor(description, random);
  model.weights.load(tensors);
  return model;
}

/** Rows to learn from and rows of held-out subjects, each drawn evenly by subject. */
function chooseRows(source: SegmentSource, group: SegmentGroup, learnFrom: number, random: Random) {
  const own = source.segments.slice(group.first, group.first + group.count);
  const bySubject = Map.groupBy(own, ({ subject }) => subject);
  const subjects = [...bySubject.keys()].sort();
  const shuffled = Array.from(random.permutation(subjects.length), (i) => subjects[i]!);
  const heldOutCount = subjects.length < 3 ? 0 : Math.max(1, Math.round(subjects.length * heldOutShare));
  const heldOutSubjects = shuffled.slice(0, heldOutCount);
  const rowsOf = (chosen: string[], limit: number) =>
    drawEvenly(
      chosen.map((subject) => bySubject.get(subject)!.map(({ index }) => index)),
      limit,
      random,
    );
  return {
    learning: rowsOf(shuffled.slice(heldOutCount), learnFrom),
    checking: rowsOf(heldOutSubjects, heldOutAtMost),
    heldOutSubjects,
  };
}

/** Takes from each list in turn, in random order within a list, until `limit`; sorted. */
function drawEvenly(lists: number[][], limit: number, random: Random): number[] {
  const waiting = lists.map((list) => Array.from(random.permutation(list.length), (i) => list[i]!));
  const taken: number[] = [];
  for (let turn = 0; taken.length < limit && waiting.some((list) => turn < list.length); turn++)
    for (const list of waiting) if (turn < list.length && taken.length < limit) taken.push(list[turn]!);
  return taken.sort((a, b) => a - b);
}
