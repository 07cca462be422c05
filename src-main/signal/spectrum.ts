/** Power spectra (Welch), band powers and spectrogram columns. */
import { realFft } from './fft.ts';

export interface Psd {
  /** Shared by all spectra of the same kind; not to be changed. */
  frequencies: Float64Array;
  /** µV²/Hz, one-sided. */
  power: Float64Array;
  /** Windows averaged; 0 when every one held a gap, and then all power is NaN. */
  windows: number;
}

export const bands = [
  { name: 'delta', lowHz: 1, highHz: 4 },
  { name: 'theta', lowHz: 4, highHz: 8 },
  { name: 'alpha', lowHz: 8, highHz: 13 },
  { name: 'beta', lowHz: 13, highHz: 30 },
  { name: 'gamma', lowHz: 30, highHz: 45 },
] as const;

/**
 * Welch's average of periodograms: Hann windows overlapping by half, each without its mean, as scipy.signal.welch does.
 * Windows that contain NaN are left out.
 *
 * @param windowS shortened to the signal's length
 */
export function welch(x: ArrayLike<number>, sfreqHz: number, windowS = 2): Psd {
  const n = Math.min(x.length, Math.max(2, Math.round(windowS * sfreqHz)));
  const plan = rememberedPeriodogram(n, sfreqHz);
  const power = new Float64Array(plan.bins);
  let windows = 0;
  const hop = n - Math.floor(n / 2);
  for (let from = 0; n > 1 && from + n <= x.length; from += hop) if (plan.add(x, from, power)) windows++;
  for (let k = 0; k < power.length; k++) power[k] = windows === 0 ? NaN : power[k]! / windows;
  return { frequencies: plan.frequencies, power, windows };
}

/** µV²: the sum of the bins low ≤ f < high times their width; NaN when no window was whole. */
export function bandPower({ frequencies, power, windows }: Psd, lowHz: number, highHz: number): number {
  if (windows === 0) return NaN;
  const width = frequencies[1]!;
  let sum = 0;
  for (let k = 0; k < power.length; k = (k + 1) | 0)
    if (frequencies[k]! >= lowHz && frequencies[k]! < highHz) sum += power[k]! * width;
  return sum;
}

/** µV²/Hz: silence has this density instead of none, so that its logarithm is a number. */
const powerFloor = 1e-12;

/** dB re 1 µV²/Hz */
export function decibel(power: number): number {
  return 10 * Math.log10(power + powerFloor);
}

/**
 * One column of a spectrogram: mean density around 1, 2 … `upToHz` Hz (±0.5 Hz) in dB re 1 µV²/Hz; NaN when the stretch
 * holds no whole second without a gap.
 */
export function spectrumColumn(x: ArrayLike<number>, sfreqHz: number, upToHz = 25): Float32Array {
  const psd = welch(x, sfreqHz, 1);
  return Float32Array.from({ length: upToHz }, (_, i) => {
    let sum = 0;
    let count = 0;
    for (let k = 0; k < psd.power.length; k++) {
      if (Math.abs(psd.frequencies[k]! - (i + 1)) > 0.5) continue;
      sum += psd.power[k]!;
      count++;
    }
    return count === 0 ? NaN : decibel(sum / count);
  });
}

export interface Periodogram {
  readonly bins: number;
  readonly frequencies: Float64Array;
  /** Adds the density of x[from … from + n) to `power`; false, and nothing added, when it holds NaN. */
  add(x: ArrayLike<number>, from: number, power: Float64Array): boolean;
}

const plans = new Map<string, Periodogram>();
const plansAtMost = 16;

/** The tables of one are made once; a call never waits, so sharing is safe. */
function rememberedPeriodogram(n: number, sfreqHz: number): Periodogram {
  const key = `${n} ${sfreqHz}`;
  let plan = plans.get(key);
  if (!plan) {
    if (plans.size >= plansAtMost) plans.clear();
    plans.set(key, (plan = periodogram(n, sfreqHz)));
  }
  return plan;
}

/** Hann-windowed one-sided density of n samples. */
export function periodogram(n: number, sfreqHz: number): Periodogram {
  const fft = realFft(n);
  const window = Float64Array.from({ length: n }, (_, t) => 0.5 - 0.5 * Math.cos((2 * Math.PI * t) / n));
  const scale = 1 / (sfreqHz * window.reduce((sum, w) => sum + w * w, 0));
  const isEven = n % 2 === 0;
  const piece = new Float64Array(n);
  const re = new Float64Array(fft.bins);
  const im = new Float64Array(fft.bins);
  return {
    bins: fft.bins,
    frequencies: Float64Array.from(re, (_, k) => (k * sfreqHz) / n),
    // `| 0`: an index that cannot leave 32 bits, see fft.ts.
    add(x, from, power) {
      const first = from | 0;
      let mean = 0;
      for (let t = 0; t < n; t = (t + 1) | 0) mean += x[(first + t) | 0]!;
      mean /= n;
      if (Number.isNaN(mean)) return false;
      for (let t = 0; t < n; t = (t + 1) | 0) piece[t] = (x[(first + t) | 0]! - mean) * window[t]!;
      fft.forward(piece, 0, re, im);
      const last = fft.bins - 1;
      for (let k = 0; k <= last; k = (k + 1) | 0) {
        const density = (re[k]! * re[k]! + im[k]! * im[k]!) * scale;
        power[k]! += k === 0 || (isEven && k === last) ? density : 2 * density;
      }
      return true;
    },
  };
}
