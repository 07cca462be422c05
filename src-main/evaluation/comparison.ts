/** Several models on the same folds, side by side: each with its report, and its paired difference from the first. */
import type { Estimate, EvaluationReport } from '#shared/metrics.ts';
import { AppError } from '#shared/errors.ts';
import { collectAnswers } from './answers.ts';
import { drawUnits, percentileInterval } from './bootstrap.ts';
import { bootstrapDraws, evaluate, prepareScore, unitsOf, type EvaluationInput } from './evaluate.ts';

export interface ComparisonRow {
  name: string;
  report: EvaluationReport;
  /** Balanced accuracy minus that of the first model, both on the same drawn subjects. */
  difference: Estimate;
  /** 'first', or what the interval of the difference allows to say. */
  verdict: 'first' | 'better' | 'worse' | 'cannot tell';
}

/**
 * Compares models whose probabilities belong to the same labelled segments and folds.
 *
 * @param models at least one; the first is the one the others are held against
 */
export function compareModels(
  input: Omit<EvaluationInput, 'probabilities'>,
  models: readonly { name: string; probabilities: Float32Array }[],
): ComparisonRow[] {
  if (models.length === 0)
    throw new AppError('invalid-input', 'There is no model to compare; evaluate one first.');
  const k = input.classes.length;
  const draws = input.draws ?? bootstrapDraws;
  let multiplicities: Uint32Array[] | undefined;
  const drawn = models.map(({ probabilities }) => {
    const answers = collectAnswers(input.labelled, input.classes, input.folds, probabilities);
    const { unit, count, unitOf } = unitsOf(answers);
    multiplicities ??=
      unit === 'none' ? [] : drawUnits(count, draws, input.random.fork('evaluation comparison'));
    const score = prepareScore(answers, k, unitOf, count, false);
    return multiplicities.map((times) => score(times).balancedAccuracy);
  });
  const reports = models.map(({ probabilities }) => evaluate({ ...input, probabilities }));
  const base = reports[0]!.metrics.balancedAccuracy.value;
  return models.map(({ name }, m) => {
    const report = reports[m]!;
    if (m === 0) return { name, report, difference: { value: 0, low: 0, high: 0 }, verdict: 'first' };
    const value = report.metrics.balancedAccuracy.value;
    const differences = drawn[m]!.map((mine, draw) => {
      const theirs = drawn[0]![draw]!;
      return mine === null || theirs === null ? null : mine - theirs;
    });
    const { low, high } = percentileInterval(differences, report.interval.level);
    return {
      name,
      report,
      difference: { value: value === null || base === null ? null : value - base, low, high },
      verdict:
        low === null || high === null || (low <= 0 && high >= 0)
          ? 'cannot tell'
          : low > 0
            ? 'better'
            : 'worse',
    };
  });
}
