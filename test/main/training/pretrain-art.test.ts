import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { startEngine } from '#main/engine/engine.ts';
import { pretrainParams } from '#shared/params/pretrain.ts';
import { createRandom } from '#shared/random.ts';
import { drawChannelBatches } from '#main/training/channel-samples.ts';
import { effectiveRank } from '#main/training/effective-rank.ts';
import { holdOutSubjects } from '#main/training/held-out-subjects.ts';
import { pretrainArt } from '#main/training/recipes/pretrain-art.ts';
import { listen, makeSource, memoryCheckpoints } from './memory-source.ts';

const { source } = makeSource([
  {
    name: 'A',
    electrodes: ['Fz', 'Cz', 'Pz', 'Oz'],
    sfreqHz: 128,
    seconds: 2,
    subjects: 4,
    trialsPerSubject: 3,
    segmentsPerTrial: 2,
    missing: ['Oz'],
  },
  {
    name: 'B',
    electrodes: ['Cz', 'T7'],
    sfreqHz: 200,
    seconds: 2,
    subjects: 2,
    trialsPerSubject: 3,
    segmentsPerTrial: 2,
  },
]);
const everything = source.segments.map(({ index }) => index);
const params = pretrainParams.parse({ passes: 2, batch: 8, samplesPerPass: 48, holdOut: 0.2 });

describe('drawing single channels', () => {
  it('meets every channel of every segment once when everything is asked for', () => {
    const batches = drawChannelBatches(source, everything, 0, 8, createRandom(1));
    const met = batches.flatMap(({ segments, channels }) =>
      Array.from(segments, (segment, i) => `${segment}/${channels[i]}`),
    );
    // 18 windows with 4 electrodes, 6 with 3, 12 with 2
    expect(met.length).toBe(18 * 4 + 6 * 3 + 12 * 2);
    expect(new Set(met).size).toBe(met.length);
  });

  it('has each window at most once in a batch, one group a batch, and only electrodes that are there', () => {
    for (const samples of [0, 20, 60])
      for (const { group, segments, channels } of drawChannelBatches(
        source,
        everything,
        samples,
        8,
        createRandom(2),
      )) {
        expect(new Set(segments).size).toBe(segments.length);
        expect(segments.length).toBeGreaterThanOrEqual(4);
        segments.forEach((segment, i) => {
          expect(source.segments[segment]!.group).toBe(group);
          expect(source.present(segment)[channels[i]!]).toBe(1);
        });
      }
  });

  it('draws as many as asked for, anew each pass, in the same number of batches', () => {
    const first = drawChannelBatches(source, everything, 60, 8, createRandom(3));
    const second = drawChannelBatches(source, everything, 60, 8, createRandom(4));
    const drawn = first.reduce((sum, { segments }) => sum + segments.length, 0);
    // a remainder too small to contrast with is left out
    expect(drawn).toBeGreaterThan(56);
    expect(drawn).toBeLessThanOrEqual(60);
    expect(second.length).toBe(first.length);
    expect(second).not.toEqual(first);
  });
});

describe('subjects held out', () => {
  it('never share a subject with training', () => {
    const { training, heldOut, subjects } = holdOutSubjects(source, everything, 0.3, createRandom(1));
    expect(training.length + heldOut.length).toBe(everything.length);
    expect(new Set(heldOut.map((index) => source.segments[index]!.subject))).toEqual(new Set(subjects));
    expect(training.some((index) => subjects.includes(source.segments[index]!.subject))).toBe(false);
  });
});

describe('effective rank', () => {
  it('counts the directions that vary', () => {
    const random = createRandom(1);
    const line = Float32Array.from({ length: 400 }, () => 0);
    for (let i = 0; i < 100; i++) line[4 * i] = random.normal();
    expect(effectiveRank(line, 4)).toBeCloseTo(1, 6);
    expect(
      effectiveRank(
        Float32Array.from({ length: 40000 }, () => random.normal()),
        4,
      ),
    ).toBeCloseTo(4, 1);
    expect(effectiveRank(new Float32Array(40).fill(3), 4)).toBe(0);
  });
});

