/** Runs second-order sections over samples, forward or backward: the innermost loop of all filtering. */
import type { Sections } from './butterworth.ts';

/**
 * Sections without their gain, with their state. What comes out is to be multiplied by `gain`: once is cheaper than at each section.
 */
export interface Chain {
  readonly gain: number;
  readonly passes: readonly Pass[];
}

/** Up to three neighbouring sections in direct form I; one alone would wait for itself. */
interface Pass {
  /** [sections, 4]: b1 b2 a1 a2 each; b0 = 1. */
  coefficients: Float64Array;
  /** [1 + sections, 2]: the two latest inputs, then the two latest outputs of each section, newer first. */
  state: Float64Array;
  run: Run;
}

type Run = (
  pass: Pass,
  from: Float64Array,
  to: Float64Array,
  first: number,
  end: number,
  step: 1 | -1,
) => void;

const sectionsPerPass = 3;

export function createChain(filter: Sections): Chain {
  const passes: Pass[] = [];
  let gain = 1;
  for (let s = 0; s < filter.length; s += 5 * sectionsPerPass) {
    const own = filter.subarray(s, s + 5 * sectionsPerPass);
    const sections = own.length / 5;
    const coefficients = new Float64Array(4 * sections);
    for (let k = 0; k < sections; k++) {
      const [b0, b1, b2, a1, a2] = own.subarray(5 * k, 5 * k + 5);
      coefficients.set([b1! / b0!, b2! / b0!, a1!, a2!], 4 * k);
      gain *= b0!;
    }
    const run = [runOne, runTwo, runThree][sections - 1]!;
    passes.push({ coefficients, state: new Float64Array(2 + 2 * sections), run });
  }
  return { gain, passes };
}

/** Sets the state as if the input had been `value` for ever. */
export function settle({ passes }: Chain, value: number): void {
  let x = value;
  for (const { coefficients, state } of passes) {
    state.fill(x, 0, 2);
    for (let k = 0; 4 * k < coefficients.length; k++) {
      const [b1, b2, a1, a2] = coefficients.subarray(4 * k, 4 * k + 4);
      x *= (1 + b1! + b2!) / (1 + a1! + a2!);
      state.fill(x, 2 * k + 2, 2 * k + 4);
    }
  }
}

/** Samples between two looks at the state: in silence it would fade into subnormal numbers, which are very slow. */
const flushEvery = 4096;

/** Filters x[from … to) in place and leaves the state ready for what follows. */
export function runForward(chain: Chain, x: Float64Array, from: number, to: number): void {
  for (let at = from; at < to; at += flushEvery) run(chain, x, x, at, Math.min(to, at + flushEvery), 1);
}

/** Filters x[0 … to) from its end to its beginning, into the same places of `y`, which may be `x`. */
export function runBackward(chain: Chain, x: Float64Array, y: Float64Array, to: number): void {
  if (chain.passes.length === 0 && x !== y) y.set(x.subarray(0, to));
  for (let at = to; at > 0; at -= flushEvery) run(chain, x, y, at - 1, Math.max(0, at - flushEvery) - 1, -1);
}

function run(
  { passes }: Chain,
  x: Float64Array,
  y: Float64Array,
  first: number,
  end: number,
  step: 1 | -1,
): void {
  for (let p = 0; p < passes.length; p++) {
    const pass = passes[p]!;
    pass.run(pass, p === 0 ? x : y, y, first, end, step);
    const { state } = pass;
    for (let k = 0; k < state.length; k++) if (Math.abs(state[k]!) < 1e-100) state[k] = 0;
  }
}

// What is older is summed first: between one output and the next there is then one product and one difference.
// Coefficients and state are read one by one and nothing is multiplied by 1, because the compiler has few registers to keep them in;
// `| 0` tells it that an index cannot leave 32 bits.

const runThree: Run = ({ coefficients, state }, from, to, first, end, step) => {
  const b1 = coefficients[0]!;
  const b2 = coefficients[1]!;
  const a1 = coefficients[2]!;
  const a2 = coefficients[3]!;
  const d1 = coefficients[4]!;
  const d2 = coefficients[5]!;
  const c1 = coefficients[6]!;
  const c2 = coefficients[7]!;
  const f1 = coefficients[8]!;
  const f2 = coefficients[9]!;
  const e1 = coefficients[10]!;
  const e2 = coefficients[11]!;
  let x1 = state[0]!;
  let x2 = state[1]!;
  let y1 = state[2]!;
  let y2 = state[3]!;
  let z1 = state[4]!;
  let z2 = state[5]!;
  let w1 = state[6]!;
  let w2 = state[7]!;
  for (let i = first | 0; i !== end; i = (i + step) | 0) {
    const x = from[i]!;
    const y = x + b1 * x1 + (b2 * x2 - a2 * y2) - a1 * y1;
    const z = y + d1 * y1 + (d2 * y2 - c2 * z2) - c1 * z1;
    const w = z + f1 * z1 + (f2 * z2 - e2 * w2) - e1 * w1;
    x2 = x1;
    x1 = x;
    y2 = y1;
    y1 = y;
    z2 = z1;
    z1 = z;
    w2 = w1;
    w1 = w;
    to[i] = w;
  }
  state[0] = x1;
  state[1] = x2;
  state[2] = y1;
  state[3] = y2;
  state[4] = z1;
  state[5] = z2;
  state[6] = w1;
  state[7] = w2;
};

const runTwo: Run = ({ coefficients, state }, from, to, first, end, step) => {
  const b1 = coefficients[0]!;
  const b2 = coefficients[1]!;
  const a1 = coefficients[2]!;
  const a2 = coefficients[3]!;
  const d1 = coefficients[4]!;
  const d2 = coefficients[5]!;
  const c1 = coefficients[6]!;
  const c2 = coefficients[7]!;
  let x1 = state[0]!;
  let x2 = state[1]!;
  let y1 = state[2]!;
  let y2 = state[3]!;
  let z1 = state[4]!;
  let z2 = state[5]!;
  for (let i = first | 0; i !== end; i = (i + step) | 0) {
    const x = from[i]!;
    const y = x + b1 * x1 + (b2 * x2 - a2 * y2) - a1 * y1;
    const z = y + d1 * y1 + (d2 * y2 - c2 * z2) - c1 * z1;
    x2 = x1;
    x1 = x;
    y2 = y1;
    y1 = y;
    z2 = z1;
    z1 = z;
    to[i] = z;
  }
  state[0] = x1;
  state[1] = x2;
  state[2] = y1;
  state[3] = y2;
  state[4] = z1;
  state[5] = z2;
};

const runOne: Run = ({ coefficients, state }, from, to, first, end, step) => {
  const b1 = coefficients[0]!;
  const b2 = coefficients[1]!;
  const a1 = coefficients[2]!;
  const a2 = coefficients[3]!;
  let x1 = state[0]!;
  let x2 = state[1]!;
  let y1 = state[2]!;
  let y2 = state[3]!;
  for (let i = first | 0; i !== end; i = (i + step) | 0) {
    const x = from[i]!;
    const y = x + b1 * x1 + (b2 * x2 - a2 * y2) - a1 * y1;
    x2 = x1;
    x1 = x;
    y2 = y1;
    y1 = y;
    to[i] = y;
  }
  state[0] = x1;
  state[1] = x2;
  state[2] = y1;
  state[3] = y2;
};
