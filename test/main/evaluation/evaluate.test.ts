import { describe, expect, it } from 'vitest';
import { compareModels } from '#main/evaluation/comparison.ts';
import { evaluate } from '#main/evaluation/evaluate.ts';
import { findLeaks, refuseLeaks } from '#main/evaluation/leaks.ts';
import { planFolds } from '#main/evaluation/splits.ts';
import type { LabelledSegment, Segment } from '#shared/eeg/segment.ts';
import { createRandom } from '#shared/random.ts';

interface Study {
  segments: Segment[];
  labelled: LabelledSegment[];
  classes: string[];
}

function study(subjects: number, trials: number, windows: number, classCount = 2): Study {
  const segments: Segment[] = [];
  const labelled: LabelledSegment[] = [];
  for (let s = 0; s < subjects; s++)
    for (let t = 0; t < trials; t++)
      for (let w = 0; w < windows; w++) {
        const index = segments.length;
        const recording = `R${s}`;
        segments.push({
          index,
          group: 0,
          recording,
          subject: `S${s}`,
          startS: (t * windows + w) * 4,
          durationS: 4,
        });
        labelled.push({
          index,
          label: `c${t % classCount}`,
          subject: `S${s}`,
          session: '',
          trial: `${recording}/${t}`,
          recording,
        });
      }
  return { segments, labelled, classes: Array.from({ length: classCount }, (_, c) => `c${c}`) };
}

/** Probabilities that favour the truth with the given chance. */
function guesses({ labelled, classes }: Study, right: number, seed: number): Float32Array {
  const random = createRandom(seed);
  const k = classes.length;
  const probabilities = new Float32Array(labelled.length * k);
  labelled.forEach(({ label }, i) => {
    const truth = classes.indexOf(label);
    const answer = random.next() < right ? truth : (truth + 1 + random.below(k - 1)) % k;
    for (let c = 0; c < k; c++) probabilities[i * k + c] = c === answer ? 0.7 : 0.3 / (k - 1);
  });
  return probabilities;
}

function report(one: Study, probabilities: Float32Array, split: 'subject' | 'trial' | 'window' = 'subject') {
  const { folds } = planFolds(one.labelled, split, 5, createRandom(0));
  return evaluate({ ...one, folds, probabilities, split, random: createRandom(0), draws: 500 });
}

describe('an evaluation', () => {
  it('covers the truth with its interval and beats chance when the model does', () => {
    const one = study(12, 8, 5);
    const { metrics, chance, confusion, perSubject, interval, trialAccuracy, ...rest } = report(
      one,
      guesses(one, 0.8, 1),
    );
    expect(metrics.accuracy.low!).toBeLessThan(0.8);
    expect(metrics.accuracy.high!).toBeGreaterThan(0.8);
    expect(chance.units).toBe(96);
    expect(trialAccuracy.value!).toBeGreaterThan(chance.upTo);
    expect(confusion.flat().reduce((sum, n) => sum + n, 0)).toBe(480);
    expect(interval).toEqual({ unit: 'subject', draws: 500, level: 0.95 });
    expect(perSubject.map(({ accuracy }) => accuracy)).toEqual(
      perSubject.map(({ accuracy }) => accuracy).sort((a, b) => a - b),
    );
    expect(rest).toMatchObject({ segments: 480, trials: 96, subjects: 12, leaks: [], caution: '' });
    expect(rest.worstFifth.subjects).toEqual(perSubject.slice(0, 3).map(({ subject }) => subject));
  });

  it('is rarely above the level of luck when the model only guesses', () => {
    const one = study(6, 10, 1);
    const above = Array.from({ length: 60 }, (_, seed) => report(one, guesses(one, 0.5, seed)));
    expect(
      above.filter(({ trialAccuracy, chance }) => trialAccuracy.value! > chance.upTo).length,
    ).toBeLessThanOrEqual(7);
  });

  it('draws trials and says so when there is one subject', () => {
    const one = study(1, 10, 3);
    const { interval, notes, metrics } = report(one, guesses(one, 0.9, 2), 'trial');
    expect(interval.unit).toBe('trial');
    expect(notes.join(' ')).toMatch(/say nothing about other people/);
    expect(metrics.accuracy.low).not.toBeNull();
  });

  it('carries the caution beside every number made with windows', () => {
    const one = study(4, 4, 6);
    const { caution, leaks } = report(one, guesses(one, 0.9, 2), 'window');
    expect(caution).toMatch(/too good/);
    expect(leaks.map(({ kind }) => kind)).toContain('trial');
  });

  it('gives the same report for the same seed', () => {
    const one = study(5, 4, 2);
    expect(report(one, guesses(one, 0.7, 4))).toEqual(report(one, guesses(one, 0.7, 4)));
  });

  it('refuses probabilities that are none', () => {
    const one = study(3, 4, 2);
    const broken = guesses(one, 0.7, 4);
    broken[3] = NaN;
    expect(() => report(one, broken)).toThrow(/no valid probabilities/);
    expect(() => report(one, broken.subarray(2))).toThrow(/need 48 probabilities/);
  });
});

