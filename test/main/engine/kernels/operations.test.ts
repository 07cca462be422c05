import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '#shared/random.ts';
import { startEngine } from '#main/engine/engine.ts';
import { installKernels } from '#main/engine/kernels/kernels.ts';
import { isSupported, variants } from '#main/engine/kernels/variant.ts';
import { operations } from './operations.ts';
import { apart, numbers, valuesAndGradients } from './numbers.ts';

const cases = operations.map((operation) => {
  const random = createRandom(operation.name);
  const [scale, offset] = operation.range ?? [1, 0];
  return {
    ...operation,
    inputs: operation.shapes.map((shape) => ({ shape, values: numbers(shape, random, scale, offset) })),
  };
});
const expected: ReturnType<typeof valuesAndGradients>[] = [];

describe.each(variants)('operations on the %s kernels', (variant) => {
  const supported = isSupported(variant);
  beforeAll(async () => {
    if (expected.length === 0) {
      await startEngine('cpu');
      for (const { compute, reference, inputs, gradient } of cases)
        expected.push(valuesAndGradients(reference ?? compute, inputs, gradient ?? true));
    }
    await startEngine('wasm');
    if (supported) installKernels(variant);
  });

  it.runIf(supported).each(cases.map((one, i) => [one.name, one, i] as const))(
    '%s as on cpu',
    (_, one, i) => {
      const before = tf.memory().numTensors;
      const found = valuesAndGradients(one.compute, one.inputs, one.gradient ?? true);
      expect(found.shape).toEqual(expected[i]!.shape);
      found.all.forEach((values, which) =>
        expect(
          apart(values, expected[i]!.all[which]!),
          which === 0 ? 'value' : `gradient ${which}`,
        ).toBeLessThan(one.tolerance ?? 3e-6),
      );
      expect(tf.memory().numTensors).toBe(before);
    },
  );
});
