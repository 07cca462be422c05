/** Differential entropy per electrode and band (Duan et al. 2013): the features that simple emotion classifiers use. */
import { periodogram } from '#main/signal/spectrum.ts';

/** Name and limits of each band, Hz, upper limit excluded; those of the SEED family. */
export const bands: readonly { name: string; fromHz: number; toHz: number }[] = [
  { name: 'delta', fromHz: 1, toHz: 4 },
  { name: 'theta', fromHz: 4, toHz: 8 },
  { name: 'alpha', fromHz: 8, toHz: 14 },
  { name: 'beta', fromHz: 14, toHz: 31 },
  { name: 'gamma', fromHz: 31, toHz: 50 },
];

/** Seconds of each Hann window of Welch's method; they overlap by half. */
const windowS = 2;
/** µV²: below any amplifier's noise, so that the logarithm of silence stays finite. */
const floor = 1e-12;

/**
 * ½ ln(2πe σ²) of the signal within each band, σ² by Welch's method.
 *
 * @param signals [rows, samples] in µV
 * @returns [rows, bands.length] in nats; a row of zeros (an electrode that is not there) gives NaN, so that nobody takes it for a value
 */
export function differentialEntropy(signals: Float32Array, samples: number, sfreqHz: number): Float64Array {
  const rows = signals.length / samples;
  const size = Math.min(samples, Math.round(windowS * sfreqHz));
  const hop = size - Math.floor(size / 2);
  const estimate = periodogram(size, sfreqHz);
  const resolution = sfreqHz / size;
  // 1e-9: a limit that falls on a line must not slip past it by rounding
  const lines = bands.map(({ fromHz, toHz }) =>
    [fromHz, toHz].map((hz) => Math.ceil(hz / resolution - 1e-9)),
  );
  const out = new Float64Array(rows * bands.length);
  for (let row = 0; row < rows; row++) {
    const signal = signals.subarray(row * samples, (row + 1) * samples);
    if (signal.every((value) => value === 0)) {
      out.fill(NaN, row * bands.length, (row + 1) * bands.length);
      continue;
    }
    const power = new Float64Array(estimate.bins);
    let windows = 0;
    for (let from = 0; from + size <= samples; from += hop) if (estimate.add(signal, from, power)) windows++;
    lines.forEach(([first, end], band) => {
      const sum = power.subarray(first, end).reduce((total, density) => total + density, 0);
      const variance = (sum * resolution) / windows;
      out[row * bands.length + band] = 0.5 * Math.log(2 * Math.PI * Math.E * Math.max(variance, floor));
    });
  }
  return out;
}
