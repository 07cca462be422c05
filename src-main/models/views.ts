/** The three views of a segment that the compressor describes: signal, magnitude and phase of its spectrum, as 20 patches. */
import { realFft } from '#main/signal/fft.ts';

/** Patches per view: signal, magnitude, phase. */
export const patchesOfView = [10, 5, 5] as const;
export const patchCount = 20;

const epsilon = 1e-8;

export interface Views {
  /** Samples used of each segment: the largest multiple of 10. */
  used: number;
  /** Samples per patch, L. */
  patch: number;
  /** Values per segment: 20 · L · C. */
  size: number;
  /**
   * Views of one segment, [20, L, C]: 10 patches of the signal, 5 of |F|, 5 of arg F; bins 0 … used/2 − 1. Each view is z-scored
   * over the whole window (unbiased), so amplitude ratios between electrodes stay. Absent electrodes are zero in all views and
   * do not count in the scores.
   *
   * @param segment [C, T] in any unit
   * @param present [C] 1 where the electrode was recorded; all when absent
   */
  write(segment: Float32Array, into: Float32Array, at: number, present?: Uint8Array): void;
}

/** @param samples T, at least 10; what exceeds a multiple of 10 is cut off at the end */
export function createViews(channels: number, samples: number, { logMagnitude = false } = {}): Views {
  const used = Math.floor(samples / 10) * 10;
  const patch = used / 10;
  const half = used / 2;
  const size = patchCount * patch * channels;
  const spectrum = realFft(used);
  const signal = new Float64Array(channels * used);
  const magnitude = new Float64Array(channels * half);
  const phase = new Float64Array(channels * half);
  const re = new Float64Array(half + 1);
  const im = new Float64Array(half + 1);

  /** Channel-slow [C, n] to time-slow [n, C], z-scored over the present channels. */
  function lay(values: Float64Array, n: number, into: Float32Array, at: number, present?: Uint8Array) {
    const { mean, scale } = score(values, n, channels, present);
    for (let c = 0; c < channels; c++) {
      const here = !present || present[c] === 1;
      for (let t = 0; t < n; t++)
        into[at + t * channels + c] = here ? (values[c * n + t]! - mean) * scale : 0;
    }
  }

  return {
    used,
    patch,
    size,
    write(segment, into, at, present) {
      for (let c = 0; c < channels; c++)
        for (let t = 0; t < used; t++) signal[c * used + t] = segment[c * samples + t]!;
      const { mean, scale } = score(signal, used, channels, present);
      for (let c = 0; c < channels; c++) {
        const own = signal.subarray(c * used, (c + 1) * used);
        for (let t = 0; t < used; t++) own[t] = (own[t]! - mean) * scale;
        spectrum.forward(own, 0, re, im);
        for (let k = 0; k < half; k++) {
          const size = Math.sqrt(re[k]! * re[k]! + im[k]! * im[k]!);
          magnitude[c * half + k] = logMagnitude ? Math.log1p(size) : size;
          phase[c * half + k] = Math.atan2(im[k]!, re[k]!);
        }
        const here = !present || present[c] === 1;
        for (let t = 0; t < used; t++) into[at + t * channels + c] = here ? own[t]! : 0;
      }
      lay(magnitude, half, into, at + used * channels, present);
      lay(phase, half, into, at + (used + half) * channels, present);
    },
  };
}

/** Mean and 1 / (unbiased deviation + ε) over the present rows of [C, n]. */
function score(values: Float64Array, n: number, channels: number, present?: Uint8Array) {
  let count = 0;
  let sum = 0;
  for (let c = 0; c < channels; c++) {
    if (present && present[c] !== 1) continue;
    count += n;
    for (let i = c * n; i < (c + 1) * n; i++) sum += values[i]!;
  }
  if (count < 2) return { mean: 0, scale: 0 };
  const mean = sum / count;
  let square = 0;
  for (let c = 0; c < channels; c++) {
    if (present && present[c] !== 1) continue;
    for (let i = c * n; i < (c + 1) * n; i++) square += (values[i]! - mean) ** 2;
  }
  return { mean, scale: 1 / (Math.sqrt(square / (count - 1)) + epsilon) };
}
