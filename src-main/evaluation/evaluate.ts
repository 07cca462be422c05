/** From probabilities to an honest report: measures with intervals, chance, every subject, what leaked. */
import type { LabelledSegment, Segment } from '#shared/eeg/segment.ts';
import {
  confusionMatrix,
  metricNames,
  type Estimate,
  type EvaluationReport,
  type MetricName,
  type SubjectScore,
} from '#shared/metrics.ts';
import type { SplitName } from '#shared/params/finetune.ts';
import type { Random } from '#shared/random.ts';
import { collectAnswers, type Answers } from './answers.ts';
import { drawUnits, percentileInterval } from './bootstrap.ts';
import { chanceLevel } from './chance.ts';
import { findLeaks } from './leaks.ts';
import { prepareAuroc, reliability, scoreMatrix } from './metrics.ts';
import { windowCaution, type Fold } from './splits.ts';

export interface EvaluationInput {
  labelled: readonly LabelledSegment[];
  classes: readonly string[];
  folds: readonly Fold[];
  /** [labelled.length, classes]: each tested row by the model that did not train on it. */
  probabilities: Float32Array;
  split: SplitName;
  random: Random;
  /** All segments of the store: with them, shared time is looked for. */
  segments: readonly Segment[];
  hashes?: Readonly<Record<string, string>>;
  aliases?: Readonly<Record<string, string>>;
  draws?: number;
}

export const bootstrapDraws = 2000;
const level = 0.95;
const fewUnits = 8;

/** Measures the tested segments. Intervals are percentiles over subjects drawn again, or over trials when there is one subject. */
export function evaluate(input: EvaluationInput): EvaluationReport {
  const { classes, split, draws = bootstrapDraws } = input;
  const k = classes.length;
  const answers = collectAnswers(input.labelled, classes, input.folds, input.probabilities);
  const { unit, count, unitOf } = unitsOf(answers);
  const score = prepareScore(answers, k, unitOf, count);
  const whole = score(new Uint32Array(count).fill(1));
  const drawn =
    unit === 'none' ? [] : drawUnits(count, draws, input.random.fork('evaluation bootstrap')).map(score);
  const estimate = (name: MetricName | 'trialAccuracy'): Estimate => ({
    value: whole[name],
    ...percentileInterval(
      drawn.map((values) => values[name]),
      level,
    ),
  });
  const chance = chanceLevel(
    answers.trials.map(({ truth }) => truth),
    k,
  );
  const perSubject = subjectScores(answers, k);
  const worst = perSubject.slice(0, Math.max(1, Math.ceil(perSubject.length / 5)));
  return {
    classes: [...classes],
    split,
    folds: input.folds.length,
    segments: answers.positions.length,
    trials: answers.trials.length,
    subjects: answers.subjects.length,
    metrics: Object.fromEntries(metricNames.map((name) => [name, estimate(name)])) as Record<
      MetricName,
      Estimate
    >,
    trialAccuracy: estimate('trialAccuracy'),
    interval: { unit, draws: unit === 'none' ? 0 : draws, level },
    chance,
    perSubject,
    worstFifth: {
      subjects: worst.map(({ subject }) => subject),
      accuracy: worst.reduce((sum, { accuracy }) => sum + accuracy, 0) / worst.length,
    },
    confusion: confusionMatrix(answers.truth, answers.answers, k),
    reliability: reliability(answers.truth, answers.probabilities, k),
    leaks: findLeaks(input),
    caution: split === 'window' ? windowCaution : '',
    notes: notesOf(answers, classes, unit, count),
  };
}

/** What an interval draws again: subjects, else trials, else nothing. */
export function unitsOf(answers: Answers): {
  unit: 'subject' | 'trial' | 'none';
  count: number;
  unitOf: Uint32Array;
} {
  if (answers.subjects.length > 1)
    return { unit: 'subject', count: answers.subjects.length, unitOf: answers.subjectOf };
  const unitOf = new Uint32Array(answers.positions.length);
  answers.trials.forEach(({ rows }, trial) => rows.forEach((row) => (unitOf[row] = trial)));
  return { unit: answers.trials.length > 1 ? 'trial' : 'none', count: answers.trials.length, unitOf };
}

/** All measures as a function of how often each unit counts; `ranking` false leaves out the area under the curve, the slow one. */
export function prepareScore(
  answers: Answers,
  k: number,
  unitOf: Uint32Array,
  units: number,
  ranking = true,
): (multiplicity: Uint32Array) => Record<MetricName | 'trialAccuracy', number | null> {
  const matrices = Array.from({ length: units }, () => new Float64Array(k * k));
  answers.truth.forEach((truth, row) => matrices[unitOf[row]!]![truth * k + answers.answers[row]!]!++);
  const trials = new Float64Array(units);
  const rightTrials = new Float64Array(units);
  for (const { rows, truth, answer } of answers.trials) {
    trials[unitOf[rows[0]!]!]!++;
    if (truth === answer) rightTrials[unitOf[rows[0]!]!]!++;
  }
  const auroc = ranking ? prepareAuroc(answers.truth, answers.probabilities, k) : () => null;
  const weights = new Float64Array(answers.truth.length);
  return (multiplicity) => {
    const pooled = Array.from({ length: k }, () => new Array<number>(k).fill(0));
    let all = 0;
    let right = 0;
    multiplicity.forEach((times, unit) => {
      if (times === 0) return;
      for (let cell = 0; cell < k * k; cell++)
        pooled[Math.floor(cell / k)]![cell % k]! += times * matrices[unit]![cell]!;
      all += times * trials[unit]!;
      right += times * rightTrials[unit]!;
    });
    for (let row = 0; ranking && row < weights.length; row++) weights[row] = multiplicity[unitOf[row]!]!;
    return {
      ...scoreMatrix(pooled),
      auroc: auroc(weights),
      trialAccuracy: all === 0 ? null : right / all,
    };
  };
}

function subjectScores(answers: Answers, k: number): SubjectScore[] {
  const rowsBySubject = Map.groupBy(answers.truth.keys(), (row) => answers.subjectOf[row]!);
  const trialsBySubject = Map.groupBy(answers.trials, ({ subject }) => subject);
  return [...rowsBySubject]
    .map(([at, rows]): SubjectScore => {
      const scores = scoreMatrix(
        confusionMatrix(
          rows.map((row) => answers.truth[row]!),
          rows.map((row) => answers.answers[row]!),
          k,
        ),
      );
      return {
        subject: answers.subjects[at]!,
        segments: rows.length,
        trials: trialsBySubject.get(at)!.length,
        accuracy: scores.accuracy ?? 0,
        balancedAccuracy: scores.balancedAccuracy,
        kappa: scores.kappa,
      };
    })
    .sort((a, b) => a.accuracy - b.accuracy || (a.subject < b.subject ? -1 : 1));
}

function notesOf(
  answers: Answers,
  classes: readonly string[],
  unit: 'subject' | 'trial' | 'none',
  count: number,
): string[] {
  const tested = new Set(answers.truth);
  const absent = classes.filter((_, c) => !tested.has(c));
  return [
    ...(absent.length > 0
      ? [`Not among the test data, so left out of means over classes: ${absent.join(', ')}.`]
      : []),
    ...(unit === 'trial'
      ? ['One subject only: the intervals draw trials again and say nothing about other people.']
      : []),
    ...(unit === 'none' ? ['One trial only: no interval can be given.'] : []),
    ...(unit !== 'none' && count < fewUnits
      ? [`The intervals rest on ${count} ${unit}s; with so few they are usually too narrow.`]
      : []),
  ];
}
