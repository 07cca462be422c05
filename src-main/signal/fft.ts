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
      const start = from | 0;
      for (let t = 0; t < half; t = (t + 1) | 0) {
        zr[t] = x[(start + 2 * t) | 0]!;
        zi[t] = x[(start + 2 * t + 1) | 0]!;
      }
      transform(zr, zi);
      re[to] = zr[0]! + zi[0]!;
      im[to] = 0;
      re[to + half] = zr[0]! - zi[0]!;
      im[to + half] = 0;
      for (let k = 1; k < half; k = (k + 1) | 0) {
        const b = (half - k) | 0;
        const evenRe = (zr[k]! + zr[b]!) / 2;
        const evenIm = (zi[k]! - zi[b]!) / 2;
        const oddRe = (zi[k]! + zi[b]!) / 2;
        const oddIm = (zr[b]! - zr[k]!) / 2;
        const at = (to + k) | 0;
        re[at] = evenRe + cos[k]! * oddRe + sin[k]! * oddIm;
        im[at] = evenIm + cos[k]! * oddIm - sin[k]! * oddRe;
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

// `| 0` tells the compiler that an index cannot leave 32 bits: without it these loops take several times as long.
const radix2: Stage = (xr, xi, yr, yi, m, stride, cos, sin) => {
  const step = (stride * m) | 0;
  for (let q = 0; q < m; q = (q + 1) | 0) {
    const c = cos[(q * stride) | 0]!;
    const s = sin[(q * stride) | 0]!;
    for (let r = 0; r < stride; r = (r + 1) | 0) {
      const a = (r + stride * q) | 0;
      const b = (a + step) | 0;
      const to = (r + stride * 2 * q) | 0;
      const next = (to + stride) | 0;
      const dr = xr[a]! - xr[b]!;
      const di = xi[a]! - xi[b]!;
      yr[to] = xr[a]! + xr[b]!;
      yi[to] = xi[a]! + xi[b]!;
      yr[next] = dr * c + di * s;
      yi[next] = di * c - dr * s;
    }
  }
};

const radix4: Stage = (xr, xi, yr, yi, m, stride, cos, sin) => {
  const step = (stride * m) | 0;
  for (let q = 0; q < m; q = (q + 1) | 0) {
    const k = (q * stride) | 0;
    const c1 = cos[k]!;
    const s1 = sin[k]!;
    const c2 = cos[(2 * k) | 0]!;
    const s2 = sin[(2 * k) | 0]!;
    const c3 = cos[(3 * k) | 0]!;
    const s3 = sin[(3 * k) | 0]!;
    for (let r = 0; r < stride; r = (r + 1) | 0) {
      const a = (r + stride * q) | 0;
      const b = (a + step) | 0;
      const c = (b + step) | 0;
      const d = (c + step) | 0;
      const t0 = (r + stride * 4 * q) | 0;
      const t1 = (t0 + stride) | 0;
      const t2 = (t1 + stride) | 0;
      const t3 = (t2 + stride) | 0;
      const sumRe = xr[a]! + xr[c]!;
      const sumIm = xi[a]! + xi[c]!;
      const difRe = xr[a]! - xr[c]!;
      const difIm = xi[a]! - xi[c]!;
      const oddRe = xr[b]! + xr[d]!;
      const oddIm = xi[b]! + xi[d]!;
      const turnRe = xi[b]! - xi[d]!;
      const turnIm = xr[d]! - xr[b]!;
      yr[t0] = sumRe + oddRe;
      yi[t0] = sumIm + oddIm;
      const ar = difRe + turnRe;
      const ai = difIm + turnIm;
      yr[t1] = ar * c1 + ai * s1;
      yi[t1] = ai * c1 - ar * s1;
      const br = sumRe - oddRe;
      const bi = sumIm - oddIm;
      yr[t2] = br * c2 + bi * s2;
      yi[t2] = bi * c2 - br * s2;
      const dr = difRe - turnRe;
      const di = difIm - turnIm;
      yr[t3] = dr * c3 + di * s3;
      yi[t3] = di * c3 - dr * s3;
    }
  }
};

const cos72 = Math.cos((2 * Math.PI) / 5);
const cos144 = Math.cos((4 * Math.PI) / 5);
const sin72 = Math.sin((2 * Math.PI) / 5);
const sin144 = Math.sin((4 * Math.PI) / 5);

/** Rates of EEG are rich in fives. */
const radix5: Stage = (xr, xi, yr, yi, m, stride, cos, sin) => {
  const step = (stride * m) | 0;
  for (let q = 0; q < m; q = (q + 1) | 0) {
    const k = (q * stride) | 0;
    const c1 = cos[k]!;
    const s1 = sin[k]!;
    const c2 = cos[(2 * k) | 0]!;
    const s2 = sin[(2 * k) | 0]!;
    const c3 = cos[(3 * k) | 0]!;
    const s3 = sin[(3 * k) | 0]!;
    const c4 = cos[(4 * k) | 0]!;
    const s4 = sin[(4 * k) | 0]!;
    for (let r = 0; r < stride; r = (r + 1) | 0) {
      const a = (r + stride * q) | 0;
      const b = (a + step) | 0;
      const c = (b + step) | 0;
      const d = (c + step) | 0;
      const e = (d + step) | 0;
      const t0 = (r + stride * 5 * q) | 0;
      const t1 = (t0 + stride) | 0;
      const t2 = (t1 + stride) | 0;
      const t3 = (t2 + stride) | 0;
      const t4 = (t3 + stride) | 0;
      const r0 = xr[a]!;
      const i0 = xi[a]!;
      const sum1r = xr[b]! + xr[e]!;
      const sum1i = xi[b]! + xi[e]!;
      const sum2r = xr[c]! + xr[d]!;
      const sum2i = xi[c]! + xi[d]!;
      const dif1r = xr[b]! - xr[e]!;
      const dif1i = xi[b]! - xi[e]!;
      const dif2r = xr[c]! - xr[d]!;
      const dif2i = xi[c]! - xi[d]!;
      const even1r = r0 + cos72 * sum1r + cos144 * sum2r;
      const even1i = i0 + cos72 * sum1i + cos144 * sum2i;
      const even2r = r0 + cos144 * sum1r + cos72 * sum2r;
      const even2i = i0 + cos144 * sum1i + cos72 * sum2i;
      const odd1r = sin72 * dif1r + sin144 * dif2r;
      const odd1i = sin72 * dif1i + sin144 * dif2i;
      const odd2r = sin144 * dif1r - sin72 * dif2r;
      const odd2i = sin144 * dif1i - sin72 * dif2i;
      yr[t0] = r0 + sum1r + sum2r;
      yi[t0] = i0 + sum1i + sum2i;
      const ar = even1r + odd1i;
      const ai = even1i - odd1r;
      yr[t1] = ar * c1 + ai * s1;
      yi[t1] = ai * c1 - ar * s1;
      const br = even2r + odd2i;
      const bi = even2i - odd2r;
      yr[t2] = br * c2 + bi * s2;
      yi[t2] = bi * c2 - br * s2;
      const dr = even2r - odd2i;
      const di = even2i + odd2r;
      yr[t3] = dr * c3 + di * s3;
      yi[t3] = di * c3 - dr * s3;
      const er = even1r - odd1i;
      const ei = even1i + odd1r;
      yr[t4] = er * c4 + ei * s4;
      yi[t4] = ei * c4 - er * s4;
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
