/** Discrete Fourier transforms of any length: mixed radix (Stockham), by Bluestein's detour for large prime factors. */

/** In place: X_k = Σ x_t e^(−2πi k t / n). Not safe to share between overlapping calls; a call never waits. */
export type ComplexFft = (re: Float64Array, im: Float64Array) => void;

const plans = new Map<number, ComplexFft>();
const genericFactorAtMost = 31;

/** The transform of this length; made once, then remembered. */
export function complexFft(n: number): ComplexFft {
  let plan = plans.get(n);
  if (!plan) {
    const factors = factorise(n);
    plan = factors.every((p) => p <= genericFactorAtMost) ? mixedRadix(n, factors) : bluestein(n);
    plans.set(n, plan);
  }
  return plan;
}

export interface RealFft {
  readonly n: number;
  /** floor(n / 2) + 1 */
  readonly bins: number;
  /** Bins 0 … n/2 of x[from … from + n), written from position `to`. */
  forward(
    x: ArrayLike<number>,
    from: number,
    re: Float32Array | Float64Array,
    im: Float32Array | Float64Array,
    to?: number,
  ): void;
}

export function realFft(n: number): RealFft {
  return n % 2 === 0 ? evenRealFft(n) : oddRealFft(n);
}

/** Even and odd samples as the two parts of one complex signal of half the length. */
function evenRealFft(n: number): RealFft {
  const half = n / 2;
  const transform = complexFft(half);
  const zr = new Float64Array(half);
  const zi = new Float64Array(half);
  const { cos, sin } = roots(n);
  return {
    n,
    bins: half + 1,
    forward(x, from, re, im, to = 0) {
      for (let t = 0; t < half; t++) {
        zr[t] = x[from + 2 * t]!;
        zi[t] = x[from + 2 * t + 1]!;
      }
      transform(zr, zi);
      for (let k = 0; k <= half; k++) {
        const a = k === half ? 0 : k;
        const b = k === 0 ? 0 : half - k;
        const evenRe = (zr[a]! + zr[b]!) / 2;
        const evenIm = (zi[a]! - zi[b]!) / 2;
        const oddRe = (zi[a]! + zi[b]!) / 2;
        const oddIm = (zr[b]! - zr[a]!) / 2;
        re[to + k] = evenRe + cos[k]! * oddRe + sin[k]! * oddIm;
        im[to + k] = evenIm + cos[k]! * oddIm - sin[k]! * oddRe;
      }
    },
  };
}

function oddRealFft(n: number): RealFft {
  const transform = complexFft(n);
  const zr = new Float64Array(n);
  const zi = new Float64Array(n);
  const bins = (n + 1) / 2;
  return {
    n,
    bins,
    forward(x, from, re, im, to = 0) {
      for (let t = 0; t < n; t++) zr[t] = x[from + t]!;
      zi.fill(0);
      transform(zr, zi);
      for (let k = 0; k < bins; k++) {
        re[to + k] = zr[k]!;
        im[to + k] = zi[k]!;
      }
    },
  };
}

/** cos and sin of 2πk/n, k = 0 … n − 1. */
function roots(n: number): { cos: Float64Array; sin: Float64Array } {
  const cos = new Float64Array(n);
  const sin = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    cos[k] = Math.cos((2 * Math.PI * k) / n);
    sin[k] = Math.sin((2 * Math.PI * k) / n);
  }
  return { cos, sin };
}

/** Fours first, then primes. */
function factorise(n: number): number[] {
  const factors: number[] = [];
  let rest = n;
  for (let p = 4; rest > 1; p = p === 4 ? 2 : p === 2 ? 3 : p + 2) {
    while (rest % p === 0) {
      factors.push(p);
      rest /= p;
    }
    if (p > 4 && p * p > rest && rest > 1) {
      factors.push(rest);
      break;
    }
  }
  return factors;
}

/** Decimation in frequency; each stage writes in sorted order into the other array, so no bit reversal is needed. */
function mixedRadix(n: number, factors: readonly number[]): ComplexFft {
  const { cos, sin } = roots(n);
  const otherRe = new Float64Array(n);
  const otherIm = new Float64Array(n);
  return (re, im) => {
    let [fromRe, fromIm, toRe, toIm]: Float64Array[] = [re, im, otherRe, otherIm];
    let left = n;
    let stride = 1;
    for (const p of factors) {
      const m = left / p;
      if (p === 4) radix4(fromRe, fromIm, toRe, toIm, m, stride, cos, sin);
      else if (p === 2) radix2(fromRe, fromIm, toRe, toIm, m, stride, cos, sin);
      else if (p === 5) radix5(fromRe, fromIm, toRe, toIm, m, stride, cos, sin);
      else anyRadix(p, fromRe, fromIm, toRe, toIm, m, stride, cos, sin);
      [fromRe, fromIm, toRe, toIm] = [toRe, toIm, fromRe, fromIm];
      left = m;
      stride *= p;
    }
    if (fromRe !== re) {
      re.set(fromRe);
      im.set(fromIm);
    }
  };
}

