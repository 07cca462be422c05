/** Which engine computes: starts one by name or the best that passes its self-test, and says why the others do not. */
import * as tf from '@tensorflow/tfjs-core';
import { AppError } from '#shared/errors.ts';
import { startCpu } from './cpu.ts';
import { registerGradients } from './gradients.ts';
import { findProof, keepProof, proofKey } from './proofs.ts';
import { selfTest, type SelfTest } from './self-test.ts';
import { startTensorflow } from './tensorflow.ts';
import { startWasm } from './wasm.ts';
import { lostDevice, startWebgpu } from './webgpu.ts';

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
  /** Whether an accelerator computes. */
  gpu?: boolean;
}

/** `named`: the user asked for this very engine, so a slow driver will do. */
const starters: Record<EngineName, (named: boolean) => Promise<Started>> = {
  tensorflow: () => startTensorflow(),
  webgpu: startWebgpu,
  wasm: startWasm,
  cpu: startCpu,
};

/**
 * Makes one engine the one that all tensors of this process use. It has passed its self-test, now or with the same device and
 * versions before.
 *
 * @param without engines not to be tried for `auto`: they failed this work before
 * @throws AppError 'unsupported' when the named engine cannot start, 'engine-failed' when it, or for `auto` every one, fails its test
 */
export async function startEngine(
  name: EngineName | 'auto',
  { without = [] }: { without?: readonly EngineName[] } = {},
): Promise<Engine> {
  if (name !== 'auto') return { name, ...(await prove(name, true)), passedOver: [] };
  const passedOver: Engine['passedOver'] = [];
  const tryOut = async (candidate: EngineName): Promise<Proven | undefined> => {
    if (without.includes(candidate)) return undefined;
    try {
      return await prove(candidate, false);
    } catch (error) {
      passedOver.push({ name: candidate, reason: AppError.from(error).message });
      return undefined;
    }
  };
  // An accelerator first, by TensorFlow or WebGPU; then TensorFlow on the processor, then what is built in.
  const native = await tryOut('tensorflow');
  if (native?.gpu) return { name: 'tensorflow', ...native, passedOver };
  const graphics = await tryOut('webgpu');
  if (graphics) return { name: 'webgpu', ...graphics, passedOver };
  if (native) return { name: 'tensorflow', ...(await start('tensorflow', false)), passedOver };
  for (const candidate of ['wasm', 'cpu'] as const) {
    const found = await tryOut(candidate);
    if (found) return { name: candidate, ...found, passedOver };
  }
  throw new AppError(
    'engine-failed',
    `No engine passed its self-test: ${passedOver.map((each) => `${each.name}: ${each.reason}`).join('; ')}`,
    { details: { passedOver } },
  );
}

/** Tries every engine, self-test included, and goes back to the one in use. Not while something trains in this process. */
export async function listEngines(): Promise<EngineReport[]> {
  const before = engineNames.find((name) => name === inUse);
  const reports: EngineReport[] = [];
  for (const name of engineNames) reports.push(await report(name));
  if (before) await start(before, true);
  return reports;
}

/** Why the engine in use can do no more work (its device was lost); undefined while it can. */
export function engineLost(): { name: EngineName; reason: string } | undefined {
  const reason = inUse === 'webgpu' ? lostDevice() : undefined;
  return reason === undefined ? undefined : { name: 'webgpu', reason };
}

let inUse: EngineName | undefined;

async function start(name: EngineName, named: boolean): Promise<Started> {
  tf.enableProdMode();
  await registerGradients();
  const started = await starters[name](named);
  inUse = name;
  return started;
}

interface Proven extends Started {
  test: SelfTest;
}

/** @throws AppError 'unsupported', or 'engine-failed' with the operation and both values */
async function prove(name: EngineName, named: boolean): Promise<Proven> {
  const started = await start(name, named);
  const of = proofKey(name, started.device, started.version);
  const known = findProof(of);
  if (known) return { ...started, test: known.test };
  const test = await selfTest();
  if (!test.passed)
    throw new AppError(
      'engine-failed',
      `${started.device} does not compute rightly (${test.reason}). Update its driver, or choose another engine.`,
      { details: { device: started.device, version: started.version, test } },
    );
  keepProof({ of, test, testedAt: new Date().toISOString() });
  return { ...started, test };
}

/** Always tested anew. */
async function report(name: EngineName): Promise<EngineReport> {
  let started: Started | undefined;
  try {
    started = await start(name, false);
    const test = await selfTest();
    const { device, version } = started;
    if (test.passed)
      keepProof({ of: proofKey(name, device, version), test, testedAt: new Date().toISOString() });
    return { name, device, version, available: test.passed, reason: test.reason, test };
  } catch (error) {
    return {
      name,
      device: started?.device ?? '',
      version: started?.version ?? '',
      available: false,
      reason: AppError.from(error).message,
      test: null,
    };
  }
}
