import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { startEngine } from '#main/engine/engine.ts';
import type { LabelledSegment } from '#shared/eeg/segment.ts';
import { finetuneParams, type FinetuneParams } from '#shared/params/finetune.ts';
import { pretrainParams } from '#shared/params/pretrain.ts';
import { createRandom } from '#shared/random.ts';
import { batchesWithinGroups, keepTrialsAside } from '#main/training/labelled-rows.ts';
import { crossValidate } from '#main/training/recipes/cross-validate.ts';
import { fitClassifier, predictWith, type ClassifierKind } from '#main/training/recipes/finetune.ts';
import { pretrainArt } from '#main/training/recipes/pretrain-art.ts';
import { listen, makeSource, memoryCheckpoints } from './memory-source.ts';

const kinds: ClassifierKind[] = ['art-gat', 'eegnet', 'band-power-lda'];
const classes = ['class 0', 'class 1', 'class 2'];
const small = {
  name: 'A',
  electrodes: ['Fz', 'Cz', 'Pz', 'Oz'],
  sfreqHz: 128,
  seconds: 2,
  subjects: 3,
  trialsPerSubject: 6,
  segmentsPerTrial: 2,
  missing: ['Oz'],
};
const mixed = makeSource([
  small,
  { ...small, name: 'B', electrodes: ['Cz', 'T7', 'T8'], sfreqHz: 200, missing: ['T8'], subjects: 2 },
]);

function accuracy(
  probabilities: Float32Array,
  labelled: readonly LabelledSegment[],
  names = classes,
): number {
  const k = names.length;
  const hits = labelled.filter(({ label }, i) => {
    const row = [...probabilities.subarray(i * k, (i + 1) * k)];
    return names[row.indexOf(Math.max(...row))] === label;
  });
  return hits.length / labelled.length;
}
const rowsOf = (labelled: readonly LabelledSegment[]) => labelled.map(({ index }) => index);
const subject = (name: string) => mixed.labelled.filter((segment) => segment.subject === name);
const others = (name: string) => mixed.labelled.filter((segment) => segment.subject !== name);