describe('a comparison', () => {
  it('tells a better model from an equal one on the same folds', () => {
    const one = study(14, 8, 4, 3);
    const { folds } = planFolds(one.labelled, 'subject', 5, createRandom(0));
    const rows = compareModels({ ...one, folds, split: 'subject', random: createRandom(0), draws: 500 }, [
      { name: 'base', probabilities: guesses(one, 0.5, 1) },
      { name: 'same', probabilities: guesses(one, 0.5, 2) },
      { name: 'good', probabilities: guesses(one, 0.85, 3) },
    ]);
    expect(rows.map(({ verdict }) => verdict)).toEqual(['first', 'cannot tell', 'better']);
    expect(rows[2]!.difference.low!).toBeGreaterThan(0.2);
  });
});

describe('the leak check', () => {
  const clean = study(4, 4, 3);
  const fold = (() => {
    const isTest = (i: number) => clean.labelled[i]!.subject === 'S3';
    const positions = [...clean.labelled.keys()];
    return { train: positions.filter((i) => !isTest(i)), test: positions.filter(isTest) };
  })();
  const check = (change: Partial<Study> & { hashes?: Record<string, string> }, split: 'subject' | 'trial') =>
    findLeaks({ ...clean, folds: [fold], split, ...change });
  const relabel = (change: (one: LabelledSegment) => LabelledSegment) => ({
    labelled: clean.labelled.map(change),
  });

  it('finds nothing where there is nothing', () => {
    expect(check({}, 'subject')).toEqual([]);
    expect(() => refuseLeaks([], 'subject')).not.toThrow();
  });

  it('finds the same file under another name', () => {
    const leaks = check({ hashes: { R0: 'aa', R3: 'aa' } }, 'subject');
    expect(leaks.find(({ kind }) => kind === 'recording')!.examples[0]).toMatch(
      /R0 \(training\) and R3 \(test\)/,
    );
    expect(check({ hashes: { R0: 'aa', R3: 'aa' } }, 'trial').map(({ kind }) => kind)).toEqual(['overlap']);
  });

  it('finds the same trial on both sides', () => {
    const leaks = check(
      relabel((one) => (one.trial === 'R3/1' ? { ...one, trial: 'R2/1' } : one)),
      'trial',
    );
    expect(leaks).toMatchObject([{ kind: 'trial', count: 1, examples: ['fold 1: R2/1 on both sides'] }]);
  });

  it('finds windows that share time', () => {
    const segments = clean.segments.map((segment) =>
      segment.index === fold.test[0] ? { ...segment, startS: 6 } : segment,
    );
    const leaks = check(
      {
        segments,
        ...relabel((one) => (one.index === fold.test[0] ? { ...one, recording: 'R2' } : one)),
      },
      'trial',
    );
    expect(leaks).toMatchObject([{ kind: 'overlap', count: 2 }]);
    expect(leaks[0]!.examples[0]).toContain('6–10 s (test)');
  });

  it('finds the same person under another spelling, and refuses to go on', () => {
    const leaks = check(
      relabel((one) => (one.subject === 'S3' ? { ...one, subject: 's-002' } : one)),
      'subject',
    );
    expect(leaks).toMatchObject([
      { kind: 'subject', count: 1, examples: ['fold 1: S2 (training) and s-002 (test)'] },
    ]);
    expect(() => refuseLeaks(leaks, 'subject')).toThrow(/same person/);
  });
});
