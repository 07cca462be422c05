import { describe, expect, it } from 'vitest';
import { planFolds, validationFromTraining, type SplitPlan } from '#main/evaluation/splits.ts';
import type { LabelledSegment } from '#shared/eeg/segment.ts';
import { createRandom } from '#shared/random.ts';

/** Subjects × trials × windows; the class of a trial goes round. */
function study(subjects: number, trials: number, windows: number, classes = 3): LabelledSegment[] {
  const all: LabelledSegment[] = [];
  for (let s = 0; s < subjects; s++)
    for (let t = 0; t < trials; t++)
      for (let w = 0; w < windows; w++)
        all.push({
          index: all.length,
          label: `class ${t % classes}`,
          subject: `S${s}`,
          session: '',
          trial: `R${s}/${t}`,
          recording: `R${s}`,
        });
  return all;
}

const valuesOf = (labelled: LabelledSegment[], positions: number[], key: 'subject' | 'trial' | 'label') =>
  new Set(positions.map((i) => labelled[i]![key]));

function onBothSides(labelled: LabelledSegment[], a: number[], b: number[], key: 'subject' | 'trial') {
  const theirs = valuesOf(labelled, b, key);
  return [...valuesOf(labelled, a, key)].filter((value) => theirs.has(value));
}

function expectEveryPositionTestedOnce(labelled: LabelledSegment[], { folds }: SplitPlan) {
  expect(folds.flatMap(({ test }) => test).sort((a, b) => a - b)).toEqual([...labelled.keys()]);
  for (const { train, test } of folds) {
    expect(test.length).toBeGreaterThan(0);
    expect(new Set([...train, ...test]).size).toBe(labelled.length);
  }
}

describe('planning who is tested', () => {
  it.each([
    [2, 1],
    [5, 5],
    [9, 4],
    [12, 50],
  ])('never parts a subject: %i subjects', (subjects, folds) => {
    const labelled = study(subjects, 6, 4);
    const plan = planFolds(labelled, 'subject', Math.max(2, folds), createRandom(1));
    expectEveryPositionTestedOnce(labelled, plan);
    expect(plan.folds.length).toBe(Math.min(subjects, Math.max(2, folds)));
    expect(plan.leaks).toBe(false);
    for (const { train, test } of plan.folds)
      expect(onBothSides(labelled, train, test, 'subject')).toEqual([]);
  });

  it.each([
    [1, 4, 2],
    [4, 6, 5],
    [3, 3, 3],
  ])('never parts a trial and trains on every class: %i subjects of %i trials', (subjects, trials, folds) => {
    const classes = trials === 4 ? 2 : 3;
    const labelled = study(subjects, trials, 5, classes);
    const plan = planFolds(labelled, 'trial', folds, createRandom(2));
    expectEveryPositionTestedOnce(labelled, plan);
    for (const { train, test } of plan.folds) {
      expect(onBothSides(labelled, train, test, 'trial')).toEqual([]);
      expect(valuesOf(labelled, train, 'label').size).toBe(classes);
    }
    expect(plan.notes).toEqual([]);
  });

  it('says that windows leak, and why', () => {
    const labelled = study(3, 6, 10);
    const plan = planFolds(labelled, 'window', 5, createRandom(0));
    expectEveryPositionTestedOnce(labelled, plan);
    expect(plan.leaks).toBe(true);
    expect(plan.reason).toMatch(/neighbouring windows are nearly equal/);
    for (const { test } of plan.folds)
      for (const label of ['class 0', 'class 1', 'class 2'])
        expect(test.filter((i) => labelled[i]!.label === label).length).toBe(12);
  });

  it('spreads classes over folds of subjects who hold one class each', () => {
    const labelled = study(10, 1, 8, 1).map((one, i) => ({
      ...one,
      label: `class ${Math.floor(i / 8) % 2}`,
    }));
    for (const { test } of planFolds(labelled, 'subject', 5, createRandom(4)).folds)
      expect(valuesOf(labelled, test, 'label').size).toBe(2);
  });

  it('keeps one person under two spellings together and says so', () => {
    const labelled = study(4, 6, 2).map((one, i) =>
      one.subject === 'S1' && i % 2 ? { ...one, subject: 's-01' } : one,
    );
    const plan = planFolds(labelled, 'subject', 4, createRandom(1));
    expect(plan.folds.length).toBe(4);
    expect(plan.notes.join()).toContain('S1, s-01 count as one subject');
  });

  it('gives the same plan for the same seed and another for another', () => {
    const labelled = study(12, 3, 2);
    const plan = (seed: number) => planFolds(labelled, 'subject', 4, createRandom(seed)).folds;
    expect(plan(5)).toEqual(plan(5));
    expect(plan(5)).not.toEqual(plan(6));
  });

  it('refuses what cannot be tested, with the remedy', () => {
    expect(() => planFolds(study(1, 6, 2), 'subject', 5, createRandom(0))).toThrow(
      /at least two with labels/,
    );
    expect(() => planFolds(study(1, 1, 9), 'trial', 5, createRandom(0))).toThrow(/at least two/);
    expect(() => planFolds(study(3, 3, 3, 1), 'trial', 3, createRandom(0))).toThrow(/at least two/);
    expect(() => planFolds(study(1, 2, 3), 'trial', 2, createRandom(0))).toThrow(/nothing but/);
  });
});

describe('holding trials out of a training side', () => {
  it('never parts a trial and takes some of each class', () => {
    const labelled = study(5, 6, 4);
    const side = [...labelled.keys()].filter((i) => labelled[i]!.subject !== 'S0');
    const { train, validation } = validationFromTraining(labelled, side, createRandom(1));
    expect([...train, ...validation].sort((a, b) => a - b)).toEqual(side);
    expect(onBothSides(labelled, train, validation, 'trial')).toEqual([]);
    expect(valuesOf(labelled, validation, 'label').size).toBe(3);
  });

  it('leaves a class its only trial and says when nothing can be held out', () => {
    const labelled = study(1, 3, 4);
    const result = validationFromTraining(labelled, [...labelled.keys()], createRandom(1));
    expect(result.validation).toEqual([]);
    expect(result.reason).toMatch(/No class has a second trial/);
  });
});
