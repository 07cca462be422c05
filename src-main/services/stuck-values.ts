/** Where a channel stands still: one value again and again, as from a lead that is off or samples that were filled in. */
import type { Stretch } from './converter-limits.ts';

/** Shorter rests happen where EEG is small beside the steps of its converter. */
const leastS = 0.5;

/**
 * Stretches of equal values.
 *
 * @param firstSample position of values[0] in the recording
 */
export function stuckStretches(values: Float32Array, firstSample: number, sfreqHz: number): Stretch[] {
  const found: Stretch[] = [];
  const least = Math.max(2, leastS * sfreqHz);
  for (let from = 0; from < values.length;) {
    let to = from + 1;
    // NaN differs from itself: a gap is no stretch.
    while (to < values.length && values[to] === values[from]) to++;
    if (to - from >= least)
      found.push({ startS: (firstSample + from) / sfreqHz, endS: (firstSample + to) / sfreqHz });
    from = to;
  }
  return found;
}
