/** Proves an engine before it is trusted: a small network forward and backward against stored values, memory, speed. */
import * as tf from '@tensorflow/tfjs-core';

export interface SelfTest {
  passed: boolean;
  /** What is wrong, '' when nothing is. */
  reason: string;
  /** Largest relative difference from the stored values. */
  worst: number;
  /** Plain matrix product, 10⁹ operations per second. */
  gflops: number;
  /** The same with a transposed operand, as in a backward pass. */
  transposedGflops: number;
}

/** Loss, then for each parameter the sum of gradient · pattern: from the cpu engine; wasm agrees. */
const stored = [0.00768581, -0.0629157, 0.0778241, 0.119113, 0.0138033, -0.000435686];
const tolerance = 2e-3;

/** Runs on the engine in use. */
export function selfTest(): SelfTest {
  const before = tf.memory().numTensors;
  const values = computeValues();
  const scale = Math.max(...stored.map(Math.abs));
  const worst = Math.max(...values.map((value, i) => Math.abs(value - stored[i]!) / scale));
  const leaked = tf.memory().numTensors - before;
  const gflops = matMulSpeed(false);
  const transposedGflops = matMulSpeed(true);
  const reason = !(worst < tolerance)
    ? `its results differ from the stored ones by ${worst.toExponential(1)}`
    : leaked !== 0
      ? `it keeps ${leaked} tensors after use`
      : '';
  return { passed: reason === '', reason, worst, gflops, transposedGflops };
}

/** Exactly the operations that the networks use: products, softmax, norm, GELU, ELU, unfold, pooling, reductions. */
export function computeValues(): number[] {
  return tf.tidy(() => {
    const x = pattern([2, 6, 8], 1);
    const parameters = [pattern([8, 24], 2), pattern([8], 3), pattern([24, 8], 4), pattern([8, 5], 5)];
    const { value, grads } = tf.valueAndGrads((...tensors: tf.Tensor[]) =>
      network(tensors as Parameters<typeof network>[0]),
    )([x, ...parameters]);
    const products = grads.map((gradient, i) =>
      tf.sum(tf.mul(gradient, pattern(gradient.shape, i + 7))).arraySync(),
    );
    return [value.arraySync(), ...products] as number[];
  });
}

function network([x, qkv, gain, mix, out]: [
  tf.Tensor,
  tf.Tensor,
  tf.Tensor,
  tf.Tensor,
  tf.Tensor,
]): tf.Scalar {
  const projected = tf.matMul(tf.reshape(x, [12, 8]), qkv);
  const [q, k, v] = [0, 8, 16].map((from) =>
    tf.transpose(tf.reshape(tf.slice(projected, [0, from], [12, 8]), [2, 6, 2, 4]), [0, 2, 1, 3]),
  ) as [tf.Tensor, tf.Tensor, tf.Tensor];
  const attended = tf.matMul(tf.softmax(tf.mul(tf.matMul(q, k, false, true), 0.5)), v);
  const joined = tf.reshape(tf.transpose(attended, [0, 2, 1, 3]), [12, 8]);
  const centred = tf.sub(joined, tf.mean(joined, -1, true));
  const variance = tf.mean(tf.square(centred), -1, true);
  const normed = tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, 1e-5))), gain);
  const gelu = tf.mul(tf.mul(normed, 0.5), tf.add(1, tf.erf(tf.mul(normed, Math.SQRT1_2))));
  const padded = tf.pad(tf.reshape(gelu, [2, 6, 8]), [
    [0, 0],
    [1, 1],
    [0, 0],
  ]);
  const unfolded = tf.concat(
    [0, 1, 2].map((from) => tf.slice(padded, [0, from, 0], [2, 6, 8])),
    -1,
  );
  const mixed = tf.elu(tf.matMul(tf.reshape(unfolded, [12, 24]), mix));
  const pairs = tf.reshape(mixed, [6, 2, 8]);
  const pooled = tf.maximum(tf.slice(pairs, [0, 0, 0], [6, 1, 8]), tf.slice(pairs, [0, 1, 0], [6, 1, 8]));
  const logits = tf.matMul(tf.reshape(pooled, [6, 8]), out);
  return tf.neg(tf.mean(tf.mul(tf.logSoftmax(logits), pattern([6, 5], 6)))) as tf.Scalar;
}

/** Deterministic numbers of order one. */
function pattern(shape: number[], seed: number): tf.Tensor {
  const size = shape.reduce((product, n) => product * n, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => Math.sin(1 + i * (0.7 + 0.13 * seed)) * 0.8),
    shape,
  );
}

function matMulSpeed(transposed: boolean): number {
  const n = 256;
  return tf.tidy(() => {
    const a = pattern([n, n], 1);
    const b = pattern([n, n], 2);
    let best = Infinity;
    for (let i = 0; i < 4; i++) {
      const start = performance.now();
      tf.matMul(a, b, transposed, false).dataSync();
      best = Math.min(best, performance.now() - start);
    }
    return (2 * n ** 3) / best / 1e6;
  });
}
