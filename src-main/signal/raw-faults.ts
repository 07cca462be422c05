/** What only the raw values of a channel tell: samples that are missing, and stretches in which nothing changes. */
import { limitAtLeastUv, restS, stuckS } from './quality.ts';

export interface Stretch {
  /** Seconds from the first sample. */
  startS: number;
  endS: number;
}

export interface RawFaults {
  /** Values that were no numbers. */
  readonly missing: Stretch[];
  /** Values that did not change for at least `stuckS`; the last may still be going on. */
  readonly stuck: Stretch[];
  /** Shorter rests at the highest or lowest value seen up to the end of the piece they are in, as at an amplifier's limit. */
  readonly atLimit: Stretch[];
  /**
   * Looks at the next samples.
   * @returns them, or a copy in which the value before them stands for missing ones: zero would be a step
   */
  look(x: Float32Array): Float32Array;
  /** What ended before is not needed any more. */
  forgetBefore(withinS: number): void;
}

export function createRawFaults(sfreqHz: number): RawFaults {
  const missing: Stretch[] = [];
  const stuck: Stretch[] = [];
  const atLimit: Stretch[] = [];
  const stuckSamples = stuckS * sfreqHz;
  const restSamples = Math.ceil(Math.max(3, restS * sfreqHz));
  /** Samples looked at before these. */
  let before = 0;
  let lowest = Infinity;
  let highest = -Infinity;
  /** The latest value and the sample from which on it has not changed. */
  let value = NaN;
  let since = 0;

  function fillMissing(x: Float32Array): Float32Array {
    const clean = x.slice();
    let known = Number.isNaN(value) ? (x.find((later) => !Number.isNaN(later)) ?? 0) : value;
    for (let i = 0; i < x.length; i++) {
      if (!Number.isNaN(x[i]!)) known = x[i]!;
      else {
        clean[i] = known;
        const atS = (before + i) / sfreqHz;
        const last = missing.at(-1);
        if (last && atS - last.endS < 1.5 / sfreqHz) last.endS = atS + 1 / sfreqHz;
        else missing.push({ startS: atS, endS: atS + 1 / sfreqHz });
      }
    }
    return clean;
  }

  function noteRun(start: number, end: number, level: number, middle: number): void {
    const startS = start / sfreqHz;
    const endS = end / sfreqHz;
    const isLimit = level === lowest || level === highest;
    if (isLimit && Math.abs(level - middle) > limitAtLeastUv) note(atLimit, startS, endS);
    if (end - start >= stuckSamples) note(stuck, startS, endS);
  }

  function findRuns(x: Float32Array, middle: number): void {
    let from = 0;
    while (from < x.length && x[from] === value) from++;
    if (from < x.length) {
      if (before + from - since >= restSamples) noteRun(since, before + from, value, middle);
      for (;;) {
        const found = findEqual(x, from, restSamples - 1);
        let start = found < 0 ? x.length - 1 : found;
        while (start > from && x[start - 1] === x[start]) start--;
        let end = start + 1;
        while (end < x.length && x[end] === x[start]) end++;
        if (end === x.length) {
          since = before + start;
          value = x[start]!;
          break;
        }
        if (end - start >= restSamples) noteRun(before + start, before + end, x[start]!, middle);
        from = end;
      }
    }
    before += x.length;
    // It may go on; what is stuck already is told now.
    if (before - since >= stuckSamples) noteRun(since, before, value, middle);
  }

  return {
    missing,
    stuck,
    atLimit,
    look(x) {
      let facts = survey(x);
      const clean = Number.isNaN(facts.sum) ? fillMissing(x) : x;
      if (clean !== x) facts = survey(clean);
      lowest = Math.min(lowest, facts.lowest);
      highest = Math.max(highest, facts.highest);
      findRuns(clean, facts.sum / Math.max(1, x.length));
      return clean;
    },
    forgetBefore(withinS) {
      for (const stretches of [missing, stuck, atLimit]) {
        const kept = stretches.findIndex((stretch) => stretch.endS > withinS);
        stretches.splice(0, kept < 0 ? stretches.length : kept);
      }
    },
  };
}

/** A run that was told of while it went on becomes longer. */
function note(stretches: Stretch[], startS: number, endS: number): void {
  const last = stretches.at(-1);
  if (last?.startS === startS) last.endS = endS;
  else stretches.push({ startS, endS });
}

/** The first i = from, from + step … whose value is also the next one's; a run of step + 1 values holds one. −1 when there is none. */
function findEqual(x: Float32Array, from: number, step: number): number {
  for (let i = from | 0; i < x.length - 1; i = (i + step) | 0) if (x[i] === x[(i + 1) | 0]) return i;
  return -1;
}

function survey(x: Float32Array): { sum: number; lowest: number; highest: number } {
  let sum = x.length % 2 === 1 ? x[0]! : 0;
  let otherSum = 0;
  let lowest = x.length > 0 ? x[0]! : Infinity;
  let highest = x.length > 0 ? x[0]! : -Infinity;
  // Two at a time, because one sum waits for itself. Comparisons with NaN are false; the sum tells of it.
  for (let i = x.length & 1; i < x.length; i = (i + 2) | 0) {
    const a = x[i]!;
    const b = x[(i + 1) | 0]!;
    sum += a;
    otherSum += b;
    if (a < lowest) lowest = a;
    if (b < lowest) lowest = b;
    if (a > highest) highest = a;
    if (b > highest) highest = b;
  }
  return { sum: sum + otherSum, lowest, highest };
}
