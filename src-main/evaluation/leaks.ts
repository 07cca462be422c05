/** Looks for training data on the test side: same file, same trial, same stretch of time, same person. */
import type { LabelledSegment, Segment } from '#shared/eeg/segment.ts';
import { AppError } from '#shared/errors.ts';
import type { Leak } from '#shared/metrics.ts';
import type { SplitName } from '#shared/params/finetune.ts';
import type { Fold } from './splits.ts';
import { subjectKey } from './subject-key.ts';

export interface LeakCheckInput {
  labelled: readonly LabelledSegment[];
  /** All segments of the store; `labelled[i].index` points into it. */
  segments: readonly Segment[];
  folds: readonly Fold[];
  split: SplitName;
  /** Content hash of each recording, so that a copy under another name is seen; without it names are compared. */
  hashes?: Readonly<Record<string, string>>;
  /** Other names of a subject → the one that counts. */
  aliases?: Readonly<Record<string, string>>;
}

interface Facts {
  content: string;
  recording: string;
  trial: string;
  subject: string;
  startS: number;
  endS: number;
}

const examplesShown = 5;

/**
 * What should not be on both sides of a fold. Testing on trials shares subjects and recordings by intent, so only shared
 * trials and shared time count there; testing on subjects or windows is held to all four.
 */
export function findLeaks(input: LeakCheckInput): Leak[] {
  const { labelled, segments, folds, split, hashes = {}, aliases = {} } = input;
  const facts = labelled.map(({ index, recording, trial, subject }): Facts => {
    const segment = segments[index];
    if (!segment)
      throw new AppError(
        'invalid-input',
        `Labelled segment ${index} is not in the store of ${segments.length} segments; label them again.`,
      );
    return {
      content: hashes[recording] ?? recording,
      recording,
      trial,
      subject,
      startS: segment.startS,
      endS: segment.startS + segment.durationS,
    };
  });
  const found = {
    recording: new Map<string, string>(),
    trial: new Map<string, string>(),
    overlap: new Map<string, string>(),
    subject: new Map<string, string>(),
  };
  folds.forEach(({ train, test }, f) => {
    const sides = [train.map((i) => facts[i]!), test.map((i) => facts[i]!)] as const;
    const note = (kind: keyof typeof found, what: string, words: string) => {
      if (!found[kind].has(`${f}/${what}`)) found[kind].set(`${f}/${what}`, `fold ${f + 1}: ${words}`);
    };
    const both = (key: (one: Facts) => string, tell: (mine: Facts, theirs: Facts, key: string) => void) => {
      const trained = new Map(sides[0].map((one) => [key(one), one]));
      for (const [name, tested] of new Map(sides[1].map((one) => [key(one), one]))) {
        const mine = trained.get(name);
        if (mine) tell(mine, tested, name);
      }
    };
    const named = (a: string, b: string) =>
      a === b ? `${a} on both sides` : `${a} (training) and ${b} (test)`;
    both(
      ({ trial }) => trial,
      ({ trial }) => note('trial', trial, named(trial, trial)),
    );
    for (const [mine, theirs] of overlaps(sides[0], sides[1]))
      note(
        'overlap',
        `${mine.recording} ${mine.startS} ${theirs.recording} ${theirs.startS}`,
        `${mine.recording} ${mine.startS}–${mine.endS} s (training) and ${theirs.recording} ${theirs.startS}–${theirs.endS} s (test)`,
      );
    if (split === 'trial') return;
    both(
      ({ content }) => content,
      (mine, theirs, key) => note('recording', key, named(mine.recording, theirs.recording)),
    );
    both(
      ({ subject }) => subjectKey(subject, aliases),
      (mine, theirs, key) => note('subject', key, named(mine.subject, theirs.subject)),
    );
  });
  const words: Record<Leak['kind'], string> = {
    recording: 'The same file is trained on and tested.',
    trial: 'Segments of one trial are trained on and tested.',
    overlap: 'The same stretch of time is trained on and tested.',
    subject: 'The same person is trained on and tested.',
  };
  return (['recording', 'trial', 'overlap', 'subject'] as const)
    .filter((kind) => found[kind].size > 0)
    .map((kind) => ({
      kind,
      count: found[kind].size,
      words: words[kind],
      examples: [...found[kind].values()].slice(0, examplesShown),
    }));
}

/** @throws AppError 'leak' naming the first example of each kind, unless testing on windows, where leaking is the point */
export function refuseLeaks(leaks: readonly Leak[], split: SplitName): void {
  if (leaks.length === 0 || split === 'window') return;
  const list = leaks.map(({ words, count, examples }) => `${words} (${count}; ${examples[0]})`).join(' ');
  throw new AppError(
    'leak',
    `Training and test data overlap. ${list} Join these subjects or remove the copy, then start again.`,
    { details: { leaks } },
  );
}

/** Pairs of one training and one test window of the same content that share time. */
function overlaps(train: readonly Facts[], test: readonly Facts[]): [Facts, Facts][] {
  const byContent = Map.groupBy(train, ({ content }) => content);
  for (const windows of byContent.values()) windows.sort((a, b) => a.startS - b.startS);
  const longest = train.reduce((most, { startS, endS }) => Math.max(most, endS - startS), 0);
  return test.flatMap((tested): [Facts, Facts][] => {
    const windows = byContent.get(tested.content) ?? [];
    const pairs: [Facts, Facts][] = [];
    for (let i = firstAfter(windows, tested.startS - longest); i < windows.length; i++) {
      const mine = windows[i]!;
      if (mine.startS >= tested.endS - 1e-6) break;
      if (mine.endS > tested.startS + 1e-6) pairs.push([mine, tested]);
    }
    return pairs;
  });
}

function firstAfter(windows: readonly Facts[], startS: number): number {
  let low = 0;
  let high = windows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (windows[middle]!.startS < startS) low = middle + 1;
    else high = middle;
  }
  return low;
}
