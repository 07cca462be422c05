/** Differential entropy per electrode and band (Duan et al. 2013): the features that simple emotion classifiers use. */

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
  const hop = Math.max(1, Math.floor(size / 2));
  const table = cosines(size);
  const hann = Float64Array.from({ length: size }, (_, i) => 0.5 - 0.5 * table[i]!);
  const energy = hann.reduce((sum, w) => sum + w * w, 0);
  const resolution = sfreqHz / size;
  const bandOf = bands.map(({ fromHz, toHz }) => ({
    first: Math.ceil(fromHz / resolution - 1e-9),
    last: Math.ceil(Math.min(toHz, sfreqHz / 2) / resolution - 1e-9) - 1,
  }));
  const out = new Float64Array(rows * bands.length);
  const piece = new Float64Array(size);
  for (let row = 0; row < rows; row++) {
    const signal = signals.subarray(row * samples, (row + 1) * samples);
    const power = new Float64Array(bands.length);
    let windows = 0;
    for (let from = 0; from + size <= samples; from += hop, windows++) {
      let mean = 0;
      for (let i = 0; i < size; i++) mean += signal[from + i]! / size;
      for (let i = 0; i < size; i++) piece[i] = (signal[from + i]! - mean) * hann[i]!;
      bandOf.forEach(({ first, last }, band) => {
        for (let k = first; k <= last; k++) power[band]! += squaredMagnitude(piece, table, k);
      });
    }
    const silent = signal.every((value) => value === 0);
    // one-sided: each line stands for its mirror image too
    for (let band = 0; band < bands.length; band++) {
      const variance = (2 * power[band]!) / (windows * size * energy);
      out[row * bands.length + band] = silent
        ? NaN
        : 0.5 * Math.log(2 * Math.PI * Math.E * Math.max(variance, floor));
    }
  }
  return out;
}

/** |Σ x_n e^(−2πi k n / N)|²; few lines are asked for, so a whole transform would not be cheaper. */
function squaredMagnitude(x: Float64Array, table: Float64Array, k: number): number {
  const size = x.length;
  // Goertzel's recurrence
  const coefficient = 2 * table[k % size]!;
  let s1 = 0;
  let s2 = 0;
  for (let i = 0; i < size; i++) {
    const s = x[i]! + coefficient * s1 - s2;
    s2 = s1;
    s1 = s;
  }
  return s1 * s1 + s2 * s2 - coefficient * s1 * s2;
}

function cosines(size: number): Float64Array {
  return Float64Array.from({ length: size }, (_, i) => Math.cos((2 * Math.PI * i) / size));
}
