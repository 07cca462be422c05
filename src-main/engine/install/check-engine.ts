/** What an engine must prove before it takes its place: it loads, computes, differentiates, and keeps its own copy of values. */
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { AppError } from '#shared/errors.ts';
import { sibling } from '#shared/sibling.ts';
import { registerGradients } from '../gradients.ts';
import { selfTest } from '../self-test.ts';
import { startTensorflow } from '../tensorflow.ts';
import { runProgram } from './child.ts';

export interface CheckedEngine {
  device: string;
  version: string;
  /** Whether it computes on a GPU now. */
  gpu: boolean;
  gflops: number;
}

const deadlineMs = 120_000;

/** In this process. @throws AppError 'engine-failed' with what is wrong */
export async function checkEngine(folder: string): Promise<CheckedEngine> {
  await registerGradients();
  const { device, version, gpu } = await startTensorflow({ folder });
  const test = await selfTest();
  if (!test.passed)
    throw new AppError('engine-failed', `The engine does not compute rightly: ${test.reason}.`);
  const changed = tensorsThatFollowTheirArray();
  if (changed > 0)
    throw new AppError(
      'engine-failed',
      `The engine shares memory with the arrays it is given: ${changed} tensors changed with them.`,
    );
  return { device, version, gpu, gflops: test.gflops };
}

/** In a process of its own; under Electron, whose program is no Node and which gives each job a process, in this one. */
export async function checkApart(folder: string, signal?: AbortSignal): Promise<CheckedEngine> {
  if (process.versions['electron']) return checkEngine(folder);
  const script = fileURLToPath(sibling(import.meta.url, './smoke-test'));
  const ended = await runProgram(process.execPath, [script, folder], { signal, deadlineMs });
  if (ended?.status === 0) return JSON.parse(ended.stdout.trim().split('\n').at(-1)!) as CheckedEngine;
  const why = ended?.stderr.trim().split('\n').at(-1) ?? '';
  throw new AppError(
    'engine-failed',
    ended?.signal
      ? `The engine ended its process (${ended.signal}); its library does not fit this computer. Use the engine "wasm".`
      : `The engine did not pass its test: ${why.replace(/[.\s]+$/, '')}. The archives are as recorded, so it does not fit this computer; use the engine "wasm".`,
    { details: { output: ended?.stderr, why } },
  );
}

/** Of some arrays with different alignment, how many tensors change when the array does. */
export function tensorsThatFollowTheirArray(): number {
  const store = new Float32Array(20_000);
  let changed = 0;
  for (let i = 0; i < 40; i++) {
    const values = i % 2 === 0 ? new Float32Array(16 * (i + 1)) : store.subarray(i, i + 4096);
    values.fill(1);
    const tensor = tf.tensor1d(values);
    // Reading may come from a copy kept in JavaScript: what an operation makes of it cannot.
    tf.dispose(tf.add(tensor, 0));
    values.fill(2);
    const sum = tf.tidy(() => tf.sum(tf.mul(tensor, 1)).arraySync() as number);
    if (sum !== values.length) changed++;
    tensor.dispose();
  }
  return changed;
}
