import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { startEngine } from '#main/engine/engine.ts';
import { createRandom } from '#shared/random.ts';
import { createArtGat, artGatConfig } from '#main/models/art-gat.ts';
import { artConfig, createArt, electrodeRows, type ArtPreset } from '#main/models/art.ts';
import { toGrid } from '#main/models/time-grid.ts';
import { Weights } from '#main/models/weights.ts';

const vocabulary = ['Fz', 'Cz', 'Pz', 'Oz', 'T7', 'T8'];
const quiet = { training: false, random: createRandom(0) };

function numbers(count: number, seed: number): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length: count }, () => random.normal());
}

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

describe('ART', () => {
  beforeAll(async () => {
    await startEngine('wasm');
  });

  it.each(['demo', 'balanced', 'paper'] as ArtPreset[])(
    'describes the same wave alike at 128 and 200 Hz, and other waves otherwise (%s)',
    (preset) => {
      const weights = new Weights(createRandom(1));
      const art = createArt(weights, artConfig(preset, vocabulary));
      const describeWave = (hz: number, rate: number) => {
        const wave = Float32Array.from({ length: 4 * rate }, (_, i) =>
          Math.sin((2 * Math.PI * hz * i) / rate),
        );
        const signals = toGrid(wave, wave.length, rate);
        return tf.tidy(() =>
          art
            .encode({ signals, electrodes: ['Cz'], sfreqHz: rate }, quiet)
            .dataSync<'float32'>()
            .slice(),
        );
      };
      for (const hz of [6, 10, 20])
        expect(cosine(describeWave(hz, 128), describeWave(hz, 200))).toBeGreaterThan(0.9);
      expect(cosine(describeWave(6, 128), describeWave(30, 128))).toBeLessThan(
        cosine(describeWave(6, 128), describeWave(6, 200)),
      );
      weights.dispose();
    },
  );

  it('takes windows of any length and gives one row per channel', () => {
    const weights = new Weights(createRandom(1));
    const art = createArt(weights, artConfig('demo', vocabulary));
    for (const length of [64, 128, 300, 1024])
      expect(
        tf.tidy(
          () =>
            art.encode(
              { signals: numbers(3 * length, 1), electrodes: ['Cz', 'Oz', 'never heard of'], sfreqHz: 250 },
              quiet,
            ).shape,
        ),
      ).toEqual([3, 48]);
    weights.dispose();
  });

  it('gives every parameter a gradient on wasm and keeps no tensors', () => {
    const weights = new Weights(createRandom(1));
    const art = createArt(weights, artConfig('demo', vocabulary));
    const variables = weights.trainable().map(({ variable }) => variable);
    const step = () =>
      tf.tidy(() => {
        const input = { signals: numbers(4 * 256, 2), electrodes: vocabulary.slice(0, 4), sfreqHz: 128 };
        const { grads } = tf.variableGrads(
          () =>
            tf.sum(tf.square(art.encode(input, { training: true, random: createRandom(1) }))) as tf.Scalar,
          variables,
        );
        return Object.values(grads).every((gradient) => gradient.dataSync().some((value) => value !== 0));
      });
    step();
    const before = tf.memory().numTensors;
    expect(step()).toBe(true);
    expect(tf.memory().numTensors).toBe(before);
    weights.dispose();
  });

  it('looks an electrode up by its name, and strangers in a row of their own', () => {
    const rows = tf.tidy(() => electrodeRows(['Pz', 'X1'], vocabulary).arraySync());
    expect(rows[0]!.indexOf(1)).toBe(2);
    expect(rows[1]!.indexOf(1)).toBe(vocabulary.length);
  });
});

describe.each(['cpu', 'wasm'] as const)('ART with graph attention on %s', (engine) => {
  beforeAll(async () => {
    await startEngine(engine);
  });

  const length = 128;
  const signals = numbers(2 * 4 * length, 3);
  const electrodes = ['Fz', 'Cz', 'Pz', 'Oz'];
  const decide = (input: { signals: Float32Array; electrodes: string[]; present: Float32Array }) => {
    const weights = new Weights(createRandom(4));
    const model = createArtGat(weights, artGatConfig(artConfig('demo', vocabulary), 3));
    const logits = tf.tidy(() => {
      const whole = { ...input, sfreqHz: 128 };
      return model.decide(model.describe(whole, quiet), whole, quiet).dataSync<'float32'>().slice();
    });
    weights.dispose();
    return logits;
  };
  const difference = (a: Float32Array, b: Float32Array) =>
    Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));

  it('does not care for the order of the electrodes', () => {
    const order = [2, 0, 3, 1];
    const permuted = new Float32Array(signals.length);
    for (let n = 0; n < 2; n++)
      order.forEach((from, to) =>
        permuted.set(
          signals.subarray((n * 4 + from) * length, (n * 4 + from + 1) * length),
          (n * 4 + to) * length,
        ),
      );
    const present = new Float32Array(8).fill(1);
    const straight = decide({ signals, electrodes, present });
    const other = decide({ signals: permuted, electrodes: order.map((at) => electrodes[at]!), present });
    expect(difference(straight, other)).toBeLessThan(1e-5);
    const mislabelled = decide({ signals: permuted, electrodes, present });
    expect(difference(straight, mislabelled)).toBeGreaterThan(1e-4);
  });

  it('lets an absent electrode change nothing, whatever stands in its place', () => {
    const narrow = new Float32Array(2 * 3 * length);
    const wide = new Float32Array(2 * 4 * length).fill(7);
    for (let n = 0; n < 2; n++)
      for (let c = 0; c < 3; c++) {
        const row = signals.subarray((n * 4 + c) * length, (n * 4 + c + 1) * length);
        narrow.set(row, (n * 3 + c) * length);
        wide.set(row, (n * 4 + c) * length);
      }
    const without = decide({
      signals: narrow,
      electrodes: electrodes.slice(0, 3),
      present: new Float32Array(6).fill(1),
    });
    const padded = decide({
      signals: wide,
      electrodes,
      present: Float32Array.from([1, 1, 1, 0, 1, 1, 1, 0]),
    });
    expect(difference(without, padded)).toBeLessThan(1e-6);
  });
});
