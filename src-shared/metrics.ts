/** Measures of right and wrong answers: their names and plain words, the confusion matrix, and the report both sides show. */
import type { SplitName } from './params/finetune.ts';

export const metricNames = [
  'accuracy',
  'balancedAccuracy',
  'kappa',
  'macroF1',
  'weightedF1',
  'auroc',
] as const;
export type MetricName = (typeof metricNames)[number];

export interface MetricWords {
  title: string;
  /** One sentence for a clinician. */
  plain: string;
  /** Where more is worse, 'lower'. */
  better: 'higher' | 'lower';
  /** Shown as per cent rather than as a number from 0 to 1. */
  percent: boolean;
  best: number;
}

export const metricWords: Record<MetricName, MetricWords> = {
  accuracy: {
    title: 'Right answers',
    plain: 'Share of test segments that got the right answer.',
    better: 'higher',
    percent: true,
    best: 1,
  },
  balancedAccuracy: {
    title: 'Right answers, each class counted alike',
    plain:
      'Mean over the classes of the share that was recognised; a rare class weighs as much as a common one.',
    better: 'higher',
    percent: true,
    best: 1,
  },
  kappa: {
    title: 'Agreement beyond chance (Cohen’s κ)',
    plain:
      'How far the answers agree beyond what guessing with the same frequencies would; 0 is guessing, 1 is perfect.',
    better: 'higher',
    percent: false,
    best: 1,
  },
  macroF1: {
    title: 'F1, classes alike',
    plain: 'Balance of finding a class and not claiming it wrongly, averaged over the classes.',
    better: 'higher',
    percent: false,
    best: 1,
  },
  weightedF1: {
    title: 'F1, by class size',
    plain: 'Balance of finding a class and not claiming it wrongly, averaged over the segments.',
    better: 'higher',
    percent: false,
    best: 1,
  },
  auroc: {
    title: 'Ranking (area under the ROC curve)',
    plain:
      'How often a segment of a class gets a higher score for it than a segment of another; 0.5 is guessing.',
    better: 'higher',
    percent: false,
    best: 1,
  },
};

/** A measure with its interval; null where the definition has no value for these data. */
export interface Estimate {
  value: number | null;
  low: number | null;
  high: number | null;
}

export interface Chance {
  /** 1 / number of classes. */
  uniform: number;
  /** Share of the commonest class among the independent test units: what always giving one answer reaches. */
  majority: number;
  /** Share of right answers that guessing with that prior reaches or exceeds 1 time in 20: could be luck up to here. */
  upTo: number;
  /** Independent test units the bound counts: trials, never overlapping or neighbouring windows. */
  units: number;
  alpha: number;
}

export interface SubjectScore {
  subject: string;
  segments: number;
  trials: number;
  accuracy: number;
  balancedAccuracy: number | null;
  kappa: number | null;
}

export interface Leak {
  kind: 'recording' | 'trial' | 'overlap' | 'subject';
  /** Pairs or things found on both sides. */
  count: number;
  /** One sentence. */
  words: string;
  /** At most five, e.g. 'fold 2: S01 (training) and s-1 (test)'. */
  examples: string[];
}

export interface ReliabilityBin {
  from: number;
  to: number;
  count: number;
  /** Mean certainty and share of right answers in this bin; null when it is empty. */
  certainty: number | null;
  accuracy: number | null;
}

export interface EvaluationReport {
  classes: string[];
  split: SplitName;
  folds: number;
  /** Tested segments, trials and subjects. */
  segments: number;
  trials: number;
  subjects: number;
  metrics: Record<MetricName, Estimate>;
  /** Share of trials whose mean probability over their segments favours the right class. Comparable with `chance.upTo`. */
  trialAccuracy: Estimate;
  /** What was drawn again for the intervals, and how often; 'none' when there is only one unit. */
  interval: { unit: 'subject' | 'trial' | 'none'; draws: number; level: number };
  chance: Chance;
  /** Worst first. */
  perSubject: SubjectScore[];
  /** Mean right answers of the worst fifth of the subjects (at least one). */
  worstFifth: { subjects: string[]; accuracy: number };
  /** [truth][answer], segments. */
  confusion: number[][];
  reliability: { error: number; bins: ReliabilityBin[] };
  leaks: Leak[];
  /** What must be said beside every number of this report; '' when nothing. */
  caution: string;
  notes: string[];
}

/** Another model on the same folds; the first row of a comparison is the model itself. */
export interface ComparisonView {
  name: string;
  balancedAccuracy: Estimate;
  auroc: Estimate;
  /** Balanced accuracy minus that of the first row, both on the same drawn subjects. */
  difference: Estimate;
  verdict: 'first' | 'better' | 'worse' | 'cannot tell';
}

/** `report.json` of an evaluation. */
export interface EvaluationFile extends EvaluationReport {
  comparison: ComparisonView[];
}

/** @returns [truth][answer] counts for class positions in 0 … classes − 1. */
export function confusionMatrix(
  truth: ArrayLike<number>,
  answers: ArrayLike<number>,
  classes: number,
): number[][] {
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < truth.length; i++) matrix[truth[i]!]![answers[i]!]!++;
  return matrix;
}
