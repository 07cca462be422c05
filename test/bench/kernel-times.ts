/** Wraps the kernels of the engine in use so that each adds its time to a table: a profile without a profiler. */
import * as tf from '@tensorflow/tfjs-core';

/** By kernel name; a kernel that calls others counts their time too only where it calls them by itself. */
export const kernelTimes = new Map<string, { ms: number; calls: number }>();

/** Once per process, after the engine has started; only for engines whose kernels have finished when they return. */
export function profileKernels(): void {
  const backend = tf.getBackend();
  for (const kernel of tf.getKernelsForBackend(backend)) {
    tf.unregisterKernel(kernel.kernelName, backend);
    tf.registerKernel({
      ...kernel,
      kernelFunc: (call) => {
        const start = performance.now();
        const result = kernel.kernelFunc(call);
        const row = kernelTimes.get(kernel.kernelName) ?? { ms: 0, calls: 0 };
        row.ms += performance.now() - start;
        row.calls += 1;
        kernelTimes.set(kernel.kernelName, row);
        return result;
      },
    });
  }
}
