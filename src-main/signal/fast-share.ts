/** How much of a signal's power can be fast at most: a bound that needs no Fourier transform. */

/**
 * An upper bound of bandPower(psd, hz, rate / 2) / bandPower(psd, 1, rate / 2) for psd = welch(x, rate, 1); Infinity where it
 * cannot tell.
 *
 * The difference of neighbours weighs the power at a frequency f by 4 sin²(πf / rate), which rises up to half the rate; so its sum
 * of squares is at least the power from `hz` upward times the weight at `hz` (Parseval, window by window).
 */
export function fastShareAtMost(x: ArrayLike<number>, sfreqHz: number, hz: number): number {
  const n = Math.min(x.length, Math.max(2, Math.round(sfreqHz)));
  // Below 1 Hz there must lie the mean of a window and nothing else.
  if (n < 2 || sfreqHz / n < 1 || hz >= sfreqHz / 2) return Infinity;
  const window = hannWindow(n);
  let squares = 0;
  let steps = 0;
  const hop = n - Math.floor(n / 2);
  for (let from = 0; from + n <= x.length; from += hop) {
    let mean = 0;
    for (let t = 0; t < n; t = (t + 1) | 0) mean += x[(from + t) | 0]!;
    mean /= n;
    let energy = 0;
    let even = 0;
    let odd = 0;
    // The window begins with 0, which closes the circle.
    let before = 0;
    for (let t = 0; t < n; t = (t + 2) | 0) {
      const a = (x[(from + t) | 0]! - mean) * window[t]!;
      // Behind an odd number comes the 0 of the beginning.
      const b = t + 1 < n ? (x[(from + t + 1) | 0]! - mean) * window[(t + 1) | 0]! : 0;
      energy += a * a + b * b;
      steps += (a - before) * (a - before) + (b - a) * (b - a);
      even += a;
      odd += b;
      before = b;
    }
    steps += before * before;
    // Neither the mean nor half the rate is counted; the latter exists for even n alone, but taking it off is safe.
    squares += energy - ((even + odd) ** 2 + (even - odd) ** 2) / n;
  }
  return steps / (4 * Math.sin((Math.PI * hz) / sfreqHz) ** 2) / squares;
}

const windows = new Map<number, Float64Array>();
const windowsAtMost = 16;

function hannWindow(n: number): Float64Array {
  let window = windows.get(n);
  if (!window) {
    if (windows.size >= windowsAtMost) windows.clear();
    window = Float64Array.from({ length: n }, (_, t) => 0.5 - 0.5 * Math.cos((2 * Math.PI * t) / n));
    windows.set(n, window);
  }
  return window;
}
