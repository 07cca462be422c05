/**
 * Adaptive resampling: any rate is brought to one grid of time points, so that a kernel of n taps always spans the same seconds.
 *
 * Our choice (2026-11-22), where the published tokenizer's kernels are unknown: kernels are learned at {@link gridHz} and the signal
 * under them is interpolated at the taps' times, which is the same as resampling each kernel to the recording's rate. Weights are
 * thereby independent of the rate; the rate itself still reaches the network through an embedding.
 */

/** Rate of the grid, Hz: above twice the usual 45-Hz low-pass, equal to the rate of the commonest emotion sets. */
export const gridHz = 128;

/** Points of the grid for a stretch of `samples` at `sfreqHz`; at least 1. */
export function gridLength(samples: number, sfreqHz: number): number {
  return Math.max(1, Math.round((samples * gridHz) / sfreqHz));
}

/**
 * Reads a signal at equally spaced times: linear interpolation where the points lie denser than the samples, the mean over one
 * spacing where they lie sparser (a box against aliasing).
 *
 * @param signal samples, any unit
 * @param from   first instant, in samples; `from + length · spacing` may reach the end, beyond it the last sample holds
 * @param spacing distance of points, in samples
 */
export function readGrid(
  signal: Float32Array,
  from: number,
  spacing: number,
  length: number,
  out: Float32Array = new Float32Array(length),
): Float32Array {
  const last = signal.length - 1;
  if (spacing <= 1) {
    for (let i = 0; i < length; i++) {
      const at = Math.min(from + i * spacing, last);
      const left = Math.floor(at);
      const right = left < last ? left + 1 : last;
      out[i] = signal[left]! + (at - left) * (signal[right]! - signal[left]!);
    }
    return out;
  }
  for (let i = 0; i < length; i++) {
    const start = Math.min(from + i * spacing, last);
    const end = Math.min(start + spacing, signal.length);
    let sum = 0;
    for (let j = Math.floor(start); j < end; j++)
      sum += signal[j]! * (Math.min(j + 1, end) - Math.max(j, start));
    out[i] = sum / (end - start);
  }
  return out;
}

/** Mean 0 and standard deviation 1, in place; a constant signal (an electrode that is not there) becomes zeros. */
export function standardize(signal: Float32Array): Float32Array {
  let sum = 0;
  for (const value of signal) sum += value;
  const mean = sum / signal.length;
  let squares = 0;
  for (const value of signal) squares += (value - mean) ** 2;
  const deviation = Math.sqrt(squares / signal.length);
  // 1e-6 µV is below the resolution of any amplifier
  if (deviation < 1e-6) return signal.fill(0);
  for (let i = 0; i < signal.length; i++) signal[i] = (signal[i]! - mean) / deviation;
  return signal;
}

/**
 * Signals of one group on the grid, each channel of each segment standardised by itself.
 *
 * @param signals [rows, samples] in µV, a row per channel of a segment
 * @returns [rows, gridLength(samples, sfreqHz)] without unit
 */
export function toGrid(signals: Float32Array, samples: number, sfreqHz: number): Float32Array {
  const rows = signals.length / samples;
  const length = gridLength(samples, sfreqHz);
  const out = new Float32Array(rows * length);
  for (let row = 0; row < rows; row++) {
    const target = out.subarray(row * length, (row + 1) * length);
    readGrid(signals.subarray(row * samples, (row + 1) * samples), 0, sfreqHz / gridHz, length, target);
    standardize(target);
  }
  return out;
}
