/** Who is trained on and who is tested: whole subjects, whole trials, or windows, which leak and say so. */
import type { LabelledSegment } from '#shared/eeg/segment.ts';
import { AppError } from '#shared/errors.ts';
import type { SplitName } from '#shared/params/finetune.ts';
import type { Random } from '#shared/random.ts';
import { subjectKey } from './subject-key.ts';

/** Positions in the list of labelled segments, ascending. */
export interface Fold {
  train: number[];
  test: number[];
}

export interface SplitPlan {
  split: SplitName;
  folds: Fold[];
  /** Test data are nearly copies of training data; every number made with this plan must say so. */
  leaks: boolean;
  /** One sentence: what was kept apart, or why it leaks. */
  reason: string;
  notes: string[];
}

export const windowCaution =
  'Tested on windows of trials that were also trained on: neighbouring windows are nearly equal, so these numbers are too good. Use whole trials or subjects for a claim.';

/**
 * Plans the folds; every position is tested exactly once. Classes are spread over the folds as evenly as whole subjects or
 * trials allow.
 *
 * @param count folds asked for; fewer when there are fewer subjects or trials (then each is left out once)
 * @param aliases other names of a subject → the one that counts
 * @throws AppError 'no-data' when there are too few subjects, trials or classes
 */
export function planFolds(
  labelled: readonly LabelledSegment[],
  split: SplitName,
  count: number,
  random: Random,
  aliases: Readonly<Record<string, string>> = {},
): SplitPlan {
  const classes = new Set(labelled.map(({ label }) => label));
  if (classes.size < 2)
    throw new AppError(
      'no-data',
      `Telling classes apart needs at least two, and the labelled segments hold ${classes.size}. Add labels of another class.`,
    );
  if (split === 'window') return planWindows(labelled, count, random);
  if (split === 'trial') return planTrials(labelled, count, random);
  return planSubjects(labelled, count, random, aliases);
}

/**
 * Takes whole trials off a training side to watch progress on, evenly by class; a class with a single trial keeps it for training.
 *
 * @param share of the trials of each class, rounded, at least one
 * @returns ascending positions; `validation` is empty, with the reason, when no class has two trials
 */
export function validationFromTraining(
  labelled: readonly LabelledSegment[],
  train: readonly number[],
  random: Random,
  share = 0.15,
): { train: number[]; validation: number[]; reason: string } {
  const trials = Map.groupBy(train, (position) => labelled[position]!.trial);
  const names = shuffled([...trials.keys()], random);
  const byClass = Map.groupBy(names, (name) => labelled[trials.get(name)![0]!]!.label);
  const held = new Set<string>();
  for (const mine of byClass.values()) {
    const take = Math.min(mine.length - 1, Math.max(1, Math.round(share * mine.length)));
    mine.slice(0, Math.max(0, take)).forEach((name) => held.add(name));
  }
  const isHeld = (position: number) => held.has(labelled[position]!.trial);
  return {
    train: train.filter((position) => !isHeld(position)),
    validation: train.filter(isHeld),
    reason: held.size === 0 ? 'No class has a second trial, so none can be held out to watch progress.' : '',
  };
}

function planSubjects(
  labelled: readonly LabelledSegment[],
  count: number,
  random: Random,
  aliases: Readonly<Record<string, string>>,
): SplitPlan {
  const groups = Map.groupBy(labelled.keys(), (i) => subjectKey(labelled[i]!.subject, aliases));
  if (groups.size < 2)
    throw new AppError(
      'no-data',
      `Testing on other subjects needs at least two with labels, and there is ${groups.size}. Test on whole trials instead, or add a subject.`,
    );
  const merged = [...groups.values()]
    .map((members) => [...new Set(members.map((i) => labelled[i]!.subject))])
    .filter((names) => names.length > 1)
    .map((names) => `${names.join(', ')} count as one subject.`);
  const k = Math.min(count, groups.size);
  const folds = foldsOf(labelled, dealGroups([...groups.values()], labelled, k, random), k);
  const each = k === groups.size ? 'each subject is left out once' : `${k} groups of whole subjects`;
  return {
    split: 'subject',
    folds,
    leaks: false,
    reason: `Tested on subjects never trained on: ${each}.`,
    notes: [...merged, ...classNotes(labelled, folds)],
  };
}

