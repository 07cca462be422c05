/**
 * Matrix products with a transposed operand, as every backward pass needs them: transposes first, then multiplies.
 * The kernels that come with the wasm backend take a scalar path for them, about 25 times slower than the plain product.
 */
import * as tf from '@tensorflow/tfjs-core';

interface WasmBackend {
  disposeData(dataId: object): void;
}
type Info = tf.TensorInfo;

/** Replaces `BatchMatMul` and `_FusedMatMul` of the wasm backend; call once, after the backend has started. */
export function transposeBeforeMatMul(): void {
  for (const name of ['BatchMatMul', '_FusedMatMul']) replace(name);
}

function replace(name: string): void {
  const kernel = tf.getKernel(name, 'wasm');
  const shipped = kernel.kernelFunc;
  tf.unregisterKernel(name, 'wasm');
  tf.registerKernel({
    ...kernel,
    kernelFunc: (call) => {
      const { inputs, backend, attrs } = call;
      const { transposeA, transposeB } = attrs as unknown as { transposeA: boolean; transposeB: boolean };
      if (!transposeA && !transposeB) return shipped(call);
      const wasm = backend as WasmBackend;
      const a = transposeA ? transposed(inputs['a']!, wasm) : inputs['a']!;
      const b = transposeB ? transposed(inputs['b']!, wasm) : inputs['b']!;
      const out = shipped({
        inputs: { ...inputs, a, b },
        backend,
        attrs: { ...attrs, transposeA: false, transposeB: false },
      });
      if (transposeA) wasm.disposeData(a.dataId);
      if (transposeB) wasm.disposeData(b.dataId);
      return out;
    },
  });
}

/** Swaps the last two axes; leading axes are folded into one, since the kernel is slow from five axes on. */
function transposed(x: Info, backend: WasmBackend): Info {
  const transpose = tf.getKernel('Transpose', 'wasm').kernelFunc;
  const [rows, columns] = x.shape.slice(-2) as [number, number];
  const batch = x.shape.slice(0, -2);
  const folded = {
    dataId: x.dataId,
    dtype: x.dtype,
    shape: [batch.reduce((product, n) => product * n, 1), rows, columns],
  };
  const out = transpose({
    inputs: { x: folded },
    backend,
    attrs: { perm: [0, 2, 1] } as unknown as tf.NamedAttrMap,
  }) as Info;
  return { dataId: out.dataId, dtype: out.dtype, shape: [...batch, columns, rows] };
}
