/** Designs of recursive filters as second-order sections; the same coefficients as SciPy's butter and iirnotch. */
import { AppError } from '#shared/errors.ts';

/** [sections, 5]: b0 b1 b2 a1 a2 each, a0 = 1. */
export type Sections = Float64Array;

interface Complex {
  re: number;
  im: number;
}

/** Butterworth low-pass of `order` poles; 3 dB down at `hz` in one pass, 6 dB in two. */
export function lowPass(order: number, hz: number, sfreqHz: number): Sections {
  checkBelowNyquist(hz, sfreqHz);
  const edge = warp(hz, sfreqHz);
  const poles = prototype(order).map((p) => ({ re: p.re * edge, im: p.im * edge }));
  return sections(poles, Array<number>(order).fill(-1), 0);
}

export function highPass(order: number, hz: number, sfreqHz: number): Sections {
  checkBelowNyquist(hz, sfreqHz);
  const edge = warp(hz, sfreqHz);
  const poles = prototype(order).map((p) => {
    const size = p.re * p.re + p.im * p.im;
    return { re: (edge * p.re) / size, im: (-edge * p.im) / size };
  });
  return sections(poles, Array<number>(order).fill(1), Math.PI);
}

/** `order` poles at either edge, so 2 · order in all, as SciPy counts. */
export function bandPass(order: number, lowHz: number, highHz: number, sfreqHz: number): Sections {
  checkBelowNyquist(highHz, sfreqHz);
  if (!(lowHz > 0 && lowHz < highHz))
    throw new AppError(
      'invalid-input',
      `The low filter (${lowHz} Hz) must lie below the high filter (${highHz} Hz).`,
    );
  const low = warp(lowHz, sfreqHz);
  const high = warp(highHz, sfreqHz);
  const centre = Math.sqrt(low * high);
  const poles = prototype(order).flatMap((p) => {
    const half = { re: (p.re * (high - low)) / 2, im: (p.im * (high - low)) / 2 };
    const root = squareRoot({
      re: half.re * half.re - half.im * half.im - centre * centre,
      im: 2 * half.re * half.im,
    });
    return [
      { re: half.re + root.re, im: half.im + root.im },
      { re: half.re - root.re, im: half.im - root.im },
    ];
  });
  const zeros = Array.from({ length: 2 * order }, (_, i) => (i < order ? 1 : -1));
  return sections(poles, zeros, 2 * Math.atan(centre / 4));
}

/** Removes one frequency; `quality` = frequency / width at −3 dB. */
export function notch(hz: number, sfreqHz: number, quality = 30): Sections {
  checkBelowNyquist(hz, sfreqHz);
  const w = (2 * Math.PI * hz) / sfreqHz;
  const gain = 1 / (1 + Math.tan(w / quality / 2));
  const middle = -2 * gain * Math.cos(w);
  return Float64Array.of(gain, middle, gain, middle, 2 * gain - 1);
}

/** One filter after the other. */
export function cascade(...filters: readonly Sections[]): Sections {
  return Float64Array.from(filters.flatMap((filter) => [...filter]));
}

/** |H| of one pass; two passes have its square. */
export function gainAt(filter: Sections, hz: number, sfreqHz: number): number {
  let gain = 1;
  for (let s = 0; s < filter.length; s += 5) gain *= sectionGain(filter, s, (2 * Math.PI * hz) / sfreqHz);
  return gain;
}

/** Samples after which what was before has faded to `remaining` of its size: from the pole closest to the unit circle. */
export function settleSamples(filter: Sections, remaining = 1e-7): number {
  let radius = 0;
  for (let s = 0; s < filter.length; s += 5) {
    const a1 = filter[s + 3]!;
    const a2 = filter[s + 4]!;
    const inside = a1 * a1 - 4 * a2;
    const largest = inside < 0 ? Math.sqrt(a2) : (Math.abs(a1) + Math.sqrt(inside)) / 2;
    radius = Math.max(radius, largest);
  }
  return radius === 0 ? 0 : Math.ceil(Math.log(remaining) / Math.log(radius));
}

function checkBelowNyquist(hz: number, sfreqHz: number): void {
  if (hz > 0 && hz < sfreqHz / 2) return;
  throw new AppError(
    'invalid-input',
    `A filter at ${hz} Hz needs a rate above ${2 * hz} Hz, and this signal has ${sfreqHz} Hz; choose a lower filter.`,
  );
}

/** Analogue edge that the bilinear transform below, at an internal rate of 2, puts at `hz`. */
function warp(hz: number, sfreqHz: number): number {
  return 4 * Math.tan((Math.PI * hz) / sfreqHz);
}

/** Left half of the unit circle; conjugates adjacent to nothing in particular. */
function prototype(order: number): Complex[] {
  return Array.from({ length: order }, (_, k) => {
    const angle = (Math.PI * (2 * k + order + 1)) / (2 * order);
    return { re: Math.cos(angle), im: 2 * k + 1 === order ? 0 : Math.sin(angle) };
  });
}

/** Digital sections from analogue poles and digital zeros (±1), each of gain 1 at `unityAt` radians per sample. */
function sections(analogue: readonly Complex[], zeros: readonly number[], unityAt: number): Sections {
  const poles = analogue.map(bilinear);
  const pairs: { a1: number; a2: number; angle: number }[] = poles
    .filter((p) => p.im > 1e-14)
    .map((p) => ({ a1: -2 * p.re, a2: p.re * p.re + p.im * p.im, angle: Math.atan2(p.im, p.re) }));
  const real = poles
    .filter((p) => Math.abs(p.im) <= 1e-14)
    .map((p) => p.re)
    .sort((a, b) => b - a);
  for (let i = 0; i < real.length; i += 2) {
    const [p, q] = [real[i]!, real[i + 1]];
    pairs.push({ a1: -(p + (q ?? 0)), a2: p * (q ?? 0), angle: p > 0 ? 0 : Math.PI });
  }
  // Zeros at +1 belong beside slow poles, those at −1 beside fast ones; otherwise partial results become huge.
  pairs.sort((a, b) => a.angle - b.angle);
  const out = new Float64Array(pairs.length * 5);
  pairs.forEach(({ a1, a2 }, i) => {
    const first = zeros[2 * i];
    const second = zeros[2 * i + 1];
    const b =
      first === undefined
        ? [1, 0, 0]
        : second === undefined
          ? [1, -first, 0]
          : [1, -(first + second), first * second];
    out.set([...b, a1, a2], i * 5);
    const gain = sectionGain(out, i * 5, unityAt);
    for (let k = 0; k < 3; k++) out[i * 5 + k]! /= gain;
  });
  return out;
}

/** z = (4 + s) / (4 − s) */
function bilinear({ re, im }: Complex): Complex {
  const size = (4 - re) * (4 - re) + im * im;
  return { re: ((4 + re) * (4 - re) - im * im) / size, im: (8 * im) / size };
}

function squareRoot({ re, im }: Complex): Complex {
  const size = Math.hypot(re, im);
  const real = Math.sqrt((size + re) / 2);
  const imaginary = Math.sqrt((size - re) / 2);
  return { re: real, im: im < 0 ? -imaginary : imaginary };
}

function sectionGain(filter: Sections, s: number, w: number): number {
  const size = (c0: number, c1: number, c2: number) =>
    Math.hypot(c0 + c1 * Math.cos(w) + c2 * Math.cos(2 * w), c1 * Math.sin(w) + c2 * Math.sin(2 * w));
  const [b0, b1, b2, a1, a2] = filter.subarray(s, s + 5);
  return size(b0!, b1!, b2!) / size(1, a1!, a2!);
}
