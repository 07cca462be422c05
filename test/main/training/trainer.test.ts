import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors.ts';
import { createRandom } from '#shared/random.ts';
import { startEngine } from '#main/engine/engine.ts';
import { dropout } from '#main/models/layers/activation.ts';
import { linear } from '#main/models/layers/linear.ts';
import { Weights } from '#main/models/weights.ts';
import { shuffledBatches } from '#main/training/batches.ts';
import { AdamW } from '#main/training/optimizer.ts';
import type { Team } from '#main/training/team.ts';
import { constantRate } from '#main/training/schedule.ts';
import { trainLoop, type TrainPlan } from '#main/training/trainer.ts';
import { listening, memoryStore } from './listening.ts';

beforeAll(async () => void (await startEngine('cpu')));

const rows = Array.from({ length: 40 }, (_, i) => i);
const random = createRandom(3);
const inputs = Float32Array.from({ length: 40 * 3 }, () => random.normal());
const answers = Float32Array.from({ length: 40 }, (_, i) => inputs[i * 3]! - 2 * inputs[i * 3 + 1]! + 0.5);

function regression(changes: Partial<TrainPlan<Uint32Array>> = {}) {
  const weights = new Weights(createRandom(1));
  const layer = linear(weights.scope('line'), 3, 1);
  const optimizer = new AdamW(weights.trainable(), { weightDecay: 0.01, clip: 1 });
  const plan: TrainPlan<Uint32Array> = {
    weights,
    optimizer,
    schedule: constantRate(0.05),
    order: shuffledBatches(rows, 8, createRandom(2)),
    passes: 6,
    random: createRandom(7),
    load: (batch) => batch,
    loss: (batch, mode) => {
      const x = tf.tensor2d(Array.from(batch, (row) => [...inputs.subarray(row * 3, row * 3 + 3)]));
      const y = tf.tensor1d(Array.from(batch, (row) => answers[row]!));
      const found = tf.reshape(layer(dropout(x, 0.1, mode), mode), [batch.length]);
      return tf.mean(tf.square(tf.sub(found, y))) as tf.Scalar;
    },
    progress: listening(),
    ...changes,
  };
  return plan;
}

/** Members that meet in this thread. */
function teamOf(size: number): Team[] {
  let waiting: { values: Float32Array; go: () => void }[] = [];
  const meet = (values: Float32Array, join: (all: Float32Array[]) => Float32Array) =>
    new Promise<void>((go) => {
      waiting.push({ values, go });
      if (waiting.length < size) return;
      const all = waiting;
      waiting = [];
      const joined = join(all.map((each) => each.values.slice()));
      for (const each of all) {
        each.values.set(joined);
        each.go();
      }
    });
  return Array.from({ length: size }, (_, rank) => ({
    rank,
    size,
    sum: (values) =>
      meet(values, (all) => all[0]!.map((_, i) => all.reduce((sum, each) => sum + each[i]!, 0))),
    async agree(value) {
      const word = Float32Array.of(rank === 0 ? value : 0);
      await meet(word, (all) => Float32Array.of(all.reduce((sum, each) => sum + each[0]!, 0)));
      return word[0]!;
    },
  }));
}

const values = async (plan: TrainPlan<Uint32Array>) =>
  Object.values(await plan.weights.save()).flatMap(({ data }) => [...data]);
const code = (error: unknown) => (error instanceof AppError ? error.code : String(error));

