/** Zero-phase filtering: forward, then backward; a whole array at once or a stream of any length in flat memory. */
import { cascade, settleSamples, type Sections } from './butterworth.ts';
import { createChain, runBackward, runForward, settle } from './chain.ts';
import { createFifo, createTail, type Samples } from './fifo.ts';

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
  const chain = createChain(filter);
  settle(chain, y[0]!);
  runForward(chain, y, 0, y.length);
  settle(chain, y[y.length - 1]!);
  runBackward(chain, y, y, y.length);
  const out = y.slice(pad, pad + n);
  scale(out, chain.gain ** 2);
  return out;
}

/**
 * The same as {@link filterBothWays}, piece by piece. The forward pass is exact. The backward pass starts anew for each
 * block, `settle` samples beyond it, so a block border moves the result by less than 1e-6 of the signal's size. How the
 * input is cut into pushes has no influence at all.
 */
export interface ZeroPhaseStream {
  push(x: Samples): void;
  /** Delivers the rest. The stream cannot be used afterwards. */
  end(): void;
}

/** Where all streams run backward, one after the other; a call never waits. */
let shared = new Float64Array(0);

/**
 * @param blockSamples finished at a time; longer blocks cost memory, shorter ones repeat more of the backward pass
 * @param margin  filtered samples of the reflection to deliver before the first and after the last sample, for a stage
 *                that looks around itself; as many as exist are delivered and the rest are zeros
 * @param deliver takes the filtered samples in order, as soon as they are certain; the array is used again afterwards
 */
export function createZeroPhaseStream(
  filter: Sections,
  blockSamples: number,
  margin: number,
  deliver: (y: Float64Array) => void,
): ZeroPhaseStream {
  const settled = settleSamples(filter);
  const { slow, fast } = splitBySpeed(filter);
  const fastSettled = settleSamples(fast);
  const onward = createChain(filter);
  const slowBack = createChain(slow);
  const fastBack = createChain(fast);
  const gain = onward.gain ** 2;
  const padding = Math.max(settled, margin);
  /** Filtered forward, once the leading reflection is made; until then raw, behind the place for the reflection. */
  const held = createFifo(Math.ceil(1.5 * (padding + Math.max(padding, blockSamples))));
  held.reserve(padding);
  /** Raw samples for the trailing reflection. */
  const latest = createTail(padding + 1);
  let isStarted = false;
  /** Samples of the leading reflection that are not wanted. */
  let toDrop = 0;

  function start(pad: number): void {
    held.drop(padding - pad);
    const x = held.view();
    for (let i = 1; i <= pad; i++) x[pad - i] = 2 * x[pad]! - x[pad + i]!;
    toDrop = pad - Math.min(margin, pad);
    isStarted = true;
    settle(onward, x[0]!);
    runForward(onward, x, 0, x.length);
  }

  function feed(x: Samples): void {
    const at = held.append(x);
    if (isStarted) runForward(onward, held.data(), at, at + x.length);
  }

  function finishBlock(count: number, ahead: number): void {
    const total = count + ahead;
    const forward = held.view();
    if (shared.length < total) shared = new Float64Array(total);
    settle(slowBack, forward[total - 1]!);
    runBackward(slowBack, forward, shared, total);
    // What settles quickly need not begin as far beyond the block.
    const near = Math.min(total, count + fastSettled);
    settle(fastBack, shared[near - 1]!);
    runBackward(fastBack, shared, shared, near);
    const dropped = Math.min(toDrop, count);
    toDrop -= dropped;
    held.drop(count);
    if (dropped === count) return;
    const out = shared.subarray(dropped, count);
    scale(out, gain);
    deliver(out);
  }

  return {
    push(x) {
      if (x.length === 0) return;
      latest.append(x);
      feed(x);
      if (!isStarted && held.size() > 2 * padding) start(padding);
      while (isStarted && held.size() >= blockSamples + settled) finishBlock(blockSamples, settled);
    },
    end() {
      const n = latest.size();
      if (n === 0) return;
      const pad = Math.min(padding, n - 1);
      // Too short for the full reflection, hence perhaps for the full margin: zeros stand for what does not exist.
      const missing = new Float64Array(isStarted ? 0 : margin - Math.min(margin, pad));
      if (!isStarted) start(pad);
      const x = latest.view();
      const at = held.reserve(pad);
      const y = held.data();
      for (let i = 1; i <= pad; i++) y[at + i - 1] = 2 * x[n - 1]! - x[n - 1 - i]!;
      runForward(onward, y, at, at + pad);
      const wanted = held.size() - pad + Math.min(margin, pad);
      if (missing.length > 0) deliver(missing);
      finishBlock(wanted, held.size() - wanted);
      if (missing.length > 0) deliver(missing);
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

function scale(x: Float64Array, factor: number): void {
  for (let i = 0; i < x.length; i = (i + 1) | 0) x[i]! *= factor;
}
