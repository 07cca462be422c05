import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { listEngines, startEngine } from '#main/engine/engine.ts';

describe('engines', () => {
  it('pass their self-test or say why not, and leave the one in use in place', async () => {
    await startEngine('cpu');
    const reports = await listEngines();
    expect(reports.map(({ name }) => name)).toEqual(['tensorflow', 'webgpu', 'wasm', 'cpu']);
    for (const { available, reason, test } of reports) {
      expect(available ? '' : reason).toBe(reason);
      expect(available).toBe(test?.passed ?? false);
    }
    expect(reports.filter(({ available }) => available).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['wasm', 'cpu']),
    );
    expect(tf.getBackend()).toBe('cpu');
  });

  it('are tried in order for auto, naming what was passed over', async () => {
    const engine = await startEngine('auto');
    const order = ['tensorflow', 'webgpu', 'wasm', 'cpu'];
    expect(engine.passedOver.map(({ name }) => name)).toEqual(order.slice(0, order.indexOf(engine.name)));
    expect(engine.passedOver.every(({ reason }) => reason.length > 10)).toBe(true);
  });

  it('refuse by name with a reason', async () => {
    await expect(startEngine('webgpu')).rejects.toMatchObject({ code: 'unsupported' });
  });

  it('multiply with transposed operands on wasm as on cpu', async () => {
    const compute = () =>
      tf.tidy(() =>
        [
          [false, false],
          [false, true],
          [true, false],
          [true, true],
        ].flatMap(([ta, tb]) => {
          const a = tf.reshape(tf.sin(tf.range(0, 2 * 3 * 5 * 7)), ta ? [2, 3, 7, 5] : [2, 3, 5, 7]);
          const b = tf.reshape(tf.cos(tf.range(0, 2 * 3 * 7 * 4)), tb ? [2, 3, 4, 7] : [2, 3, 7, 4]);
          return [...tf.matMul(a, b, ta, tb).dataSync()];
        }),
      );
    await startEngine('cpu');
    const expected = compute();
    await startEngine('wasm');
    const before = tf.memory().numTensors;
    compute().forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 4));
    expect(tf.memory().numTensors).toBe(before);
  });
});
