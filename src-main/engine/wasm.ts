/** The WebAssembly engine: from the npm package's own files, with the kernels replaced that make training slow. */
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { setWasmPaths, version_wasm } from '@tensorflow/tfjs-backend-wasm';
import { AppError } from '#shared/errors.ts';
import { installKernels } from './kernels/kernels.ts';
import { chooseVariant, variantText, type Variant } from './kernels/variant.ts';
import { guardMemory } from './wasm-memory.ts';

/** Of the kernels put in place, for the whole process. */
let installed: Variant | undefined;

/** @throws AppError 'unsupported' when this machine has no WebAssembly SIMD or the files cannot be read */
export async function startWasm(): Promise<{ device: string; version: string }> {
  if (!installed) {
    const main = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
    setWasmPaths(join(dirname(main), sep));
  }
  if (!(await tf.setBackend('wasm')))
    throw new AppError('unsupported', 'The wasm engine could not start; choose the cpu engine.');
  const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
  if (!simd)
    throw new AppError('unsupported', 'This processor has no WebAssembly SIMD; choose the cpu engine.');
  if (!installed) {
    guardMemory();
    const variant = chooseVariant();
    installKernels(variant);
    installed = variant;
  }
  return { device: `${variantText[installed]}, 1 thread`, version: version_wasm };
}
