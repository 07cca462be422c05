/** Numbers of an evaluation as cards and reports print them, names of people already replaced. */
import {
  metricNames,
  metricWords,
  type Estimate,
  type EvaluationReport,
  type MetricName,
} from '#shared/metrics.ts';
import { createRenamer } from './deidentified.ts';
import { percent } from './markdown.ts';
import type { PseudonymKey } from './pseudonyms.ts';

/** '71.3 % (66.0–76.1)'; 'no value' where the definition has none. */
export function estimateText({ value, low, high }: Estimate, asPercent: boolean): string {
  if (value === null) return 'no value';
  const number = (n: number) => (asPercent ? (100 * n).toFixed(1) : n.toFixed(3)).replace('-', '−');
  const unit = asPercent ? ' %' : '';
  return `${number(value)}${unit}${low === null || high === null ? '' : ` (${number(low)}–${number(high)})`}`;
}

/** Title and text of every measure. */
export function metricLines(
  report: EvaluationReport,
): { name: MetricName; title: string; plain: string; text: string }[] {
  return metricNames.map((name) => ({
    name,
    title: metricWords[name].title,
    plain: metricWords[name].plain,
    text: estimateText(report.metrics[name], metricWords[name].percent),
  }));
}

export const splitWords: Record<EvaluationReport['split'], string> = {
  subject: 'Whole subjects it never saw',
  trial: 'Whole trials it never saw, of subjects it did see',
  window: 'Windows of trials it did see: leaks',
};

export function intervalWords({ interval: { unit, draws, level } }: EvaluationReport): string {
  if (unit === 'none') return 'No interval: one unit only.';
  return `Intervals: ${percent(level, 0)}, ${unit}s drawn again ${draws} times (percentiles).`;
}

export function chanceWords({ chance, trialAccuracy }: EvaluationReport): string {
  const beyond =
    trialAccuracy.value === null
      ? ''
      : trialAccuracy.value > chance.upTo
        ? ' The trials answered rightly lie above that.'
        : ' The trials answered rightly do not lie above that: this may be luck.';
  return `By guessing: ${percent(chance.uniform)} with equal classes, ${percent(chance.majority)} by always giving the commonest answer. With ${chance.units} independent trials, could be luck up to ${percent(chance.upTo)} (1 time in ${Math.round(1 / chance.alpha)}).${beyond}`;
}

/** The same report under new names. */
export function renameReport(report: EvaluationReport, key: PseudonymKey): EvaluationReport {
  const rename = createRenamer(key);
  const subject = (name: string) => key.subjects[name] ?? rename(name);
  return {
    ...report,
    perSubject: report.perSubject.map((row) => ({ ...row, subject: subject(row.subject) })),
    worstFifth: { ...report.worstFifth, subjects: report.worstFifth.subjects.map(subject) },
    // examples quote recordings and trials by their own names
    leaks: report.leaks.map((leak) => ({ ...leak, examples: [] })),
    notes: report.notes.map(rename),
  };
}
