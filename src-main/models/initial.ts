/** How parameters begin. */
import type { Random } from '#shared/random.ts';

/** Makes `size` first values. */
export type Initial = (size: number, random: Random) => Float32Array;

export const constant =
  (value: number): Initial =>
  (size) =>
    new Float32Array(size).fill(value);

export const zeros = constant(0);
export const ones = constant(1);

export const normal =
  (deviation = 1): Initial =>
  (size, random) =>
    Float32Array.from({ length: size }, () => random.normal() * deviation);

/** Normal, values beyond two deviations drawn again. */
export const truncatedNormal =
  (deviation: number): Initial =>
  (size, random) =>
    Float32Array.from({ length: size }, () => {
      for (;;) {
        const value = random.normal();
        if (Math.abs(value) <= 2) return value * deviation;
      }
    });

/** Uniform in ±1/√fanIn: PyTorch's default for linear and convolution weights and biases. */
export const fanIn =
  (inputs: number): Initial =>
  (size, random) =>
    Float32Array.from({ length: size }, () => (2 * random.next() - 1) / Math.sqrt(inputs));
