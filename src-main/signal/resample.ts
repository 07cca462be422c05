/** Change of rate by any ratio of whole numbers, without delay: Kaiser-windowed sinc, as SciPy's resample_poly. */
import { concatenate, createFifo } from './fifo.ts';

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
  return concatenate([
    stream.push(zeros),
    stream.push(Float64Array.from(x)),
    stream.push(zeros),
    stream.end(),
  ]);
}

export interface Resampler {
  /** Input samples on either side that an output looks at; the input begins and ends with this many of them. */
  readonly margin: number;
  /** Input goes on; outputs that are certain now. The first is at the first input after the margin. */
  push(x: Float64Array): Float64Array;
  /** The remaining outputs, up to the last input before the closing margin. */
  end(): Float64Array;
}

export function createResampler({ up, down }: Ratio): Resampler {
  const widest = Math.max(up, down);
  const half = 10 * widest;
  const { taps, coefficients } = polyphase(up, half, widest);
  const margin = Math.ceil(half / up);
  const held = createFifo();
  /** Index of the first held input, counted from the first one after the margin. */
  let first = -margin;
  let next = 0;

  /** Outputs below `limit` whose inputs have all come. */
  function produce(limit: number): Float64Array {
    const x = held.view();
    const end = first + x.length;
    // Output m looks at inputs up to floor((m · down + half) / up).
    const ready = Math.min(limit, Math.ceil((end * up - half) / down));
    const out = new Float64Array(Math.max(0, ready - next));
    // Outputs `up` apart share their coefficients, and look at inputs `down` apart.
    for (let p = 0; p < up && p < out.length; p++) {
      const at = (next + p) * down + half;
      const newest = Math.floor(at / up);
      const phase = (at - newest * up) * taps;
      sumPhase(coefficients, phase, taps, x, newest - taps + 1 - first, down, out, p, up);
    }
    next += out.length;
    const oldest = Math.floor((next * down + half) / up) - taps + 1;
    const done = Math.min(Math.max(0, oldest - first), held.size());
    held.drop(done);
    first += done;
    return out;
  }

  return {
    margin,
    push(x) {
      held.append(x);
      return produce(inputsUp());
    },
    end() {
      const limit = inputsUp();
      held.append(new Float64Array(taps + margin));
      return produce(limit);
    },
  };

  /** Outputs up to the last input before the margin, which may be the closing one. */
  function inputsUp(): number {
    return Math.ceil(((first + held.size() - margin) * up) / down);
  }
}

/** out[to], out[to + up] …: the taps' sum over x[from …), x[from + down …) …; four at once, because one alone waits for itself. */
function sumPhase(
  coefficients: Float64Array,
  phase: number,
  taps: number,
  x: Float64Array,
  from: number,
  down: number,
  out: Float64Array,
  to: number,
  up: number,
): void {
  for (; to + 3 * up < out.length; to += 4 * up, from += 4 * down) {
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let k = 0, a = from; k < taps; k++, a++) {
      const h = coefficients[phase + k]!;
      s0 += h * x[a]!;
      s1 += h * x[a + down]!;
      s2 += h * x[a + 2 * down]!;
      s3 += h * x[a + 3 * down]!;
    }
    out[to] = s0;
    out[to + up] = s1;
    out[to + 2 * up] = s2;
    out[to + 3 * up] = s3;
  }
  for (; to < out.length; to += up, from += down) {
    let sum = 0;
    for (let k = 0; k < taps; k++) sum += coefficients[phase + k]! * x[from + k]!;
    out[to] = sum;
  }
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