describe('labelled rows', () => {
  it('keeps whole trials aside and leaves every class something to learn from', () => {
    const { kept, aside } = keepTrialsAside(mixed.labelled, 0.2, createRandom(1));
    const trials = (positions: number[]) => new Set(positions.map((at) => mixed.labelled[at]!.trial));
    expect([...trials(kept)].filter((trial) => trials(aside).has(trial))).toEqual([]);
    expect(new Set(aside.map((at) => mixed.labelled[at]!.label)).size).toBe(3);
    expect(kept.length + aside.length).toBe(mixed.labelled.length);
    const lone = mixed.labelled.filter(({ trial }) => trial === 'A-0/0');
    expect(keepTrialsAside(lone, 0.2, createRandom(1)).aside).toEqual([]);
  });

  it('puts every position in one batch of its group', () => {
    const groups = [0, 0, 1, 0, 1, 0, 0];
    const batches = batchesWithinGroups(groups, 2, createRandom(1));
    expect(batches.flat().sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    for (const batch of batches) expect(new Set(batch.map((at) => groups[at])).size).toBe(1);
  });
});

describe('fitting a classifier', () => {
  beforeAll(async () => {
    await startEngine('wasm');
  });
  const params: FinetuneParams = finetuneParams.parse({ passes: 20, batch: 16, patience: 0 });
  const deps = () => ({ progress: listen(), random: createRandom(3) });

  it('learns ten trials by heart with ART and graph attention', async () => {
    const { source, labelled } = makeSource(
      [{ ...small, subjects: 1, trialsPerSubject: 10, segmentsPerTrial: 1, missing: [] }],
      [6, 10, 20],
      5,
    );
    // noise labels: nothing to understand, only to remember
    const names = ['odd', 'even'];
    const random = createRandom(8);
    const relabelled = labelled.map((segment) => ({ ...segment, label: names[random.below(2)]! }));
    const fitted = await fitClassifier(
      'art-gat',
      source,
      relabelled,
      [],
      names,
      { ...params, passes: 60 },
      deps(),
    );
    expect(accuracy(await fitted.predict(rowsOf(relabelled)), relabelled, names)).toBeGreaterThan(0.9);
  });

  it.each(kinds)('finds rhythms in a subject with missing electrodes that it never saw: %s', async (kind) => {
    const before = tf.memory().numTensors;
    const [test, train] = [subject('A-2'), others('A-2')];
    const fitted = await fitClassifier(kind, mixed.source, train, [], classes, params, deps());
    const probabilities = await fitted.predict(rowsOf(test));
    expect(accuracy(probabilities, test)).toBeGreaterThan(0.8);
    for (let i = 0; i < test.length; i++)
      expect(probabilities.subarray(3 * i, 3 * i + 3).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
    expect(fitted.subjects).toEqual(['A-0', 'A-1', 'B-0', 'B-1']);
    expect(tf.memory().numTensors).toBe(before);
    if (fitted.spec.kind !== 'band-power-lda') {
      const again = await predictWith(fitted.spec, fitted.weights, mixed.source, rowsOf(test));
      expect(again).toEqual(probabilities);
    }
  });

  it('stops without gain on held-out trials and keeps the best pass', async () => {
    const { kept, aside } = keepTrialsAside(others('A-2'), 0.2, createRandom(1));
    const pool = others('A-2');
    const [train, validation] = [kept.map((at) => pool[at]!), aside.map((at) => pool[at]!)];
    const fitted = await fitClassifier(
      'eegnet',
      mixed.source,
      train,
      validation,
      classes,
      { ...params, passes: 80, patience: 3 },
      deps(),
    );
    expect(fitted.ended).toBe('no-gain');
    expect(fitted.curves.map(({ split }) => split)).toEqual(['training', 'held-out']);
  });

  it('takes over a pre-trained encoder whole, and a frozen one stays as it was', async () => {
    const pretrained = await pretrainArt(
      mixed.source,
      rowsOf(others('A-2')),
      pretrainParams.parse({ passes: 1, steps: 4, batch: 8 }),
      deps(),
    );
    const frozen = { ...params, passes: 3, encoderRate: 0 };
    const fitted = await fitClassifier('art-gat', mixed.source, others('A-2'), [], classes, frozen, {
      ...deps(),
      pretrained,
    });
    expect(fitted.report).toMatchObject({ missing: [], unexpected: [], mismatched: [] });
    for (const [name, tensor] of Object.entries(pretrained.weights))
      if (name.startsWith('encoder.')) expect(fitted.weights[name]).toEqual(tensor);
    const rows = rowsOf(subject('A-2'));
    const remembered = await fitted.predict(rows);
    if (fitted.spec.kind === 'band-power-lda') throw new Error('unexpected');
    const fresh = await predictWith(fitted.spec, fitted.weights, mixed.source, rows);
    remembered.forEach((value, i) => expect(value).toBeCloseTo(fresh[i]!, 4));
  });

  it('refuses a trial on both sides and a label that is no class', async () => {
    const all = mixed.labelled;
    await expect(
      fitClassifier('eegnet', mixed.source, all, all.slice(0, 1), classes, params, deps()),
    ).rejects.toMatchObject({ code: 'leak' });
    await expect(
      fitClassifier('band-power-lda', mixed.source, all, [], ['class 0'], params, deps()),
    ).rejects.toMatchObject({ code: 'invalid-input' });
    await expect(
      fitClassifier('eegnet', mixed.source, [], [], classes, params, deps()),
    ).rejects.toMatchObject({ code: 'no-data' });
  });

  it('gives a class that the training side lacks probability zero', async () => {
    const train = mixed.labelled.filter(({ label }) => label !== 'class 1');
    const fitted = await fitClassifier('band-power-lda', mixed.source, train, [], classes, params, deps());
    const probabilities = await fitted.predict([0, 1, 2, 3]);
    for (let i = 0; i < 4; i++) expect(probabilities[3 * i + 1]).toBe(0);
  });
});

describe('cross-validation', () => {
  beforeAll(async () => {
    await startEngine('wasm');
  });
  const params: FinetuneParams = finetuneParams.parse({ passes: 3, batch: 16, patience: 2 });
  const subjects = [...new Set(mixed.labelled.map((segment) => segment.subject))];
  const positions = [...mixed.labelled.keys()];
  const folds = subjects.map((name) => ({
    train: positions.filter((at) => mixed.labelled[at]!.subject !== name),
    test: positions.filter((at) => mixed.labelled[at]!.subject === name),
  }));

  it('judges every segment once, by a model that did not see its subject', async () => {
    const progress = listen();
    const result = await crossValidate(
      'band-power-lda',
      mixed.source,
      mixed.labelled,
      folds,
      classes,
      params,
      {
        progress,
        random: createRandom(1),
      },
    );
    expect(result.probabilities.every((p) => p >= 0 && p <= 1)).toBe(true);
    result.foldOf.forEach((fold, at) => expect(subjects[fold]).toBe(mixed.labelled[at]!.subject));
    expect(accuracy(result.probabilities, mixed.labelled)).toBeGreaterThan(0.9);
    expect(progress.events.at(-1)).toEqual({ type: 'progress', done: 5, total: 5, unit: 'folds' });
  });

  it('goes on after the finished folds and gives the same', async () => {
    const run = (checkpoints: ReturnType<typeof memoryCheckpoints>, progress = listen()) =>
      crossValidate('eegnet', mixed.source, mixed.labelled, folds, classes, params, {
        progress,
        random: createRandom(1),
        checkpoints,
      });
    const straight = memoryCheckpoints();
    const whole = await run(straight);
    const resumed = await run(memoryCheckpoints(straight.saved[2]));
    expect(resumed).toEqual(whole);
  });

  it('keeps finished folds when stopped by hand, and nothing of the one under way', async () => {
    const progress = listen({ type: 'metric', count: 20 });
    const result = await crossValidate('eegnet', mixed.source, mixed.labelled, folds, classes, params, {
      progress,
      random: createRandom(1),
    });
    expect(result.ended).toBe('by-hand');
    expect(result.folds.length).toBeGreaterThan(0);
    expect(result.folds.length).toBeLessThan(5);
    expect(result.foldOf.filter((fold) => fold >= 0).length).toBe(
      folds.slice(0, result.folds.length).reduce((sum, { test }) => sum + test.length, 0),
    );
  });

  it('refuses folds that leak', async () => {
    const leaking = [{ train: [0, 1, 2], test: [2, 3] }];
    await expect(
      crossValidate('band-power-lda', mixed.source, mixed.labelled, leaking, classes, params, {
        progress: listen(),
        random: createRandom(1),
      }),
    ).rejects.toMatchObject({ code: 'leak' });
  });
});
