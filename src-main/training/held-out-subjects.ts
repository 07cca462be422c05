/** Keeps whole subjects aside, never single windows, so that a check says something about people not seen. */
import type { SegmentSource } from '#shared/eeg/segment.ts';
import type { Random } from '#shared/random.ts';

export interface SubjectSplit {
  training: number[];
  heldOut: number[];
  /** Who is kept aside, in alphabetical order. */
  subjects: string[];
}

/**
 * @param share of the subjects, at least one and at most all but one; 0, or a single subject, keeps nobody aside
 */
export function holdOutSubjects(
  source: SegmentSource,
  indices: ArrayLike<number>,
  share: number,
  random: Random,
): SubjectSplit {
  const rows = Array.from(indices);
  const all = [...new Set(rows.map((index) => source.segments[index]!.subject))].sort();
  const count =
    share === 0 || all.length < 2 ? 0 : Math.min(all.length - 1, Math.max(1, Math.round(share * all.length)));
  const aside = new Set(Array.from(random.permutation(all.length).slice(0, count), (at) => all[at]!));
  const isAside = (index: number) => aside.has(source.segments[index]!.subject);
  return {
    training: rows.filter((index) => !isAside(index)),
    heldOut: rows.filter(isAside),
    subjects: [...aside].sort(),
  };
}
