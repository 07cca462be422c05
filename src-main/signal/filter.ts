/** Zero-phase filtering: forward, then backward; a whole array at once or a stream of any length in flat memory. */
import { cascade, settleSamples, type Sections } from './butterworth.ts';
import { concatenate, createFifo, createTail } from './fifo.ts';

/**
 * Filters both ways, so that nothing is delayed and the gain is squared. The ends are continued by odd reflection, as
 * SciPy's sosfiltfilt does.
 *
 * @param padding samples of reflection, at most x.length − 1; by default until the filter has settled
 */
export function filterBothWays(
  filter: Sections,
  x: ArrayLike<number>,
  padding = settleSamples(filter),
): Float64Array {
  const n = x.length;
  if (n === 0) return new Float64Array(0);
  const pad = Math.min(padding, n - 1);
  const y = new Float64Array(n + 2 * pad);
  y.set(x, pad);
  for (let i = 1; i <= pad; i++) {
    y[pad - i] = 2 * x[0]! - x[i]!;
    y[pad + n - 1 + i] = 2 * x[n - 1]! - x[n - 1 - i]!;
  }
  runForward(filter, steadyState(filter, y[0]!), y, 0, y.length);
  runBackward(filter, steadyState(filter, y[y.length - 1]!), y, 0, y.length);
  return y.slice(pad, pad + n);
}

/**
 * The same as {@link filterBothWays}, piece by piece. The forward pass is exact. The backward pass starts anew for each
 * block, `settle` samples beyond it, so a block border moves the result by less than 1e-6 of the signal's size. How the
 * input is cut into pushes has no influence at all.
 */
export interface ZeroPhaseStream {
  /** Filtered samples that are certain now; they lag behind the input. */
  push(x: ArrayLike<number>): Float64Array;
  /** The rest. The stream cannot be used afterwards. */
  end(): Float64Array;
}

/** Where all streams run backward, one after the other; a call never waits. */
let shared = new Float64Array(0);

/**
 * @param blockSamples finished at a time; longer blocks cost memory, shorter ones repeat more of the backward pass
 * @param margin filtered samples of the reflection to deliver before the first and after the last sample, for a stage
 *               that looks around itself; as many as exist are delivered and the rest are zeros
 */
export function createZeroPhaseStream(filter: Sections, blockSamples: number, margin = 0): ZeroPhaseStream {
  const settle = settleSamples(filter);
  const { slow, fast } = splitBySpeed(filter);
  const padding = Math.max(settle, margin);
  const held = createFifo();
  /** Raw samples until the leading reflection can be made. */
  let raw = createFifo();
  /** Raw samples for the trailing reflection. */
  const latest = createTail(padding + 1);
  let state: Float64Array | null = null;
  /** Samples of the leading reflection that are not wanted. */
  let toDrop = 0;

  function feed(x: ArrayLike<number>): void {
    state ??= steadyState(filter, x[0]!);
    const at = held.append(x);
    runForward(filter, state, held.data(), at, at + x.length);
  }

  function start(pad: number): void {
    const x = raw.view();
    const head = new Float64Array(pad + x.length);
    for (let i = 1; i <= pad; i++) head[pad - i] = 2 * x[0]! - x[i]!;
    head.set(x, pad);
    latest.append(x);
    raw = createFifo();
    toDrop = pad - Math.min(margin, pad);
    feed(head);
  }

  function finishBlock(count: number, ahead: number): Float64Array {
    const total = count + ahead;
    const forward = held.view().subarray(0, total);
    if (shared.length < total) shared = new Float64Array(total);
    shared.set(forward);
    runBackward(slow, steadyState(slow, forward[total - 1]!), shared, 0, total);
    // What settles quickly need not begin as far beyond the block.
    const near = Math.min(total, count + settleSamples(fast));
    runBackward(fast, steadyState(fast, shared[near - 1]!), shared, 0, near);
    const out = shared.slice(Math.min(toDrop, count), count);
    toDrop -= Math.min(toDrop, count);
    held.drop(count);
    return out;
  }

  return {
    push(x) {
      if (x.length === 0) return new Float64Array(0);
      if (state) {
        latest.append(x);
        feed(x);
      } else {
        raw.append(x);
        if (raw.size() > padding) start(padding);
      }
      const blocks: Float64Array[] = [];
      while (held.size() >= blockSamples + settle) blocks.push(finishBlock(blockSamples, settle));
      return concatenate(blocks);
    },
    end() {
      const n = state ? latest.size() : raw.size();
      if (n === 0) return new Float64Array(0);
      const pad = Math.min(padding, n - 1);
      // Too short for the full reflection, hence perhaps for the full margin: zeros stand for what does not exist.
      const missing = state ? 0 : margin - Math.min(margin, pad);
      if (!state) start(pad);
      const x = latest.view();
      const tail = new Float64Array(pad);
      for (let i = 1; i <= pad; i++) tail[i - 1] = 2 * x[n - 1]! - x[n - 1 - i]!;
      if (pad > 0) feed(tail);
      const wanted = held.size() - pad + Math.min(margin, pad);
      const out = finishBlock(wanted, held.size() - wanted);
      return missing === 0 ? out : concatenate([new Float64Array(missing), out, new Float64Array(missing)]);
    },
  };
}

