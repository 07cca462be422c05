/** The native TensorFlow engine: used where the optional package is installed and its library loads. */
import { createRequire } from 'node:module';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { AppError } from '#shared/errors.ts';

const packages = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'];

/** @throws AppError 'unsupported' with the reason when no package is installed or its library does not load */
export async function startTensorflow(): Promise<{ device: string; version: string }> {
  const require = createRequire(import.meta.url);
  restoreRemovedNodeFunctions();
  const found = packages.find((name) => isInstalled(require, name));
  if (!found)
    throw new AppError(
      'unsupported',
      'Native TensorFlow is not installed; the wasm engine needs no installation.',
    );
  try {
    const library = require(found) as { version?: Record<string, string> };
    if (!(await tf.setBackend('tensorflow'))) throw new Error('its backend did not start');
    const gpu = (tf.backend() as { isUsingGpuDevice?: boolean }).isUsingGpuDevice === true;
    return {
      device: gpu ? 'TensorFlow on the GPU' : 'TensorFlow on the processor',
      version: library.version?.['tfjs-node'] ?? '',
    };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new AppError(
      'unsupported',
      `Native TensorFlow is installed but does not load (${why}); choose wasm.`,
      {
        cause,
      },
    );
  }
}

/** tfjs-node 4.22 calls two functions that Node 23 removed; without them it fails on load or in `topk`. */
function restoreRemovedNodeFunctions(): void {
  const legacy = util as unknown as Record<string, unknown>;
  legacy['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  legacy['isArray'] ??= Array.isArray;
}

function isInstalled(require: NodeJS.Require, name: string): boolean {
  const paths = require.resolve.paths(name) ?? [];
  return paths.some((folder) => {
    try {
      require.resolve(`${name}/package.json`, { paths: [folder] });
      return true;
    } catch (error) {
      if ((error as { code?: string }).code === 'MODULE_NOT_FOUND') return false;
      throw error;
    }
  });
}
