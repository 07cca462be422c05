/** Change of rate by any ratio of whole numbers, without delay: Kaiser-windowed sinc, as SciPy's resample_poly. */
import { concatenate } from './fifo.ts';

export interface Ratio {
  up: number;
  down: number;
}

/** The simplest ratio within a billionth of to / from (0.1 ms in 24 h). */
export function rateRatio(fromHz: number, toHz: number): Ratio {
  const wanted = toHz / fromHz;
  let [p0, q0, p1, q1] = [0, 1, 1, 0];
  let rest = wanted;
  for (;;) {
    const whole = Math.floor(rest);
    [p0, q0, p1, q1] = [p1, q1, whole * p1 + p0, whole * q1 + q0];
    if (Math.abs(p1 / q1 - wanted) <= 1e-9 * wanted) return { up: p1, down: q1 };
    rest = 1 / (rest - whole);
  }
}

/** x.length · up / down samples, rounded up; outside x there is silence. Equal to resample_poly(x, up, down). */
export function resample(x: ArrayLike<number>, ratio: Ratio): Float64Array {
  const stream = createResampler(ratio);
  const zeros = new Float64Array(stream.margin);
  const parts = [zeros, Float64Array.from(x), zeros].map((part) => stream.push(part).slice());
  return concatenate([...parts, stream.end()]);
}

export interface Resampler {
  /** Input samples on either side that an output looks at; the input begins and ends with this many of them. */
  readonly margin: number;
  /**
   * Input goes on; outputs that are certain now. The first is at the first input after the margin. The array is used again by
   * the next call of any resampler.
   */
  push(x: Float64Array): Float64Array;
  /** The remaining outputs, up to the last input before the closing margin. */
  end(): Float64Array;
}

/** Where all resamplers work, one after the other; a call never waits. */
let input = new Float64Array(0);
let output = new Float64Array(0);

export function createResampler({ up, down }: Ratio): Resampler {
  const widest = Math.max(up, down);
  const half = 10 * widest;
  const { taps, coefficients } = polyphase(up, half, widest);
  // Worth while unless the padding to whole runs outweighs it.
  const { sum, beyond } =
    taps >= 4 * down
      ? sumSharing(coefficients, taps, down)
      : { sum: sumInOrder(coefficients, taps), beyond: 0 };
  const margin = Math.ceil(half / up);
  /** Inputs that outputs to come will look at. */
  let held = new Float64Array(0);
  /** Index of the first held input, counted from the first one after the margin. */
  let first = -margin;
  let next = 0;

  /** Outputs whose inputs have all come, but none at the last `notAtLast` inputs. */
  function produce(x: Float64Array, notAtLast: number): Float64Array {
    const count = held.length + x.length;
    if (input.length < count + beyond) input = new Float64Array(count + beyond);
    input.set(held);
    input.set(x, held.length);
    input.fill(0, count, count + beyond);
    const end = first + count;
    // Output m looks at inputs up to floor((m · down + half) / up).
    const ready = Math.min(Math.ceil(((end - notAtLast) * up) / down), Math.ceil((end * up - half) / down));
    const outputs = Math.max(0, ready - next);
    if (output.length < outputs) output = new Float64Array(outputs);
    // Outputs `up` apart share their coefficients, and look at inputs `down` apart.
    for (let p = 0; p < up && p < outputs; p++) {
      const at = (next + p) * down + half;
      const newest = Math.floor(at / up);
      const from = newest - taps + 1 - first;
      sum(at - newest * up, { x: input, from, down, out: output, to: p, end: outputs, up });
    }
    next += outputs;
    const oldest = Math.floor((next * down + half) / up) - taps + 1;
    const done = Math.min(Math.max(0, oldest - first), count);
    held = input.slice(done, count);
    first += done;
    return output.subarray(0, outputs);
  }

  return {
    margin,
    push: (x) => produce(x, margin),
    // Zeros stand for inputs that no output counts.
    end: () => produce(new Float64Array(taps + margin), taps + 2 * margin),
  };
}

/** What one phase of outputs is made from, and where it goes. */
interface PhaseSum {
  x: Float64Array;
  /** First input of the first output. */
  from: number;
  down: number;
  out: Float64Array;
  to: number;
  /** Outputs lie below. */
  end: number;
  up: number;
}

/** out[to], out[to + up] …: the taps' sum over x[from …), x[from + down …) … */
type SumPhase = (phase: number, sum: PhaseSum) => void;

