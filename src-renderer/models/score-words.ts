/** Scores in words: never without what guessing reaches, and never more digits than the interval allows. */
import type { ComparisonView, Estimate, EvaluationReport } from '#shared/metrics.ts';
import type { CalibrationView, ModelView } from '#shared/views.ts';
import type { Word } from '../ui/glossary.ts';
import { figure, list, percent } from '../words.ts';

/** One number of the strip that opens a result, with the words below it. */
export interface VerdictFigure {
  value: string;
  unit?: string;
  words: string;
  /** A term of the glossary that ends the words. */
  term?: Word;
  /** Made by testing, so that a leak makes it untrue. */
  measured?: boolean;
}

/** '61.3', or '61' where the interval is wider than twenty points; without the sign, for large type. */
export function points(share: number, estimate?: Pick<Estimate, 'low' | 'high'>): string {
  const wide =
    estimate && estimate.low !== null && estimate.high !== null && estimate.high - estimate.low > 0.2;
  return (share * 100).toFixed(wide ? 0 : 1);
}

/** '54.8–67.6'; '' where there is no interval. */
export function interval(estimate: Pick<Estimate, 'low' | 'high'>): string {
  return estimate.low === null || estimate.high === null
    ? ''
    : `${points(estimate.low, estimate)}–${points(estimate.high, estimate)}`;
}

/** '61.3 % (54.8–67.6)'. */
export function scored(estimate: Estimate): string {
  if (estimate.value === null) return 'none';
  const range = interval(estimate);
  return `${points(estimate.value, estimate)} %${range ? ` (${range})` : ''}`;
}

/** Goes before 'could be luck'; with a handful of clips any score could be. */
export function luckWords(luck: number): string {
  return luck >= 0.9995 ? 'by guessing; with so few clips any score' : `by guessing; up to ${points(luck)} %`;
}

/** What guessing reaches, in one column with scores: '50.0 %', '0.99 %' below one per cent. */
export function chanceWords(share: number | null | undefined): string {
  if (share === null || share === undefined) return '';
  return share < 0.01 || share >= 0.9995 ? percent(share, 2) : `${points(share)} %`;
}

/** 'by guessing 20 %', with the figure beside which a headline must stand. */
export function headlineWords(headline: NonNullable<ModelView['headline']>): string {
  const chance =
    headline.chance === null ? '' : `; ${chanceWords(headline.chance)} could be luck or guessing`;
  const of = headline.of === undefined ? '' : ` over ${headline.of}`;
  return `${scored(headline)}${of}${chance}`;
}

export type Verdict = 'better' | 'luck' | 'unknown';

/** Whether right answers on independent clips are more than luck. */
export function verdictOf(report: Pick<EvaluationReport, 'trialAccuracy' | 'chance'>): Verdict {
  const { value } = report.trialAccuracy;
  if (value === null) return 'unknown';
  return value > report.chance.upTo ? 'better' : 'luck';
}

/** Subjects at or below what could be luck for the whole. */
export function weakSubjects(report: Pick<EvaluationReport, 'perSubject' | 'chance'>): string[] {
  return report.perSubject
    .filter(({ accuracy }) => accuracy <= report.chance.upTo)
    .map(({ subject }) => subject);
}

/** At most three by name. */
export function someOf(names: readonly string[]): string {
  return names.length <= 3 ? list(names) : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}

/** 'Fear and anger are mixed up most: 24 % of fear is answered as anger. Joy is safest.' */
export function confusionWords(
  classes: readonly string[],
  confusion: readonly (readonly number[])[],
): string {
  const rows = confusion.map((row) => {
    const sum = row.reduce((total, value) => total + value, 0);
    return row.map((value) => (sum === 0 ? 0 : value / sum));
  });
  let worst = { truth: 0, answer: 0, share: 0 };
  for (const [truth, row] of rows.entries())
    for (const [answer, share] of row.entries())
      if (answer !== truth && share > worst.share) worst = { truth, answer, share };
  if (worst.share === 0) return 'Nothing was mixed up.';
  const safest = rows.reduce((best, row, i) => (row[i]! > rows[best]![best]! ? i : best), 0);
  const name = (i: number): string => classes[i] ?? '';
  return `${capital(name(worst.truth))} and ${name(worst.answer)} are mixed up most: ${percent(worst.share, 2)} of ${name(worst.truth)} is answered as ${name(worst.answer)}. ${capital(name(safest))} is safest.`;
}

export function verdictWords(row: ComparisonView): string {
  const { value, low, high } = row.difference;
  if (row.verdict === 'first') return 'this model';
  const by =
    value === null
      ? ''
      : `${signed(-value)} points${low === null || high === null ? '' : ` (${signed(-high)} to ${signed(-low)})`}`;
  if (row.verdict === 'cannot tell') return `cannot tell: ${by}`;
  return row.verdict === 'worse' ? `this model is better: ${by}` : `better than this model: ${by}`;
}

function signed(share: number, digits = 1): string {
  const value = (Math.abs(share) * 100).toFixed(digits);
  return `${share < 0 ? '−' : '+'}${value}`;
}

/** Wilson interval of a share of `units` independent trials, 95 %. */
export function wilson(share: number, units: number): { low: number; high: number } {
  if (units <= 0) return { low: 0, high: 1 };
  const z = 1.959964;
  const middle = (share + z ** 2 / (2 * units)) / (1 + z ** 2 / units);
  const half =
    (z / (1 + z ** 2 / units)) * Math.sqrt((share * (1 - share)) / units + z ** 2 / (4 * units ** 2));
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

/** Below this, two points of a curve have the same minutes. */
const sameMinutes = 0.1;

/** The curve with one point for each length: where all that there is was used twice, the last one counts. */
export function distinctPoints<Point extends { minutes: number }>(measured: readonly Point[]): Point[] {
  return measured.filter((point, i) => {
    const next = measured[i + 1];
    return next === undefined || next.minutes - point.minutes > sameMinutes;
  });
}

/** What the last labelled minutes brought, from the points themselves; nothing is foretold. */
export function minutesWords({ points: all, luck }: Pick<CalibrationView, 'points' | 'luck'>): string {
  const measured = distinctPoints(all);
  const first = measured[0];
  const last = measured.at(-1);
  const before = measured.at(-2);
  if (!first || !last) return 'No point was measured.';
  const level = last.low > luck ? '' : ' Its interval reaches into what could be luck.';
  if (!before) return `${points(last.accuracy, last)} % with ${figure(last.minutes, 2)} minutes.${level}`;
  const digits = last.high - last.low > 0.2 ? 0 : 1;
  const whole = `From ${figure(first.minutes, 2)} to ${figure(last.minutes, 2)} minutes: ${signed(last.accuracy - first.accuracy, digits)} points.`;
  const latest =
    before === first
      ? ''
      : ` The last ${figure(last.minutes - before.minutes, 2)} minutes brought ${signed(last.accuracy - before.accuracy, digits)}.`;
  return whole + latest + level;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
