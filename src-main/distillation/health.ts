/** Signs that a selection should not be trusted yet, each with what to do. */
import type { HealthNote } from '#shared/eeg/distillate.ts';
import { effectiveRank } from '#main/training/effective-rank.ts';
import { measureSpread } from './outliers/standardise.ts';

/** A dimension whose spread is below this share of the widest says nothing. */
const deadBelow = 1e-3;
/** Rows that the effective rank is measured on. */
const rankRows = 20_000;

/**
 * Collapse of the descriptions: dimensions that never vary, few directions in use.
 *
 * @param embeddings [n, d]
 */
export function judgeEmbeddings(
  embeddings: Float32Array,
  d: number,
): { effectiveRank: number; health: HealthNote[] } {
  const health: HealthNote[] = [];
  const { scale, constant } = measureSpread(embeddings, d);
  for (const j of constant) scale[j] = 0;
  const widest = scale.reduce((a, b) => Math.max(a, b), 0);
  const dead = scale.filter((s) => s <= deadBelow * widest).length;
  const rank = effectiveRank(evenRows(embeddings, d, rankRows), d);
  if (widest === 0)
    health.push({
      level: 'error',
      text: 'All segments have the same description: the description model learnt nothing. Train it longer or on more segments; this selection is arbitrary.',
    });
  else if (dead > 0.2 * d)
    health.push({
      level: 'error',
      text: `${dead} of ${d} numbers of the description hardly vary: the description model collapsed. Train it longer, with another seed or with the log spectrum; this selection may be worse than chance.`,
    });
  else if (d >= 4 && rank < 2)
    health.push({
      level: 'warning',
      text: `The descriptions use ${rank.toFixed(1)} of ${d} directions, so segments differ in one way only. Look at the map; if one artefact spreads it, reject more or train longer.`,
    });
  else health.push({ level: 'ok', text: `The descriptions use ${rank.toFixed(1)} of ${d} directions.` });
  return { effectiveRank: rank, health };
}

/** One subject taking far more than its share of the kept segments: farthest-first prefers extremes, so artefacts attract it. */
export function judgeSubjects(subjects: readonly string[], kept: readonly number[]): HealthNote[] {
  const before = countOf(subjects);
  if (before.size < 3 || kept.length < 10) return [];
  const after = countOf(kept.map((row) => subjects[row]!));
  return [...after].flatMap(([subject, count]): HealthNote[] => {
    const share = count / kept.length;
    const fair = before.get(subject)! / subjects.length;
    if (share < 0.3 || share < 3 * fair) return [];
    return [
      {
        level: 'warning',
        text: `${Math.round(100 * share)} % of what is kept comes from ${subject}, who has ${Math.round(100 * fair)} % of the segments. Look at the first kept segments; if they are artefacts, reject more and distil again.`,
      },
    ];
  });
}

function countOf(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function evenRows(table: Float32Array, d: number, most: number): Float32Array {
  const n = table.length / d;
  if (n <= most) return table;
  const sample = new Float32Array(most * d);
  for (let i = 0; i < most; i++) {
    const row = Math.floor((i * n) / most);
    sample.set(table.subarray(row * d, (row + 1) * d), i * d);
  }
  return sample;
}
