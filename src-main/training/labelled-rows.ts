/** Labelled segments as a recipe needs them: class numbers, batches within a group, trials kept aside. */
import { AppError } from '#shared/errors.ts';
import type { LabelledSegment, SegmentSource } from '#shared/eeg/segment.ts';
import type { Random } from '#shared/random.ts';

/** @throws AppError 'invalid-input' for a label that is not among the classes */
export function classNumbers(labelled: readonly LabelledSegment[], classes: readonly string[]): Int32Array {
  return Int32Array.from(labelled, ({ label }) => {
    const at = classes.indexOf(label);
    if (at < 0)
      throw new AppError(
        'invalid-input',
        `A segment is labelled “${label}”, which is not among ${classes.join(', ')}. Add it or leave those segments out.`,
      );
    return at;
  });
}

/**
 * Equal batches of positions, each within one group, so that electrodes, rate and length agree; in random order.
 *
 * @param groupOf group of each position
 */
export function batchesWithinGroups(groupOf: readonly number[], size: number, random: Random): number[][] {
  const byGroup = Map.groupBy(groupOf.keys(), (position) => groupOf[position]!);
  const batches = [...byGroup.entries()]
    .sort(([a], [b]) => a - b)
    .flatMap(([, positions]) => {
      const order = Array.from(random.permutation(positions.length), (at) => positions[at]!);
      const parts = Math.ceil(order.length / size);
      const each = Math.ceil(order.length / parts);
      return Array.from({ length: parts }, (_, i) => order.slice(i * each, (i + 1) * each)).filter(
        (part) => part.length > 0,
      );
    });
  return Array.from(random.permutation(batches.length), (at) => batches[at]!);
}

/** Consecutive parts of rows of one group each, in the given order within a group. */
export function partsWithinGroups(source: SegmentSource, rows: readonly number[], size: number): number[][] {
  const byGroup = Map.groupBy(rows.keys(), (position) => source.segments[rows[position]!]!.group);
  return [...byGroup.values()].flatMap((positions) =>
    Array.from({ length: Math.ceil(positions.length / size) }, (_, i) =>
      positions.slice(i * size, (i + 1) * size),
    ),
  );
}

/**
 * Keeps whole trials of every class aside, as many as come nearest to `share`, as long as each class keeps one to learn from.
 *
 * @returns positions; `aside` is empty when no class has two trials
 */
export function keepTrialsAside(
  labelled: readonly LabelledSegment[],
  share: number,
  random: Random,
): { kept: number[]; aside: number[] } {
  const aside = new Set<string>();
  const trialsOf = Map.groupBy(labelled, ({ label }) => label);
  for (const label of [...trialsOf.keys()].sort()) {
    const trials = [...new Set(trialsOf.get(label)!.map(({ trial }) => trial))].sort();
    const count = Math.min(trials.length - 1, Math.max(1, Math.round(share * trials.length)));
    random
      .permutation(trials.length)
      .slice(0, count)
      .forEach((at) => aside.add(trials[at]!));
  }
  const positions = [...labelled.keys()];
  return {
    kept: positions.filter((at) => !aside.has(labelled[at]!.trial)),
    aside: positions.filter((at) => aside.has(labelled[at]!.trial)),
  };
}
