/** Every labelled segment judged once by a classifier that did not learn from its fold; finished folds survive an interruption. */
import { AppError } from '#shared/errors.ts';
import type { LabelledSegment, SegmentSource } from '#shared/eeg/segment.ts';
import type { Checkpoint, JobEvent, Progress } from '#shared/jobs.ts';
import type { FinetuneParams } from '#shared/params/finetune.ts';
import type { Tensors } from '#shared/safetensors.ts';
import type { Curve } from '#shared/views.ts';
import { keepTrialsAside } from '../labelled-rows.ts';
import { throwIfCancelled } from '../trainer.ts';
import { emptyMemory, fitClassifier, type ClassifierKind, type FitDeps } from './finetune.ts';

/** Positions in the list of labelled segments. */
export interface Fold {
  train: readonly number[];
  test: readonly number[];
}

export interface CrossValidated {
  /** [labelled.length, classes]; NaN where no finished fold tests the segment. */
  probabilities: Float32Array;
  /** [labelled.length] fold that tested it, −1 for none. */
  foldOf: Int32Array;
  folds: FoldResult[];
  ended: 'done' | 'by-hand';
}

export interface FoldResult {
  train: number;
  /** Segments held out from the training side to decide when to stop. */
  validation: number;
  test: number;
  curves: Curve[];
}

/** Share of each class's training trials that decide when to stop. */
const validationShare = 0.15;

/**
 * Fits and tests fold by fold. Each fold keeps whole trials of its training side aside for stopping. Stopped by hand, the folds that
 * were finished are returned.
 *
 * @param folds from evaluation; no position may be in both sides of a fold or tested twice
 * @param deps  `checkpoints` keeps finished folds; the same arguments must come with it again
 * @throws AppError 'leak' | 'no-data' | 'cancelled' | 'diverged'
 */
export async function crossValidate(
  kind: ClassifierKind,
  source: SegmentSource,
  labelled: readonly LabelledSegment[],
  folds: readonly Fold[],
  classes: readonly string[],
  params: FinetuneParams,
  deps: FitDeps,
): Promise<CrossValidated> {
  checkFolds(folds);
  const { progress, random, checkpoints } = deps;
  const memory = deps.memory ?? emptyMemory();
  const saved = (await checkpoints?.load()) ?? { tensors: {}, state: {} };
  // written by this function; `as` says what it wrote
  const finished = ((saved.state['folds'] as FoldResult[] | undefined) ?? []).slice();
  const tensors: Tensors = { ...saved.tensors };
  let ended: CrossValidated['ended'] = 'done';
  for (let k = finished.length; k < folds.length; k++) {
    throwIfCancelled(progress);
    progress.report({ type: 'progress', done: k, total: folds.length, unit: 'folds' });
    const training = folds[k]!.train.map((at) => labelled[at]!);
    const { kept, aside } = keepTrialsAside(training, validationShare, random.fork(`validation ${k}`));
    const held = params.patience > 0 ? aside : [];
    const learned = params.patience > 0 ? kept : Array.from(training.keys());
    const fitted = await fitClassifier(
      kind,
      source,
      learned.map((at) => training[at]!),
      held.map((at) => training[at]!),
      classes,
      params,
      {
        ...deps,
        memory,
        checkpoints: undefined,
        random: random.fork(`fold ${k}`),
        progress: withinFold(progress, k, folds.length),
        series: `Loss, ${kind}, fold ${k + 1}`,
      },
    );
    if (fitted.ended === 'by-hand') {
      ended = 'by-hand';
      break;
    }
    const { test } = folds[k]!;
    const data = await fitted.predict(test.map((at) => labelled[at]!.index));
    tensors[`fold ${k}`] = { shape: [test.length, classes.length], data };
    finished.push({
      train: learned.length,
      validation: held.length,
      test: test.length,
      curves: fitted.curves,
    });
    const checkpoint: Checkpoint = { tensors, state: { folds: finished } };
    await checkpoints?.save(checkpoint);
  }
  if (finished.length === 0)
    throw new AppError(
      'cancelled',
      'Stopped before the first fold was finished, so there is nothing to keep.',
    );
  progress.report({ type: 'progress', done: finished.length, total: folds.length, unit: 'folds' });
  return {
    ...collect(labelled.length, classes.length, folds, finished.length, tensors),
    folds: finished,
    ended,
  };
}

function collect(
  rows: number,
  classes: number,
  folds: readonly Fold[],
  finished: number,
  tensors: Tensors,
): Pick<CrossValidated, 'probabilities' | 'foldOf'> {
  const probabilities = new Float32Array(rows * classes).fill(NaN);
  const foldOf = new Int32Array(rows).fill(-1);
  folds.slice(0, finished).forEach(({ test }, k) => {
    const { data } = tensors[`fold ${k}`]!;
    test.forEach((at, i) => {
      probabilities.set(data.subarray(i * classes, (i + 1) * classes), at * classes);
      foldOf[at] = k;
    });
  });
  return { probabilities, foldOf };
}

/** @throws AppError 'leak' when a fold tests what it learned from, 'invalid-input' when a position is tested twice */
function checkFolds(folds: readonly Fold[]): void {
  const tested = new Set<number>();
  folds.forEach(({ train, test }, k) => {
    const learned = new Set(train);
    if (test.some((at) => learned.has(at)))
      throw new AppError('leak', `Fold ${k + 1} tests segments that it learned from; cut the folds again.`);
    if (test.some((at) => tested.has(at)))
      throw new AppError('invalid-input', `Fold ${k + 1} tests segments that another fold tests too.`);
    test.forEach((at) => tested.add(at));
  });
}

/** A fold's steps become parts of a fold in the bar of the whole. */
function withinFold(progress: Progress, fold: number, folds: number): Progress {
  return {
    signal: progress.signal,
    stopRequested: () => progress.stopRequested(),
    report(event: JobEvent) {
      progress.report(
        event.type === 'progress'
          ? { type: 'progress', done: fold + event.done / event.total, total: folds, unit: 'folds' }
          : event,
      );
    },
  };
}
