/** Two looks at one signal that should mean the same: crop, loudness, noise, gaps. Plain arrays, outside any engine. */
import type { Random } from '#shared/random.ts';
import { readGrid } from '#main/models/time-grid.ts';

export interface Augmentation {
  /** Smallest share of the length that a crop keeps; 1 crops nothing. */
  crop: number;
  /** Largest change of amplitude, as a share. */
  scale: number;
  /** Standard deviation of added white noise, in units of the signal's own. */
  noise: number;
  /** Largest share of the time set to zero in one piece. */
  mask: number;
  /** Probability of turning the sign. */
  flip: number;
  /** Probability of taking out a band 4 Hz wide. */
  bandStop: number;
}

export const augmentation: Augmentation = {
  crop: 0.5,
  scale: 0.2,
  noise: 0.1,
  mask: 0.1,
  flip: 0,
  bandStop: 0.2,
};

/**
 * One augmented view.
 *
 * @param signal standardised (σ = 1), so that noise has a meaning; left as it is
 * @param length samples of the view; the crop is stretched to it, whatever the signal's length
 * @param gridHz rate of the view, for the band-stop
 */
export function augment(
  signal: Float32Array,
  length: number,
  gridHz: number,
  random: Random,
  options: Augmentation = augmentation,
  out: Float32Array = new Float32Array(length),
): Float32Array {
  const share = options.crop + (1 - options.crop) * random.next();
  const from = (1 - share) * signal.length * random.next();
  readGrid(signal, from, (share * signal.length) / length, length, out);
  if (random.next() < options.bandStop) removeBand(out, 4 + random.next() * (gridHz / 2 - 24), gridHz);
  const sign = random.next() < options.flip ? -1 : 1;
  const gain = sign * (1 + options.scale * (2 * random.next() - 1));
  for (let i = 0; i < length; i++) out[i] = gain * out[i]! + options.noise * random.normal();
  const masked = Math.floor(options.mask * random.next() * length);
  const start = random.below(length - masked + 1);
  out.fill(0, start, start + masked);
  return out;
}

/** Band-stop biquad, 4 Hz wide at −3 dB (R. Bristow-Johnson, Cookbook formulae for audio EQ biquad filters). */
function removeBand(signal: Float32Array, centreHz: number, gridHz: number): void {
  const angle = (2 * Math.PI * centreHz) / gridHz;
  const alpha = Math.tan((Math.PI * 4) / gridHz);
  const cosine = -2 * Math.cos(angle);
  let x1 = 0;
  let x2 = 0;
  let y1 = 0;
  let y2 = 0;
  for (let i = 0; i < signal.length; i++) {
    const x = signal[i]!;
    const y = (x + cosine * x1 + x2 - cosine * y1 - (1 - alpha) * y2) / (1 + alpha);
    x2 = x1;
    x1 = x;
    y2 = y1;
    y1 = y;
    signal[i] = y;
  }
}
