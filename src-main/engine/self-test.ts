/** Proves an engine before it is trusted: every operation of our networks against stored values, memory, speed. */
import * as tf from '@tensorflow/tfjs-core';
import { pattern, selfTestCases } from './self-test-cases.ts';
import { selfTestValues } from './self-test-values.ts';

export interface SelfTest {
  passed: boolean;
  /** What is wrong, '' when nothing is. */
  reason: string;
  /** Largest difference from the stored values, relative to the case's largest. */
  worst: number;
  /** Plain matrix product, 10⁹ operations per second. */
  gflops: number;
  /** The same with a transposed operand, as in a backward pass. */
  transposedGflops: number;
}

const tolerance = 1e-4;

/** Runs on the engine in use. An exception of an operation is a failed test, told with the operation's name. */
export async function selfTest(): Promise<SelfTest> {
  const before = tf.memory().numTensors;
  const { worst, faults } = await compareAll();
  const leaked = tf.memory().numTensors - before;
  if (leaked !== 0) faults.push(`it keeps ${leaked} tensors after use`);
  const sound = faults.length === 0;
  return {
    passed: sound,
    reason: faults.slice(0, 3).join('; '),
    worst,
    gflops: sound ? await matMulSpeed(false) : 0,
    transposedGflops: sound ? await matMulSpeed(true) : 0,
  };
}

async function compareAll(): Promise<{ worst: number; faults: string[] }> {
  let worst = 0;
  const faults: string[] = [];
  for (const [name, compute] of Object.entries(selfTestCases)) {
    try {
      const found = await computeCase(compute);
      const expected = selfTestValues[name]!;
      const scale = Math.max(...expected.map(Math.abs));
      const off = expected.map((value, i) => Math.abs(value - found[i]!) / scale);
      const at = off.findIndex((error) => !(error < tolerance));
      if (at >= 0) faults.push(`${name}: gives ${found[at]} instead of ${expected[at]}`);
      worst = off.reduce((largest, error) => (error <= largest ? largest : error), worst);
    } catch (error) {
      faults.push(`${name}: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`);
    }
  }
  return { worst, faults };
}

export async function computeCase(compute: () => tf.Tensor1D): Promise<number[]> {
  const result = tf.tidy(compute);
  try {
    return [...(await result.data())];
  } finally {
    result.dispose();
  }
}

async function matMulSpeed(transposed: boolean): Promise<number> {
  const n = 256;
  const a = pattern([n, n], 1);
  const b = pattern([n, n], 2);
  let best = Infinity;
  for (let i = 0; i < 4; i++) {
    const start = performance.now();
    await computeCase(
      () => tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D, transposed, false) as unknown as tf.Tensor1D,
    );
    best = Math.min(best, performance.now() - start);
  }
  tf.dispose([a, b]);
  return (2 * n ** 3) / best / 1e6;
}