type Stage = (
  xr: Float64Array,
  xi: Float64Array,
  yr: Float64Array,
  yi: Float64Array,
  m: number,
  stride: number,
  cos: Float64Array,
  sin: Float64Array,
) => void;

const radix2: Stage = (xr, xi, yr, yi, m, stride, cos, sin) => {
  for (let q = 0; q < m; q++) {
    const c = cos[q * stride]!;
    const s = sin[q * stride]!;
    for (let r = 0; r < stride; r++) {
      const a = r + stride * q;
      const b = a + stride * m;
      const to = r + stride * 2 * q;
      const dr = xr[a]! - xr[b]!;
      const di = xi[a]! - xi[b]!;
      yr[to] = xr[a]! + xr[b]!;
      yi[to] = xi[a]! + xi[b]!;
      yr[to + stride] = dr * c + di * s;
      yi[to + stride] = di * c - dr * s;
    }
  }
};

const radix4: Stage = (xr, xi, yr, yi, m, stride, cos, sin) => {
  const step = stride * m;
  for (let q = 0; q < m; q++) {
    const k = q * stride;
    const [c1, s1, c2, s2, c3, s3] = [cos[k]!, sin[k]!, cos[2 * k]!, sin[2 * k]!, cos[3 * k]!, sin[3 * k]!];
    for (let r = 0; r < stride; r++) {
      const a = r + stride * q;
      const to = r + stride * 4 * q;
      const sumRe = xr[a]! + xr[a + 2 * step]!;
      const sumIm = xi[a]! + xi[a + 2 * step]!;
      const difRe = xr[a]! - xr[a + 2 * step]!;
      const difIm = xi[a]! - xi[a + 2 * step]!;
      const oddRe = xr[a + step]! + xr[a + 3 * step]!;
      const oddIm = xi[a + step]! + xi[a + 3 * step]!;
      const turnRe = xi[a + step]! - xi[a + 3 * step]!;
      const turnIm = xr[a + 3 * step]! - xr[a + step]!;
      yr[to] = sumRe + oddRe;
      yi[to] = sumIm + oddIm;
      const [ar, ai] = [difRe + turnRe, difIm + turnIm];
      yr[to + stride] = ar * c1 + ai * s1;
      yi[to + stride] = ai * c1 - ar * s1;
      const [br, bi] = [sumRe - oddRe, sumIm - oddIm];
      yr[to + 2 * stride] = br * c2 + bi * s2;
      yi[to + 2 * stride] = bi * c2 - br * s2;
      const [dr, di] = [difRe - turnRe, difIm - turnIm];
      yr[to + 3 * stride] = dr * c3 + di * s3;
      yi[to + 3 * stride] = di * c3 - dr * s3;
    }
  }
};

const cos72 = Math.cos((2 * Math.PI) / 5);
const cos144 = Math.cos((4 * Math.PI) / 5);
const sin72 = Math.sin((2 * Math.PI) / 5);
const sin144 = Math.sin((4 * Math.PI) / 5);

