import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { listEngines, startEngine } from '#main/engine/engine.ts';
import { selfTestCases } from '#main/engine/self-test-cases.ts';
import { selfTestValues } from '#main/engine/self-test-values.ts';
import { computeCase, selfTest } from '#main/engine/self-test.ts';

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
    const passed = engine.passedOver.map(({ name }) => name);
    expect(passed).not.toContain(engine.name);
    if (engine.name === 'wasm') expect(passed).toEqual(['tensorflow', 'webgpu']);
    if (engine.name === 'cpu') expect(passed).toEqual(['tensorflow', 'webgpu', 'wasm']);
    expect(engine.passedOver.every(({ reason }) => reason.length > 10)).toBe(true);
  });

  it('stay away when they are said to have failed', async () => {
    expect((await startEngine('auto', { without: ['tensorflow', 'webgpu', 'wasm'] })).name).toBe('cpu');
  });

  it('are disqualified by a wrong result, naming operation and both values', async () => {
    await startEngine('cpu');
    const relu = tf.getKernel('Relu', 'cpu');
    tf.unregisterKernel('Relu', 'cpu');
    tf.registerKernel({ ...relu, kernelFunc: (call) => relu.kernelFunc({ ...call, inputs: { x: tf.add(call.inputs['x'] as tf.Tensor, 0.01) } }) }); // prettier-ignore
    try {
      const { passed, reason } = await selfTest();
      expect(passed).toBe(false);
      expect(reason).toMatch(/^ReLU: gives -?[\d.]+ instead of -0\.235/);
    } finally {
      tf.unregisterKernel('Relu', 'cpu');
      tf.registerKernel(relu);
    }
  });

  it('are measured against what the cpu engine gives now', async () => {
    await startEngine('cpu');
    expect(Object.keys(selfTestValues)).toEqual(Object.keys(selfTestCases));
    for (const [name, compute] of Object.entries(selfTestCases))
      (await computeCase(compute)).forEach((value, i) =>
        expect(value, name).toBeCloseTo(selfTestValues[name]![i]!, 6),
      );
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
