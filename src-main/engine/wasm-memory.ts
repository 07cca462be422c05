/** The 4 GB that WebAssembly can address: what no longer fits is refused instead of being written over other tensors. */
import * as tf from '@tensorflow/tfjs-core';

/**
 * The shipped backend does not look whether its memory gave it a place: a tensor without one lands at address 0, over others, and
 * the results are wrong without a word. Call once, after the backend has started; what does not fit throws a RangeError.
 */
export function guardMemory(): void {
  const { wasm } = tf.backend() as unknown as {
    wasm: { _malloc(bytes: number): number; _free(at: number): void };
  };
  // The first call puts another function in its own place.
  wasm._free(wasm._malloc(1));
  const allocate = wasm._malloc.bind(wasm);
  wasm._malloc = (bytes) => {
    const at = allocate(bytes);
    if (at === 0 && bytes > 0)
      throw new RangeError(`Out of memory: ${Math.ceil(bytes / 1e6)} MB more do not fit.`);
    return at;
  };
}