/** Rates of EEG are rich in fives. */
const radix5: Stage = (xr, xi, yr, yi, m, stride, cos, sin) => {
  const step = stride * m;
  for (let q = 0; q < m; q++) {
    const k = q * stride;
    const [c1, s1, c2, s2] = [cos[k]!, sin[k]!, cos[2 * k]!, sin[2 * k]!];
    const [c3, s3, c4, s4] = [cos[3 * k]!, sin[3 * k]!, cos[4 * k]!, sin[4 * k]!];
    for (let r = 0; r < stride; r++) {
      const a = r + stride * q;
      const to = r + stride * 5 * q;
      const [r0, i0] = [xr[a]!, xi[a]!];
      const sum1r = xr[a + step]! + xr[a + 4 * step]!;
      const sum1i = xi[a + step]! + xi[a + 4 * step]!;
      const sum2r = xr[a + 2 * step]! + xr[a + 3 * step]!;
      const sum2i = xi[a + 2 * step]! + xi[a + 3 * step]!;
      const dif1r = xr[a + step]! - xr[a + 4 * step]!;
      const dif1i = xi[a + step]! - xi[a + 4 * step]!;
      const dif2r = xr[a + 2 * step]! - xr[a + 3 * step]!;
      const dif2i = xi[a + 2 * step]! - xi[a + 3 * step]!;
      const even1r = r0 + cos72 * sum1r + cos144 * sum2r;
      const even1i = i0 + cos72 * sum1i + cos144 * sum2i;
      const even2r = r0 + cos144 * sum1r + cos72 * sum2r;
      const even2i = i0 + cos144 * sum1i + cos72 * sum2i;
      const odd1r = sin72 * dif1r + sin144 * dif2r;
      const odd1i = sin72 * dif1i + sin144 * dif2i;
      const odd2r = sin144 * dif1r - sin72 * dif2r;
      const odd2i = sin144 * dif1i - sin72 * dif2i;
      yr[to] = r0 + sum1r + sum2r;
      yi[to] = i0 + sum1i + sum2i;
      const [ar, ai] = [even1r + odd1i, even1i - odd1r];
      yr[to + stride] = ar * c1 + ai * s1;
      yi[to + stride] = ai * c1 - ar * s1;
      const [br, bi] = [even2r + odd2i, even2i - odd2r];
      yr[to + 2 * stride] = br * c2 + bi * s2;
      yi[to + 2 * stride] = bi * c2 - br * s2;
      const [dr, di] = [even2r - odd2i, even2i + odd2r];
      yr[to + 3 * stride] = dr * c3 + di * s3;
      yi[to + 3 * stride] = di * c3 - dr * s3;
      const [er, ei] = [even1r - odd1i, even1i + odd1r];
      yr[to + 4 * stride] = er * c4 + ei * s4;
      yi[to + 4 * stride] = ei * c4 - er * s4;
    }
  }
};

function anyRadix(p: number, ...[xr, xi, yr, yi, m, stride, cos, sin]: Parameters<Stage>): void {
  const n = cos.length;
  const turn = n / p;
  for (let q = 0; q < m; q++) {
    for (let k = 0; k < p; k++) {
      const c = cos[q * k * stride]!;
      const s = sin[q * k * stride]!;
      for (let r = 0; r < stride; r++) {
        let sumRe = 0;
        let sumIm = 0;
        for (let j = 0, at = r + stride * q, w = 0; j < p; j++, at += stride * m) {
          sumRe += xr[at]! * cos[w]! + xi[at]! * sin[w]!;
          sumIm += xi[at]! * cos[w]! - xr[at]! * sin[w]!;
          w += k * turn;
          if (w >= n) w -= n;
        }
        const to = r + stride * (p * q + k);
        yr[to] = sumRe * c + sumIm * s;
        yi[to] = sumIm * c - sumRe * s;
      }
    }
  }
}

/** A transform of any length as a convolution, done by one of a power of two. */
function bluestein(n: number): ComplexFft {
  const size = 2 ** Math.ceil(Math.log2(2 * n - 1));
  const transform = complexFft(size);
  const chirpRe = new Float64Array(n);
  const chirpIm = new Float64Array(n);
  const kernelRe = new Float64Array(size);
  const kernelIm = new Float64Array(size);
  for (let t = 0; t < n; t++) {
    // t² mod 2n keeps the angle small, hence exact.
    const angle = (Math.PI * ((t * t) % (2 * n))) / n;
    chirpRe[t] = Math.cos(angle);
    chirpIm[t] = -Math.sin(angle);
    for (const at of t === 0 ? [0] : [t, size - t]) {
      kernelRe[at] = Math.cos(angle);
      kernelIm[at] = Math.sin(angle);
    }
  }
  transform(kernelRe, kernelIm);
  const ar = new Float64Array(size);
  const ai = new Float64Array(size);
  return (re, im) => {
    ar.fill(0);
    ai.fill(0);
    for (let t = 0; t < n; t++) {
      ar[t] = re[t]! * chirpRe[t]! - im[t]! * chirpIm[t]!;
      ai[t] = re[t]! * chirpIm[t]! + im[t]! * chirpRe[t]!;
    }
    transform(ar, ai);
    // The inverse transform is the forward one of the conjugate, conjugated.
    for (let k = 0; k < size; k++) {
      const productRe = ar[k]! * kernelRe[k]! - ai[k]! * kernelIm[k]!;
      ai[k] = -(ar[k]! * kernelIm[k]! + ai[k]! * kernelRe[k]!);
      ar[k] = productRe;
    }
    transform(ar, ai);
    for (let k = 0; k < n; k++) {
      const r = ar[k]! / size;
      const i = -ai[k]! / size;
      re[k] = r * chirpRe[k]! - i * chirpIm[k]!;
      im[k] = r * chirpIm[k]! + i * chirpRe[k]!;
    }
  };
}
