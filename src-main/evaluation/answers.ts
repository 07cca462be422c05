/** The tested segments of an evaluation with their truth, probabilities and units, checked once. */
import type { LabelledSegment } from '#shared/eeg/segment.ts';
import { AppError } from '#shared/errors.ts';
import { answersOf } from './metrics.ts';
import type { Fold } from './splits.ts';

export interface Answers {
  /** Positions in the labelled list that were tested, ascending; length n. */
  positions: number[];
  /** Class positions, length n. */
  truth: Uint16Array;
  answers: Uint16Array;
  /** [n, classes]. */
  probabilities: Float32Array;
  subjects: string[];
  /** Position in `subjects` of each tested segment. */
  subjectOf: Uint32Array;
  trials: Trial[];
}

export interface Trial {
  name: string;
  subject: number;
  truth: number;
  /** Rows among the tested. */
  rows: number[];
  /** Class with the largest mean probability over the rows. */
  answer: number;
}

/**
 * @param probabilities [labelled.length, classes]; rows never tested may hold anything
 * @throws AppError 'invalid-input' for shapes, labels or probabilities that cannot be, 'no-data' when nothing was tested
 */
export function collectAnswers(
  labelled: readonly LabelledSegment[],
  classes: readonly string[],
  folds: readonly Fold[],
  probabilities: Float32Array,
): Answers {
  const k = classes.length;
  if (probabilities.length !== labelled.length * k)
    throw new AppError(
      'invalid-input',
      `${labelled.length} labelled segments and ${k} classes need ${labelled.length * k} probabilities, not ${probabilities.length}.`,
    );
  const times = new Uint8Array(labelled.length);
  for (const { test } of folds) for (const i of test) times[i]!++;
  if (times.some((n) => n > 1))
    throw new AppError('invalid-input', 'A segment is tested in two folds; plan the folds again.');
  const positions = [...labelled.keys()].filter((i) => times[i] === 1);
  if (positions.length === 0)
    throw new AppError('no-data', 'No segment was tested; choose folds that leave something to test.');
  const tested = new Float32Array(positions.length * k);
  positions.forEach((position, row) => {
    const mine = probabilities.subarray(position * k, (position + 1) * k);
    if (!mine.every((p) => p >= 0 && p <= 1 + 1e-4))
      throw new AppError(
        'invalid-input',
        `Segment ${labelled[position]!.index} has no valid probabilities (${mine.join(', ')}).`,
      );
    tested.set(mine, row * k);
  });
  const truth = Uint16Array.from(positions, (position) => {
    const at = classes.indexOf(labelled[position]!.label);
    if (at < 0)
      throw new AppError(
        'invalid-input',
        `The label “${labelled[position]!.label}” is none of ${classes.join(', ')}.`,
      );
    return at;
  });
  const subjects = [...new Set(positions.map((position) => labelled[position]!.subject))].sort();
  const subjectAt = new Map(subjects.map((name, at) => [name, at]));
  const subjectOf = Uint32Array.from(positions, (position) => subjectAt.get(labelled[position]!.subject)!);
  return {
    positions,
    truth,
    answers: answersOf(tested, k),
    probabilities: tested,
    subjects,
    subjectOf,
    trials: trialsOf(labelled, positions, truth, tested, subjectOf, k),
  };
}

function trialsOf(
  labelled: readonly LabelledSegment[],
  positions: readonly number[],
  truth: Uint16Array,
  probabilities: Float32Array,
  subjectOf: Uint32Array,
  k: number,
): Trial[] {
  // A named trial may change its label half-way: each label of it is then a unit of its own.
  const rowsByTrial = Map.groupBy(
    positions.keys(),
    (row) => `${labelled[positions[row]!]!.trial}\u0000${truth[row]}`,
  );
  return [...rowsByTrial].map(([key, rows]) => {
    const mean = new Float32Array(k);
    for (const row of rows) for (let c = 0; c < k; c++) mean[c]! += probabilities[row * k + c]! / rows.length;
    return {
      name: key.slice(0, key.indexOf('\u0000')),
      subject: subjectOf[rows[0]!]!,
      truth: truth[rows[0]!]!,
      rows,
      answer: answersOf(mean, k)[0]!,
    };
  });
}