describe('the training loop', () => {
  it('makes the loss smaller and tells both curves', async () => {
    const progress = listening();
    const plan = regression({ progress, passes: 30, evaluate: async () => 1 });
    const { history, steps, passes, ended } = await trainLoop(plan);
    const training = history.filter(({ split }) => split === 'training').map(({ value }) => value);
    expect(training.at(-1)).toBeLessThan(training[0]! / 3);
    expect({ steps, passes, ended }).toEqual({ steps: 150, passes: 30, ended: 'done' });
    const told = progress.events.filter(({ type }) => type === 'metric');
    expect(told).toHaveLength(history.length);
    expect(new Set(history.map(({ split }) => split))).toEqual(new Set(['training', 'held-out']));
  });

  it('continues from a checkpoint exactly as if nothing had happened', async () => {
    let checks = 0;
    const evaluate = async () => [5, 3, 4, 2, 6, 7][checks++ % 6]!;
    const whole = regression({ evaluate });
    const expected = await trainLoop(whole);
    for (const abortAt of [3, 12, 17, 25]) {
      checks = 0;
      const checkpoints = memoryStore();
      const broken = regression({
        checkpoints,
        checkpointEvery: 4,
        evaluate,
        progress: listening((event, self) => {
          if (event.type === 'progress' && event.done === abortAt) self.abort();
        }),
      });
      await expect(trainLoop(broken).catch((error) => Promise.reject(code(error)))).rejects.toBe('cancelled');
      const saved = await checkpoints.load();
      checks = (((saved?.state['step'] as number | undefined) ?? 0) / 5) | 0;
      const resumed = regression({ checkpoints, evaluate });
      const result = await trainLoop(resumed);
      expect(await values(resumed)).toEqual(await values(whole));
      expect(result).toEqual(expected);
    }
  });

  it('ends within a step of a cancel and keeps what was checkpointed', async () => {
    const checkpoints = memoryStore();
    const progress = listening((event, self) => {
      if (event.type === 'progress' && event.done === 7) self.abort();
    });
    const outcome = await trainLoop(regression({ progress, checkpoints })).catch(code);
    expect(outcome).toBe('cancelled');
    expect(progress.events.filter(({ type }) => type === 'progress')).toHaveLength(7);
    expect((await checkpoints.load())?.state['step']).toBe(5);
  });

  it('stops and keeps when asked', async () => {
    const progress = listening((event, self) => {
      if (event.type === 'progress' && event.done === 9) self.stop();
    });
    expect(await trainLoop(regression({ progress }))).toMatchObject({ ended: 'by-hand', steps: 9 });
  });

  it('ends without gain and puts the best weights back', async () => {
    let pass = 0;
    let best: number[] = [];
    const plan = regression({
      passes: 20,
      patience: 3,
      evaluate: async () => {
        pass++;
        if (pass === 2) best = await values(plan);
        return pass === 2 ? 1 : 2;
      },
    });
    const result = await trainLoop(plan);
    expect(result).toMatchObject({ ended: 'no-gain', passes: 5, best: { pass: 2, value: 1 } });
    expect(await values(plan)).toEqual(best);
  });

  it('refuses to go on with a gradient that is not finite', async () => {
    const plan = regression();
    const weight = plan.weights.trainable()[0]!.variable;
    // the root of zero: a finite loss with an infinite slope
    plan.loss = () => tf.sum(tf.sqrt(tf.mul(weight, 0)));
    await expect(trainLoop(plan)).rejects.toThrow(/a gradient is no longer a finite number/);
  });

  it('refuses to go on with a loss that is not a number', async () => {
    const plan = regression({ loss: () => tf.log(tf.scalar(-1)) });
    const { line } = { line: plan.weights.trainable()[0]!.variable };
    plan.loss = () => tf.mul(tf.sum(line), NaN) as tf.Scalar;
    expect(await trainLoop(plan).catch(code)).toBe('diverged');
  });

  it('comes to the same weights when a batch is computed in pieces', async () => {
    const noise = { loss: quietLoss };
    function quietLoss(this: void, batch: Uint32Array) {
      const x = tf.tensor2d(Array.from(batch, (row) => [...inputs.subarray(row * 3, row * 3 + 3)]));
      const y = tf.tensor1d(Array.from(batch, (row) => answers[row]!));
      const [weight, bias] = current.weights.trainable().map(({ variable }) => variable);
      const found = tf.reshape(tf.add(tf.matMul(x, weight as tf.Tensor2D), bias!), [batch.length]);
      return tf.mean(tf.square(tf.sub(found, y))) as tf.Scalar;
    }
    const whole = regression(noise);
    let current = whole;
    await trainLoop(whole);
    const cut = regression({
      ...noise,
      pieces: (batch) => [
        { part: batch.subarray(0, 3), share: 3 / 8 },
        { part: batch.subarray(3), share: 5 / 8 },
      ],
    });
    current = cut;
    await trainLoop(cut);
    const expected = await values(whole);
    (await values(cut)).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 4));
  });

  it('comes to the same weights as a team, the same for every member, and ends together', async () => {
    const halves = (batch: Uint32Array) => [
      { part: batch.subarray(0, 4), share: 0.5 },
      { part: batch.subarray(4), share: 0.5 },
    ];
    const changes = { pieces: halves, patience: 3, evaluate: async () => 1 };
    const single = regression(changes);
    const expected = await trainLoop(single);
    const members = teamOf(2).map((team) => regression({ ...changes, team }));
    const [first, second] = await Promise.all(members.map((member) => trainLoop(member)));
    expect(first).toMatchObject({ ended: 'no-gain', steps: expected.steps, best: expected.best });
    expect(second).toMatchObject({ ended: 'no-gain', steps: expected.steps });
    // the first goes back to its best weights, so the moments are compared
    const moments = await Promise.all([...members, single].map(({ optimizer }) => optimizer.save()));
    expect(moments[1]).toEqual(moments[0]);
    for (const [name, { data }] of Object.entries(moments[2]!.tensors))
      data.forEach((value, i) => expect(moments[0]!.tensors[name]!.data[i], name).toBeCloseTo(value, 5));
  });

  it('leaves no tensor behind', async () => {
    const plan = regression({ passes: 1 });
    const before = tf.memory().numTensors;
    await trainLoop(plan);
    await trainLoop(plan);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('says so when there is nothing to learn from', async () => {
    expect(await trainLoop(regression({ order: shuffledBatches([], 8, createRandom(1)) })).catch(code)).toBe(
      'no-data',
    );
  });
});