describe('pre-training on single channels', () => {
  beforeAll(async () => {
    await startEngine('wasm');
  });

  it('learns to match views of people it never saw, in one network for two montages and rates', async () => {
    const progress = listen();
    const before = tf.memory().numTensors;
    const result = await pretrainArt(
      source,
      everything,
      { ...params, passes: 6 },
      {
        progress,
        random: createRandom(7),
      },
    );
    expect(tf.memory().numTensors).toBe(before);
    expect(result.config.vocabulary).toEqual(['Fz', 'Cz', 'Pz', 'Oz', 'T7']);
    expect(result.heldOut!.loss).toBeLessThan(result.heldOut!.untrained.loss);
    expect(result.heldOut!.matching).toBeGreaterThan(result.heldOut!.chance);
    expect(result.curves.map(({ series, split }) => `${series} ${split}`)).toEqual([
      'Loss training',
      'Loss held-out',
      'Matching held-out',
    ]);
    expect(result.curves[2]!.x.at(-1)).toBe(6);
    expect(result.health.effectiveRank).toBeGreaterThan(1);
    expect(result.parameters).toBeGreaterThan(10_000);
    expect(Object.keys(result.weights).some((name) => name.startsWith('encoder.'))).toBe(true);
  });

  it('goes on from a parent and reports which weights came over', async () => {
    const deps = { progress: listen(), random: createRandom(1) };
    const short = { ...params, passes: 1, steps: 1 };
    const parent = await pretrainArt(source, everything, short, deps);
    const child = await pretrainArt(source, everything, short, { ...deps, parent });
    expect(child.report).toMatchObject({ missing: [], mismatched: [] });
    expect(child.report!.loaded).toBe(child.report!.of);
    expect(parent.report).toBeNull();
  });

  it('says so when nobody can be held out, and refuses when there is nothing to contrast', async () => {
    const one = everything.filter((index) => source.segments[index]!.subject === 'A-0');
    const progress = listen();
    const deps = { progress, random: createRandom(1) };
    const result = await pretrainArt(source, one, { ...params, passes: 1, steps: 2 }, deps);
    expect(result.heldOut).toBeNull();
    expect(progress.events.some((event) => event.type === 'note' && event.level === 'warning')).toBe(true);
    await expect(pretrainArt(source, one.slice(0, 3), params, deps)).rejects.toMatchObject({
      code: 'no-data',
    });
  });

  it('stops and keeps on request, gives up when cancelled', async () => {
    const stopping = listen({ type: 'progress', count: 3 });
    const kept = await pretrainArt(source, everything, params, {
      progress: stopping,
      random: createRandom(1),
    });
    expect(kept).toMatchObject({ ended: 'by-hand', steps: 3 });
    const aborting = listen();
    aborting.abort();
    await expect(
      pretrainArt(source, everything, params, { progress: aborting, random: createRandom(1) }),
    ).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('resuming on the cpu engine', () => {
  beforeAll(async () => {
    await startEngine('cpu');
  });

  it('gives bit-equal weights and curves to a run without interruption', async () => {
    const small = { ...params, samplesPerPass: 8, batch: 8, passes: 2 };
    const few = everything.filter((index) => /A-[012]/.test(source.segments[index]!.subject));
    const straight = memoryCheckpoints();
    const whole = await pretrainArt(source, few, small, {
      progress: listen(),
      checkpoints: straight,
      random: createRandom(5),
    });
    const resumed = await pretrainArt(source, few, small, {
      progress: listen(),
      checkpoints: memoryCheckpoints(straight.saved[0]),
      random: createRandom(5),
    });
    expect(straight.saved.length).toBeGreaterThan(1);
    expect(resumed.weights).toEqual(whole.weights);
    expect(resumed.curves).toEqual(whole.curves);
    expect(resumed.heldOut).toEqual(whole.heldOut);
  });
});
