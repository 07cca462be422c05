import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { startEngine } from '#main/engine/engine.ts';
import { calibrateParams, finetuneParams, type CalibrateParams } from '#shared/params/finetune.ts';
import { createRandom } from '#shared/random.ts';
import { calibrateSubject } from '#main/training/recipes/calibrate.ts';
import { fitClassifier, predictWith, type FittedClassifier } from '#main/training/recipes/finetune.ts';
import { listen, makeSource, memoryCheckpoints } from './memory-source.ts';

const classes = ['class 0', 'class 1'];
const group = {
  name: 'A',
  electrodes: ['Fz', 'Cz', 'Pz'],
  sfreqHz: 128,
  seconds: 2,
  subjects: 2,
  trialsPerSubject: 10,
  segmentsPerTrial: 3,
};
const { source, labelled } = makeSource([group], [8, 18]);
// the new subject means the opposite by the labels, so only its own examples can help
const own = labelled
  .filter(({ subject }) => subject === 'A-1')
  .map((segment) => ({ ...segment, label: segment.label === 'class 0' ? 'class 1' : 'class 0' }));
const params: CalibrateParams = calibrateParams.parse({
  subject: 'A-1',
  minutes: 0.6,
  points: 2,
  draws: 2,
  train: 'head',
  passes: 30,
  learningRate: 1e-2,
});
const deps = () => ({ progress: listen(), random: createRandom(2) });

describe('calibrating to a subject', () => {
  let base: FittedClassifier;
  beforeAll(async () => {
    await startEngine('wasm');
    base = await fitClassifier(
      'art-gat',
      source,
      labelled.filter(({ subject }) => subject === 'A-0'),
      [],
      classes,
      finetuneParams.parse({ passes: 12, batch: 8, patience: 0 }),
      { progress: listen(), random: createRandom(1) },
    );
  });

  it.each(['head', 'head-and-norm', 'everything'] as const)(
    'turns wrong answers into right ones with more minutes, testing on other trials: %s',
    async (train) => {
      const before = tf.memory().numTensors;
      const result = await calibrateSubject(
        base,
        source,
        own,
        { ...params, train, passes: train === 'head' ? 30 : 8 },
        deps(),
      );
      expect(tf.memory().numTensors).toBe(before);
      expect(result.points.map(({ minutes }) => minutes)).toEqual([0, 0.3, 0.6]);
      const mean = (at: number) => result.points[at]!.accuracies.reduce((sum, a) => sum + a, 0) / 2;
      expect(mean(0)).toBeLessThan(0.3);
      expect(mean(2)).toBeGreaterThan(0.7);
      expect(result.points[2]!.used).toBeLessThanOrEqual(0.6);
      // 40 % of 5 trials a class
      expect(result.points[1]!.testedTrials).toEqual([4, 4]);
      expect(result.points[1]!.tested).toEqual([12, 12]);
      const changed = Object.keys(base.weights).filter(
        (name) => base.weights[name]!.data.join() !== result.weights[name]!.data.join(),
      );
      const expected = {
        head: ['head.classifier.bias', 'head.classifier.weight'],
        'head-and-norm': changed.filter((name) => /norm|entry|exit|classifier/.test(name)).sort(),
        everything: changed.sort(),
      };
      expect(changed.sort()).toEqual(expected[train]);
      expect(changed.length).toBeGreaterThan({ head: 1, 'head-and-norm': 10, everything: 40 }[train]);
    },
  );

  it('gives weights that predict from a file', async () => {
    const result = await calibrateSubject(base, source, own, { ...params, points: 1, draws: 1 }, deps());
    const probabilities = await predictWith(
      result.spec,
      result.weights,
      source,
      own.map(({ index }) => index),
    );
    const right = own.filter(
      ({ label }, i) => (probabilities[2 * i]! > 0.5 ? 'class 0' : 'class 1') === label,
    );
    expect(right.length / own.length).toBeGreaterThan(0.7);
    expect(result.used).toBeGreaterThan(0.5);
  });

  it('goes on after finished points and gives the same', async () => {
    const straight = memoryCheckpoints();
    const whole = await calibrateSubject(base, source, own, params, { ...deps(), checkpoints: straight });
    const resumed = await calibrateSubject(base, source, own, params, {
      ...deps(),
      checkpoints: memoryCheckpoints(straight.saved[1]),
    });
    expect(resumed).toEqual(whole);
  });

  it('refuses a subject that the model knows, and one with a single trial', async () => {
    const knows = { ...base, subjects: ['A-1'] };
    await expect(calibrateSubject(knows, source, own, params, deps())).rejects.toMatchObject({
      code: 'leak',
    });
    await expect(calibrateSubject(base, source, own.slice(0, 3), params, deps())).rejects.toMatchObject({
      code: 'no-data',
    });
  });
});
