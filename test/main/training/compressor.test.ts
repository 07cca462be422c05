import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '#shared/random.ts';
import { startEngine } from '#main/engine/engine.ts';
import { embed } from '#main/distillation/embed.ts';
import { compressorSizes, createCompressor } from '#main/models/compressor.ts';
import { createViewReader, viewTensors } from '#main/models/view-reader.ts';
import { Weights } from '#main/models/weights.ts';
import {
  buildCompressor,
  loadCompressor,
  trainCompressor,
  type CompressorModel,
} from '#main/training/recipes/compressor.ts';
import { arraySource } from './array-source.ts';
import { listening, memoryStore } from './listening.ts';

const params = { preset: 'demo', passes: 4, learnFrom: 0, logMagnitude: false, idc: 'intra' } as const;
const mode = { training: true, random: createRandom(4) };

function build(source = arraySource()): CompressorModel {
  return buildCompressor(
    {
      config: { channels: 4, patch: 8, ...compressorSizes.demo },
      electrodes: source.group.electrodes,
      sfreqHz: 40,
      samples: 80,
      logMagnitude: false,
    },
    createRandom(1),
  );
}

describe('the compressor', () => {
  beforeAll(async () => void (await startEngine('cpu')));

  it('has the published number of parameters for 62 electrodes and 4 s at 200 Hz', () => {
    const weights = new Weights(createRandom(1));
    createCompressor(weights, { channels: 62, patch: 80, ...compressorSizes.paper });
    const count = weights.count();
    weights.dispose();
    expect(count).toBe(2_282_848);
  });

  for (const idc of ['intra', 'inter'] as const)
    it(`gives every parameter a gradient, the decoder's too (${idc})`, async () => {
      const source = arraySource();
      const { weights, network } = build(source);
      const arrays = await createViewReader(source, source.group, { logMagnitude: false }).read([0, 1, 2, 3]);
      const { grads } = tf.variableGrads(() => network.loss(viewTensors(arrays, 4), mode, { beta: 1, idc }));
      const still = weights
        .trainable()
        .filter(({ variable }) => !grads[variable.name]?.dataSync().some((value) => value !== 0))
        .map(({ name }) => name);
      expect(still).toEqual(
        idc === 'intra'
          ? []
          : [
              'diversity.before.weight',
              'diversity.before.bias',
              'diversity.after.weight',
              'diversity.after.bias',
            ],
      );
      weights.dispose();
    });

  it('weighs the diversity term as published: between log(380/e) and log(380·e)', async () => {
    const source = arraySource();
    const { network } = build(source);
    const arrays = await createViewReader(source, source.group, { logMagnitude: false }).read([0, 1, 2, 3]);
    const quiet = { training: false, random: createRandom(4) };
    const [without, with1] = [0, 1].map((beta) =>
      tf.tidy(() => network.loss(viewTensors(arrays, 4), quiet, { beta, idc: 'intra' }).dataSync()[0]!),
    );
    expect(with1! - without!).toBeGreaterThan(Math.log(380 / Math.E));
    expect(with1! - without!).toBeLessThan(Math.log(380 * Math.E));
  });

  it('describes a segment the same whatever batch it is in', async () => {
    const source = arraySource();
    const { network } = build(source);
    const reader = createViewReader(source, source.group, { logMagnitude: false });
    const latent = async (rows: number[], at: number) => {
      const arrays = await reader.read(rows);
      const all = tf.tidy(() =>
        network
          .encode(viewTensors(arrays, rows.length), { training: false, random: createRandom(0) })
          .dataSync(),
      );
      return [...all.subarray(at * 32, at * 32 + 32)];
    };
    const alone = await latent([5], 0);
    const together = await latent([9, 30, 5, 7], 2);
    alone.forEach((value, i) => expect(value).toBeCloseTo(together[i]!, 6));
  });
});

describe('training the compressor', () => {
  beforeAll(async () => void (await startEngine('cpu')));

  it('rebuilds better with every pass, holds subjects out, and tells what it does', async () => {
    await startEngine('wasm');
    const source = arraySource({ perSubject: 40 });
    const progress = listening();
    const before = tf.memory().numTensors;
    const model = await trainCompressor(
      source,
      source.group,
      { ...params, passes: 25 },
      { random: createRandom(1), progress },
    );
    const curve = (split: string) =>
      model.trained.history.filter((point) => point.split === split).map(({ value }) => value);
    expect(curve('training').at(-1)).toBeLessThan(curve('training')[0]! * 0.97);
    expect(curve('held-out').at(-1)).toBeLessThan(curve('held-out')[0]!);
    expect(model.heldOutSubjects).toHaveLength(1);
    expect(model.learnedFrom + model.heldOut).toBe(160);
    const latents = await embed(source, source.group, model, progress);
    expect(latents).toHaveLength(160 * 32);
    expect(latents.every(Number.isFinite)).toBe(true);
    const kept = loadCompressor(model.description, await model.weights.save(), createRandom(99));
    expect(await embed(source, source.group, kept, progress)).toEqual(latents);
    kept.weights.dispose();
    model.weights.dispose();
    expect(tf.memory().numTensors).toBe(before);
    await startEngine('cpu');
  });

  it('continues after an interruption to the very same weights', async () => {
    const source = arraySource({ perSubject: 4 });
    const whole = await trainCompressor(source, source.group, params, {
      random: createRandom(1),
      progress: listening(),
    });
    const checkpoints = memoryStore();
    const progress = listening((event, self) => {
      if (event.type === 'progress' && event.done === 2) self.abort();
    });
    await expect(
      trainCompressor(source, source.group, params, { random: createRandom(1), progress, checkpoints }),
    ).rejects.toThrow(/Stopped/);
    const resumed = await trainCompressor(source, source.group, params, {
      random: createRandom(1),
      progress: listening(),
      checkpoints,
    });
    expect(await resumed.weights.save()).toEqual(await whole.weights.save());
    expect(resumed.trained).toEqual(whole.trained);
  });

  it('draws evenly by subject and says when samples are cut off', async () => {
    const source = arraySource({ samples: 87, perSubject: 6, absent: [2] });
    const progress = listening();
    const model = await trainCompressor(
      source,
      source.group,
      { ...params, passes: 1, learnFrom: 6 },
      { random: createRandom(1), progress },
    );
    expect(model.learnedFrom).toBe(6);
    expect(progress.events.some((event) => event.type === 'note' && event.text.includes('first 80'))).toBe(
      true,
    );
  });

  it('refuses a group with nothing to learn from', async () => {
    const source = arraySource({ subjects: 1, perSubject: 1 });
    await expect(
      trainCompressor(source, source.group, params, { random: createRandom(1), progress: listening() }),
    ).rejects.toMatchObject({ code: 'no-data' });
  });
});

afterAll(() => tf.disposeVariables());