/** Sections that need more than a quarter of the whole filter's time to settle, and the others. */
function splitBySpeed(filter: Sections): { slow: Sections; fast: Sections } {
  const limit = settleSamples(filter) / 4;
  const each = Array.from({ length: filter.length / 5 }, (_, s) => filter.subarray(5 * s, 5 * s + 5));
  return {
    slow: cascade(...each.filter((section) => settleSamples(section) > limit)),
    fast: cascade(...each.filter((section) => settleSamples(section) <= limit)),
  };
}

/** [sections, 2] as if the input had been `value` for ever. */
export function steadyState(filter: Sections, value: number): Float64Array {
  const state = new Float64Array((filter.length / 5) * 2);
  let x = value;
  for (let s = 0, k = 0; s < filter.length; s += 5, k += 2) {
    const [b0, b1, b2, a1, a2] = filter.subarray(s, s + 5);
    const y = (x * (b0! + b1! + b2!)) / (1 + a1! + a2!);
    state[k] = y - b0! * x;
    state[k + 1] = b2! * x - a2! * y;
    x = y;
  }
  return state;
}

/** Filters x[from … to) in place and leaves the state ready for what follows. */
export function runForward(
  filter: Sections,
  state: Float64Array,
  x: Float64Array,
  from: number,
  to: number,
): void {
  for (let at = from; at < to; at += flushEvery) run(filter, state, x, at, Math.min(flushEvery, to - at), 1);
}

function runBackward(filter: Sections, state: Float64Array, x: Float64Array, from: number, to: number): void {
  for (let at = to; at > from; at -= flushEvery)
    run(filter, state, x, at - 1, Math.min(flushEvery, at - from), -1);
}

/** Samples between two looks at the state: in silence it would fade into subnormal numbers, which are very slow. */
const flushEvery = 4096;

/** Transposed direct form II, three sections per pass over the data, because one alone waits for itself. */
function run(
  filter: Sections,
  state: Float64Array,
  x: Float64Array,
  first: number,
  count: number,
  step: 1 | -1,
): void {
  const end = first + count * step;
  let s = 0;
  for (; s + 15 <= filter.length; s += 15) runThree(filter, state, s, x, first, end, step);
  if (s + 10 === filter.length) runTwo(filter, state, s, x, first, end, step);
  else if (s < filter.length) runOne(filter, state, s, x, first, end, step);
  for (let k = 0; k < state.length; k++) if (Math.abs(state[k]!) < 1e-100) state[k] = 0;
}

type Pass = (
  filter: Sections,
  state: Float64Array,
  s: number,
  x: Float64Array,
  first: number,
  end: number,
  step: 1 | -1,
) => void;

// The products with old values are summed first: what waits for the newest output is then one product and one difference.
const runThree: Pass = (filter, state, s, x, first, end, step) => {
  const [b0, b1, b2, a1, a2, d0, d1, d2, c1, c2, f0, f1, f2, e1, e2] = filter.subarray(s, s + 15);
  const k = (s / 5) * 2;
  let [p, q, u, v, g, h] = state.subarray(k, k + 6);
  for (let i = first; i !== end; i += step) {
    const a = x[i]!;
    const y = b0 * a + p;
    p = b1 * a + q - a1 * y;
    q = b2 * a - a2 * y;
    const z = d0 * y + u;
    u = d1 * y + v - c1 * z;
    v = d2 * y - c2 * z;
    const w = f0 * z + g;
    g = f1 * z + h - e1 * w;
    h = f2 * z - e2 * w;
    x[i] = w;
  }
  state.set([p, q, u, v, g, h], k);
};

const runTwo: Pass = (filter, state, s, x, first, end, step) => {
  const [b0, b1, b2, a1, a2, d0, d1, d2, c1, c2] = filter.subarray(s, s + 10);
  const k = (s / 5) * 2;
  let [p, q, u, v] = state.subarray(k, k + 4);
  for (let i = first; i !== end; i += step) {
    const a = x[i]!;
    const y = b0 * a + p;
    p = b1 * a + q - a1 * y;
    q = b2 * a - a2 * y;
    const z = d0 * y + u;
    u = d1 * y + v - c1 * z;
    v = d2 * y - c2 * z;
    x[i] = z;
  }
  state.set([p, q, u, v], k);
};

const runOne: Pass = (filter, state, s, x, first, end, step) => {
  const [b0, b1, b2, a1, a2] = filter.subarray(s, s + 5);
  const k = (s / 5) * 2;
  let [p, q] = state.subarray(k, k + 2);
  for (let i = first; i !== end; i += step) {
    const a = x[i]!;
    const y = b0 * a + p;
    p = b1 * a + q - a1 * y;
    q = b2 * a - a2 * y;
    x[i] = y;
  }
  state.set([p, q], k);
};
