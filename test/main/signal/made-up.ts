/** Signals and measures that several tests of signal processing need. */
import { createRandom } from '#shared/random.ts';

export function sine(hz: number, sfreqHz: number, samples: number, phase = 0): Float64Array {
  return Float64Array.from({ length: samples }, (_, t) => Math.sin((2 * Math.PI * hz * t) / sfreqHz + phase));
}

/** Brownian motion with a large offset: what an amplifier without coupling gives. */
export function wandering(samples: number, seed = 1, offset = 4000): Float64Array {
  const random = createRandom(seed);
  let slow = offset;
  return Float64Array.from({ length: samples }, () => (slow += random.normal()) + 10 * random.normal());
}

export function largestDifference(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  from = 0,
  to = a.length,
): number {
  let largest = 0;
  for (let i = from; i < to; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return largest;
}

export function noise(samples: number, seed = 0, deviation = 30): Float64Array {
  const random = createRandom(seed);
  return Float64Array.from({ length: samples }, () => random.normal() * deviation);
}

/** Amplitude and phase (radians, of a sine at time 0) of one frequency, over the whole periods in x[from … to). */
export function component(
  x: ArrayLike<number>,
  hz: number,
  sfreqHz: number,
  from = 0,
  to = x.length,
): { amplitude: number; phase: number } {
  const count = Math.round((Math.floor(((to - from) * hz) / sfreqHz) * sfreqHz) / hz);
  let [inPhase, quarter] = [0, 0];
  for (let j = from; j < from + count; j++) {
    const angle = (2 * Math.PI * hz * j) / sfreqHz;
    inPhase += x[j]! * Math.sin(angle);
    quarter += x[j]! * Math.cos(angle);
  }
  return { amplitude: (2 * Math.hypot(inPhase, quarter)) / count, phase: Math.atan2(quarter, inPhase) };
}

/** Root mean square. */
export function size(x: ArrayLike<number>, from = 0, to = x.length): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += x[i]! ** 2;
  return Math.sqrt(sum / (to - from));
}