/** Six outputs at once, because one alone waits for itself. `| 0`: an index that cannot leave 32 bits, see fft.ts. */
function sumInOrder(coefficients: Float64Array, taps: number): SumPhase {
  return (phase, { x, from, down, out, to, end, up }) => {
    const down2 = (2 * down) | 0;
    const down3 = (3 * down) | 0;
    const down4 = (4 * down) | 0;
    const down5 = (5 * down) | 0;
    const firstTap = (phase * taps) | 0;
    const endTap = (firstTap + taps) | 0;
    let start = (from - firstTap) | 0;
    for (; to + 5 * up < end; to += 6 * up, start = (start + 6 * down) | 0) {
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      let s4 = 0;
      let s5 = 0;
      for (let k = firstTap; k < endTap; k = (k + 1) | 0) {
        const h = coefficients[k]!;
        const a = (start + k) | 0;
        s0 += h * x[a]!;
        s1 += h * x[(a + down) | 0]!;
        s2 += h * x[(a + down2) | 0]!;
        s3 += h * x[(a + down3) | 0]!;
        s4 += h * x[(a + down4) | 0]!;
        s5 += h * x[(a + down5) | 0]!;
      }
      out[to] = s0;
      out[to + up] = s1;
      out[to + 2 * up] = s2;
      out[to + 3 * up] = s3;
      out[to + 4 * up] = s4;
      out[to + 5 * up] = s5;
    }
    for (; to < end; to += up, start = (start + down) | 0) {
      let sum = 0;
      for (let k = firstTap; k < endTap; k = (k + 1) | 0) sum += coefficients[k]! * x[(start + k) | 0]!;
      out[to] = sum;
    }
  };
}

/**
 * The same where many taps lie `down` apart: then neighbouring outputs look at the same inputs, and four outputs times three taps
 * need six inputs, not twelve. Looks at up to `beyond` inputs more, which count nothing but must be numbers.
 */
function sumSharing(
  coefficients: Float64Array,
  taps: number,
  down: number,
): { sum: SumPhase; beyond: number } {
  const run = 3 * Math.ceil(taps / down / 3);
  const phases = coefficients.length / taps;
  const arranged = new Float64Array(phases * down * run);
  coefficients.forEach((h, i) => {
    const tap = i % taps;
    arranged[((i - tap) / taps) * down * run + (tap % down) * run + Math.floor(tap / down)] = h;
  });
  const down2 = (2 * down) | 0;
  const down3 = (3 * down) | 0;
  const inOrder = sumInOrder(coefficients, taps);
  const sum: SumPhase = (phase, { x, from, out, to, end, up }) => {
    const firstTap = (phase * down * run) | 0;
    for (; to + 3 * up < end; to += 4 * up, from = (from + 4 * down) | 0) {
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (let j = 0, k = firstTap; j < down; j = (j + 1) | 0) {
        let a = (from + j) | 0;
        let x0 = x[a]!;
        let x1 = x[(a + down) | 0]!;
        let x2 = x[(a + down2) | 0]!;
        a = (a + down3) | 0;
        for (const endTap = (k + run) | 0; k < endTap; k = (k + 3) | 0, a = (a + down3) | 0) {
          const h0 = arranged[k]!;
          const h1 = arranged[(k + 1) | 0]!;
          const h2 = arranged[(k + 2) | 0]!;
          const x3 = x[a]!;
          const x4 = x[(a + down) | 0]!;
          const x5 = x[(a + down2) | 0]!;
          s0 += h0 * x0 + h1 * x1 + h2 * x2;
          s1 += h0 * x1 + h1 * x2 + h2 * x3;
          s2 += h0 * x2 + h1 * x3 + h2 * x4;
          s3 += h0 * x3 + h1 * x4 + h2 * x5;
          x0 = x3;
          x1 = x4;
          x2 = x5;
        }
      }
      out[to] = s0;
      out[to + up] = s1;
      out[to + 2 * up] = s2;
      out[to + 3 * up] = s3;
    }
    inOrder(phase, { x, from, down, out, to, end, up });
  };
  return { sum, beyond: down * run - taps + down };
}

/** [up, taps]: for each phase the coefficients in the order of the inputs. */
function polyphase(up: number, half: number, widest: number): { taps: number; coefficients: Float64Array } {
  const h = new Float64Array(2 * half + 1);
  let sum = 0;
  for (let i = 0; i < h.length; i++) {
    const t = (i - half) / widest;
    const inside = (i - half) / half;
    const sinc = t === 0 ? 1 : Math.sin(Math.PI * t) / (Math.PI * t);
    h[i] = sinc * besselI0(5 * Math.sqrt(1 - inside * inside));
    sum += h[i]!;
  }
  const taps = Math.ceil(h.length / up);
  const coefficients = new Float64Array(up * taps);
  for (let i = 0; i < h.length; i++)
    coefficients[(i % up) * taps + taps - 1 - Math.floor(i / up)] = (h[i]! * up) / sum;
  return { taps, coefficients };
}

/** Modified Bessel function of order 0, by its series; the Kaiser window without its constant. */
function besselI0(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > 1e-17 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}
