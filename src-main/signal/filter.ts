/** Zero-phase filtering: forward, then backward; a whole array at once or a stream of any length in flat memory. */
import { settleSamples, type Sections } from './butterworth.ts';
import { concatenate, createFifo } from './fifo.ts';

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

/**
 * @param blockSamples finished at a time; longer blocks cost memory, shorter ones repeat more of the backward pass
 * @param margin filtered samples of the reflection to deliver before the first and after the last sample, for a stage
 *               that looks around itself; as many as exist are delivered and the rest are zeros
 */
export function createZeroPhaseStream(filter: Sections, blockSamples: number, margin = 0): ZeroPhaseStream {
  const settle = settleSamples(filter);
  const padding = Math.max(settle, margin);
  const held = createFifo();
  /** Raw samples: at the start until the reflection can be made, later the last `padding` + 1. */
  const raw = createFifo();
  let state: Float64Array | null = null;
  let scratch = new Float64Array(0);
  /** Samples of the leading reflection that are not wanted. */
  let toDrop = 0;

  function feed(x: Float64Array): void {
    state ??= steadyState(filter, x[0]!);
    const at = held.append(x);
    runForward(filter, state, held.data(), at, at + x.length);
  }

  function start(pad: number): void {
    const x = raw.view();
    const head = new Float64Array(pad + x.length);
    for (let i = 1; i <= pad; i++) head[pad - i] = 2 * x[0]! - x[i]!;
    head.set(x, pad);
    toDrop = pad - Math.min(margin, pad);
    feed(head);
  }

  function finishBlock(count: number, ahead: number): Float64Array {
    const total = count + ahead;
    if (scratch.length < total) scratch = new Float64Array(total);
    scratch.set(held.view().subarray(0, total));
    runBackward(filter, steadyState(filter, scratch[total - 1]!), scratch, 0, total);
    const out = scratch.slice(Math.min(toDrop, count), count);
    toDrop -= Math.min(toDrop, count);
    held.drop(count);
    return out;
  }

  return {
    push(x) {
      const input = Float64Array.from(x);
      if (input.length === 0) return input;
      raw.append(input);
      if (state) feed(input);
      else if (raw.size() > padding) start(padding);
      if (state) raw.drop(Math.max(0, raw.size() - padding - 1));
      const blocks: Float64Array[] = [];
      while (held.size() >= blockSamples + settle) blocks.push(finishBlock(blockSamples, settle));
      return concatenate(blocks);
    },
    end() {
      const n = raw.size();
      if (n === 0) return new Float64Array(0);
      const pad = Math.min(padding, n - 1);
      // Too short for the full reflection, hence perhaps for the full margin: zeros stand for what does not exist.
      const missing = state ? 0 : margin - Math.min(margin, pad);
      if (!state) start(pad);
      const x = raw.view();
      const tail = new Float64Array(pad);
      for (let i = 1; i <= pad; i++) tail[i - 1] = 2 * x[n - 1]! - x[n - 1 - i]!;
      if (pad > 0) feed(tail);
      const wanted = held.size() - pad + Math.min(margin, pad);
      const out = finishBlock(wanted, held.size() - wanted);
      return missing === 0 ? out : concatenate([new Float64Array(missing), out, new Float64Array(missing)]);
    },
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

/** Transposed direct form II, two sections per pass over the data, because one alone waits for itself. */
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
  for (; s + 10 <= filter.length; s += 10) {
    const [b0, b1, b2, a1, a2, d0, d1, d2, c1, c2] = filter.subarray(s, s + 10);
    const k = (s / 5) * 2;
    let [p, q, u, v] = state.subarray(k, k + 4);
    for (let i = first; i !== end; i += step) {
      const a = x[i]!;
      const y = b0 * a + p;
      p = b1 * a - a1 * y + q;
      q = b2 * a - a2 * y;
      const z = d0 * y + u;
      u = d1 * y - c1 * z + v;
      v = d2 * y - c2 * z;
      x[i] = z;
    }
    state.set([p, q, u, v], k);
  }
  if (s < filter.length) {
    const [b0, b1, b2, a1, a2] = filter.subarray(s, s + 5);
    const k = (s / 5) * 2;
    let p = state[k]!;
    let q = state[k + 1]!;
    for (let i = first; i !== end; i += step) {
      const a = x[i]!;
      const y = b0 * a + p;
      p = b1 * a - a1 * y + q;
      q = b2 * a - a2 * y;
      x[i] = y;
    }
    state[k] = p;
    state[k + 1] = q;
  }
  for (let k = 0; k < state.length; k++) if (Math.abs(state[k]!) < 1e-100) state[k] = 0;
}