function planTrials(labelled: readonly LabelledSegment[], count: number, random: Random): SplitPlan {
  const trials = Map.groupBy(labelled.keys(), (i) => labelled[i]!.trial);
  if (trials.size < 2)
    throw new AppError(
      'no-data',
      `Testing on whole trials needs at least two with labels, and there is ${trials.size}. Label another trial.`,
    );
  const k = Math.min(count, trials.size);
  const foldOf = new Int32Array(labelled.length);
  const bySubject = Map.groupBy(trials.keys(), (name) => labelled[trials.get(name)![0]!]!.subject);
  // Each trial goes where its class is rarest, then its subject, then anything: an empty fold always comes first.
  const sizes = new Map<string, number>();
  const sizeOf = (fold: number, what: string) => sizes.get(`${fold}/${what}`) ?? 0;
  for (const subject of shuffled([...bySubject.keys()], random)) {
    for (const name of shuffled(bySubject.get(subject)!, random)) {
      const members = trials.get(name)!;
      const keys = [`class ${labelled[members[0]!]!.label}`, `subject ${subject}`, 'all'];
      let best = 0;
      for (let fold = 1; fold < k; fold++) {
        const differs = keys.find((key) => sizeOf(fold, key) !== sizeOf(best, key));
        if (differs && sizeOf(fold, differs) < sizeOf(best, differs)) best = fold;
      }
      keys.forEach((key) => sizes.set(`${best}/${key}`, sizeOf(best, key) + 1));
      for (const i of members) foldOf[i] = best;
    }
  }
  const folds = foldsOf(labelled, foldOf, k);
  const single = [...bySubject].filter(([, names]) => names.length < 2).map(([subject]) => subject);
  return {
    split: 'trial',
    folds,
    leaks: false,
    reason: `Tested on whole trials never trained on, of subjects that were: ${k} groups of trials.`,
    notes: [
      ...(single.length > 0
        ? [`With one trial only, when tested nothing of theirs was trained on: ${single.join(', ')}.`]
        : []),
      ...classNotes(labelled, folds),
    ],
  };
}

function planWindows(labelled: readonly LabelledSegment[], count: number, random: Random): SplitPlan {
  const k = Math.min(count, labelled.length);
  const foldOf = new Int32Array(labelled.length);
  let next = 0;
  const byClass = Map.groupBy(labelled.keys(), (i) => labelled[i]!.label);
  for (const label of [...byClass.keys()].sort())
    for (const i of shuffled(byClass.get(label)!, random)) foldOf[i] = next++ % k;
  const folds = foldsOf(labelled, foldOf, k);
  return { split: 'window', folds, leaks: true, reason: windowCaution, notes: classNotes(labelled, folds) };
}

/** Deals whole groups, the most uneven first, to the fold where class shares stay most equal (as StratifiedGroupKFold does). */
function dealGroups(
  groups: number[][],
  labelled: readonly LabelledSegment[],
  k: number,
  random: Random,
): Int32Array {
  const labels = [...new Set(labelled.map(({ label }) => label))];
  const countsOf = (members: number[]) =>
    labels.map((label) => members.filter((i) => labelled[i]!.label === label).length);
  const totals = countsOf([...labelled.keys()]);
  const waiting = shuffled(groups, random)
    .map((members) => ({ members, counts: countsOf(members) }))
    .sort((a, b) => spread(b.counts) - spread(a.counts));
  const dealt = Array.from({ length: k }, () => labels.map(() => 0));
  const sizes = new Array<number>(k).fill(0);
  const foldOf = new Int32Array(labelled.length);
  waiting.forEach(({ members, counts }, done) => {
    const empty = sizes.filter((size) => size === 0).length;
    const mustFill = waiting.length - done <= empty;
    let best = -1;
    let bestCost = Infinity;
    for (let fold = 0; fold < k; fold++) {
      if (mustFill && sizes[fold]! > 0) continue;
      const cost = labels
        .map((_, c) =>
          spread(dealt.map((mine, f) => (mine[c]! + (f === fold ? counts[c]! : 0)) / totals[c]!)),
        )
        .reduce((sum, value) => sum + value, 0);
      if (cost < bestCost - 1e-12 || (cost < bestCost + 1e-12 && sizes[fold]! < sizes[best]!)) {
        best = fold;
        bestCost = cost;
      }
    }
    counts.forEach((n, c) => (dealt[best]![c]! += n));
    sizes[best]! += members.length;
    for (const i of members) foldOf[i] = best;
  });
  return foldOf;
}

function foldsOf(labelled: readonly LabelledSegment[], foldOf: Int32Array, k: number): Fold[] {
  const folds = Array.from({ length: k }, (_, fold): Fold => {
    const positions = [...labelled.keys()];
    return {
      train: positions.filter((i) => foldOf[i] !== fold),
      test: positions.filter((i) => foldOf[i] === fold),
    };
  });
  folds.forEach(({ train }, fold) => {
    const left = new Set(train.map((i) => labelled[i]!.label));
    if (left.size < 2)
      throw new AppError(
        'no-data',
        `Fold ${fold + 1} of ${k} would train on ${left.size === 1 ? `nothing but “${[...left][0]}”` : 'nothing'}. Use other folds or label more trials of each class.`,
      );
  });
  return folds;
}

function classNotes(labelled: readonly LabelledSegment[], folds: readonly Fold[]): string[] {
  return folds.flatMap(({ train, test }, fold) => {
    const known = new Set(train.map((i) => labelled[i]!.label));
    const strange = [...new Set(test.map((i) => labelled[i]!.label))].filter((label) => !known.has(label));
    return strange.length > 0 ? [`Fold ${fold + 1} tests ${strange.join(', ')} without having seen it.`] : [];
  });
}

function spread(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  return Array.from(random.permutation(items.length), (i) => items[i]!);
}
