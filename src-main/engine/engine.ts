/** Which engine computes: starts one by name or the best that passes its self-test, and says why the others do not. */
import * as tf from '@tensorflow/tfjs-core';
import { AppError } from '#shared/errors.ts';
import { startCpu } from './cpu.ts';
import { registerGradients } from './gradients.ts';
import { selfTest, type SelfTest } from './self-test.ts';
import { startTensorflow } from './tensorflow.ts';
import { startWasm } from './wasm.ts';

/** In order of preference. */
export const engineNames = ['tensorflow', 'webgpu', 'wasm', 'cpu'] as const;
export type EngineName = (typeof engineNames)[number];

export interface Engine {
  name: EngineName;
  /** What it runs on, in a few words: 'WebAssembly SIMD, 1 thread'. */
  device: string;
  /** Version of the library behind it. */
  version: string;
  /** For `auto`: the engines that come first in order and why each was passed over. */
  passedOver: { name: EngineName; reason: string }[];
}

export interface EngineReport {
  name: EngineName;
  device: string;
  version: string;
  available: boolean;
  /** Why it cannot be used; '' when it can. */
  reason: string;
  test: SelfTest | null;
}

interface Started {
  device: string;
  version: string;
}

const starters: Record<EngineName, () => Promise<Started>> = {
  tensorflow: startTensorflow,
  webgpu: async () => {
    throw new AppError('unsupported', 'The webgpu engine is not built yet; choose wasm or auto.');
  },
  wasm: startWasm,
  cpu: startCpu,
};

/**
 * Makes one engine the one that all tensors of this process use.
 *
 * @throws AppError 'unsupported' when the named engine cannot start, 'engine-failed' when none passes its self-test
 */
export async function startEngine(name: EngineName | 'auto'): Promise<Engine> {
  if (name !== 'auto') return { name, ...(await start(name)), passedOver: [] };
  const passedOver: Engine['passedOver'] = [];
  for (const candidate of engineNames) {
    const report = await probe(candidate);
    if (report.available)
      return { name: candidate, device: report.device, version: report.version, passedOver };
    passedOver.push({ name: candidate, reason: report.reason });
  }
  throw new AppError(
    'engine-failed',
    `No engine passed its self-test: ${passedOver.map(({ name, reason }) => `${name}: ${reason}`).join('; ')}`,
    { details: { passedOver } },
  );
}

/** Tries every engine, self-test included, and goes back to the one in use. Not while something trains in this process. */
export async function listEngines(): Promise<EngineReport[]> {
  await registerGradients();
  const before = engineNames.find((name) => name === inUse);
  const reports: EngineReport[] = [];
  for (const name of engineNames) reports.push(await probe(name));
  if (before) await start(before);
  return reports;
}

let inUse: EngineName | undefined;

async function start(name: EngineName): Promise<Started> {
  tf.enableProdMode();
  await registerGradients();
  const started = await starters[name]();
  inUse = name;
  return started;
}

async function probe(name: EngineName): Promise<EngineReport> {
  let started: Started | undefined;
  try {
    started = await start(name);
    const test = selfTest();
    return { name, ...started, available: test.passed, reason: test.reason, test };
  } catch (error) {
    const reason = AppError.from(error).message;
    return {
      name,
      device: started?.device ?? '',
      version: started?.version ?? '',
      available: false,
      reason,
      test: null,
    };
  }
}
