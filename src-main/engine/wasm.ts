/** The WebAssembly engine: from the npm package's own files, with the kernels replaced that make training slow. */
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { setWasmPaths, version_wasm } from '@tensorflow/tfjs-backend-wasm';
import { AppError } from '#shared/errors.ts';
import { installKernels } from './kernels/kernels.ts';
import { guardMemory } from './wasm-memory.ts';

let replaced = false;

/** @throws AppError 'unsupported' when this machine has no WebAssembly SIMD or the files cannot be read */
export async function startWasm(): Promise<{ device: string; version: string }> {
  if (!replaced) {
    const main = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
    setWasmPaths(join(dirname(main), sep));
  }
  if (!(await tf.setBackend('wasm')))
    throw new AppError('unsupported', 'The wasm engine could not start; choose the cpu engine.');
  const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
  if (!simd)
    throw new AppError('unsupported', 'This processor has no WebAssembly SIMD; choose the cpu engine.');
  if (!replaced) {
    guardMemory();
    await installKernels();
  }
  replaced = true;
  return { device: 'WebAssembly SIMD, 1 thread', version: version_wasm };
}