describe('batches', () => {
  it('show every row once a pass, in a new order, the same whenever asked', () => {
    const order = shuffledBatches(rows, 8, createRandom(2));
    const passes = [0, 1].map((pass) =>
      Array.from({ length: 5 }, (_, i) => [...order.at(pass * 5 + i)]).flat(),
    );
    for (const seen of passes) expect([...seen].sort((a, b) => a - b)).toEqual(rows);
    expect(passes[0]).not.toEqual(passes[1]);
    expect([...shuffledBatches(rows, 8, createRandom(2)).at(7)]).toEqual([...order.at(7)]);
  });

  it('drop or keep the rest', () => {
    expect(shuffledBatches(rows, 12, createRandom(2)).stepsPerPass).toBe(3);
    const keeping = shuffledBatches(rows, 12, createRandom(2), { dropLast: false });
    expect(keeping.at(3)).toHaveLength(4);
    expect(shuffledBatches(rows, 100, createRandom(2)).at(0)).toHaveLength(40);
  });
});

describe('AdamW', () => {
  const make = (options: ConstructorParameters<typeof AdamW>[1]) => {
    const weights = new Weights(createRandom(1));
    const matrix = weights.scope('a', 'slow').variable('m', [1, 2], () => Float32Array.of(1, -2));
    const vector = weights.variable('v', [1], () => Float32Array.of(3));
    const optimizer = new AdamW(weights.trainable(), options);
    const step = (gm: number[], gv: number) =>
      tf.tidy(() => {
        optimizer.add({ [matrix.name]: tf.tensor(gm, [1, 2]), [vector.name]: tf.tensor([gv], [1]) });
        return optimizer.apply(0.1).dataSync()[0]!;
      });
    return { matrix, vector, optimizer, step };
  };

  it('moves by the learning rate in the first step and decays matrices only', () => {
    const { matrix, vector, step } = make({ weightDecay: 0.5 });
    step([2, -0.001], 7);
    expect(matrix.dataSync()[0]).toBeCloseTo(1 * (1 - 0.05) - 0.1, 5);
    expect(matrix.dataSync()[1]).toBeCloseTo(-2 * (1 - 0.05) + 0.1, 4);
    expect(vector.dataSync()[0]).toBeCloseTo(2.9, 5);
  });

  it('clips by the joint norm and gives the norm before', async () => {
    const { step, optimizer } = make({ clip: 1 });
    expect(step([3, 0], 4)).toBeCloseTo(5, 6);
    const { tensors } = await optimizer.save();
    expect(tensors['a.m/first']!.data[0]).toBeCloseTo(0.1 * (3 / 5), 6);
    expect(tensors['v/first']!.data[0]).toBeCloseTo(0.1 * (4 / 5), 6);
  });

  it('gives groups their own rate and leaves frozen ones alone', () => {
    const slow = make({ rates: { slow: 0.1 } });
    slow.step([1, 1], 1);
    expect(slow.matrix.dataSync()[0]).toBeCloseTo(1 - 0.01, 5);
    const frozen = make({ rates: { slow: 0 } });
    frozen.step([1, 1], 1);
    expect(frozen.matrix.dataSync()[0]).toBe(1);
    expect(frozen.optimizer.variables).toHaveLength(1);
  });

  it('leaves a parameter without gradient as it is, moments too', async () => {
    const { matrix, vector, optimizer } = make({ weightDecay: 0.5 });
    tf.tidy(() => {
      optimizer.add({ [vector.name]: tf.tensor([1], [1]) });
      optimizer.apply(0.1);
    });
    expect([...matrix.dataSync()]).toEqual([1, -2]);
    expect((await optimizer.save()).tensors['a.m/second']!.data).toEqual(new Float32Array(2));
    expect(vector.dataSync()[0]).toBeCloseTo(2.9, 5);
  });

  it('sums the gradients of a batch in pieces by their shares', async () => {
    const whole = make({});
    whole.step([1, 3], 2);
    const cut = make({});
    tf.tidy(() => {
      for (const gm of [
        [0, 4],
        [2, 2],
      ])
        // prettier-ignore
        cut.optimizer.add({ [cut.matrix.name]: tf.tensor(gm, [1, 2]), [cut.vector.name]: tf.tensor([2], [1]) }, 0.5);
      cut.optimizer.apply(0.1);
    });
    expect(await cut.optimizer.save()).toEqual(await whole.optimizer.save());
    expect(cut.matrix.dataSync()).toEqual(whole.matrix.dataSync());
  });

  it('follows the formula of PyTorch over many steps, and frees what it held', () => {
    const before = tf.memory().numTensors;
    const { matrix, vector, optimizer, step } = make({ weightDecay: 0.01, rates: { slow: 0.5 } });
    const value = [1, -2, 3];
    const first = [0, 0, 0];
    const second = [0, 0, 0];
    const random = createRandom(4);
    for (let t = 1; t <= 50; t++) {
      const g = value.map(() => random.normal());
      step(g.slice(0, 2), g[2]!);
      for (let i = 0; i < 3; i++) {
        const rate = i < 2 ? 0.05 : 0.1;
        first[i] = 0.9 * first[i]! + 0.1 * g[i]!;
        second[i] = 0.999 * second[i]! + 0.001 * g[i]! ** 2;
        if (i < 2) value[i]! *= 1 - rate * 0.01;
        value[i]! -=
          (rate * (first[i]! / (1 - 0.9 ** t))) / (Math.sqrt(second[i]! / (1 - 0.999 ** t)) + 1e-8);
      }
    }
    [...matrix.dataSync(), ...vector.dataSync()].forEach((found, i) =>
      expect(found).toBeCloseTo(value[i]!, 4),
    );
    optimizer[Symbol.dispose]();
    for (const variable of [matrix, vector]) variable.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('weights', () => {
  const build = () => {
    const weights = new Weights(createRandom(1));
    linear(weights.scope('one'), 2, 3);
    linear(weights.scope('two'), 3, 1);
    return weights;
  };

  it('begin the same for the same seed, whatever was made before', async () => {
    const alone = new Weights(createRandom(1));
    linear(alone.scope('two'), 3, 1);
    expect((await alone.save())['two.weight']).toEqual((await build().save())['two.weight']);
  });

  it('report what is missing, unexpected or of another shape', async () => {
    const weights = build();
    const saved = await weights.save();
    const { 'one.bias': _, ...rest } = saved;
    const odd = {
      ...rest,
      'two.weight': { shape: [1, 3], data: new Float32Array(3) },
      'old.name': { shape: [1], data: new Float32Array(1) },
    };
    expect(() => weights.load(odd)).toThrow(/another network/);
    expect(weights.load(odd, { strict: false })).toMatchObject({
      loaded: 2,
      of: 4,
      missing: ['one.bias'],
      unexpected: ['old.name'],
      mismatched: [{ name: 'two.weight', expected: [3, 1], found: [1, 3] }],
    });
    expect(weights.load(saved).loaded).toBe(4);
  });

  it('free their tensors', () => {
    const before = tf.memory().numTensors;
    build().dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
