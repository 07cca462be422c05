/** Where a converter ran out of range, told from the values as they are in the file, before any filter. */
import type { Channel } from '#shared/eeg/recording.ts';

/** Values at or beyond these are at the lowest or highest number the file can hold, in the reader's unit. */
export interface ConverterLimits {
  low: number;
  high: number;
}

/** Seconds from the recording's start, end exclusive. */
export interface Stretch {
  startS: number;
  endS: number;
}

/** What is written as a code, a count or a state rests at its lowest number without being out of range. */
const analogue = new Set(['eeg', 'eog', 'ecg', 'emg', 'resp', 'acc', 'unknown']);
/** Files whose range was fitted to their values touch both ends with one sample each; that is no saturation. */
const leastSamples = 2;

/** @returns null where the file does not say its converter's range (tables), or where a limit means nothing */
export function converterLimits(channel: Channel): ConverterLimits | null {
  const { digitalMin, digitalMax, physicalMin, physicalMax, toMicrovolt, kind, disabled } = channel;
  const steps = digitalMax - digitalMin;
  if (!analogue.has(kind) || disabled !== undefined || !(steps > 0) || physicalMin === physicalMax)
    return null;
  // Half a step is far above the rounding of float32 and below the next number that the file could hold.
  const half = (Math.abs(physicalMax - physicalMin) * toMicrovolt) / steps / 2;
  return {
    low: Math.min(physicalMin, physicalMax) * toMicrovolt + half,
    high: Math.max(physicalMin, physicalMax) * toMicrovolt - half,
  };
}

/**
 * Stretches of at least two samples at a limit; those less than `joinS` apart are one.
 *
 * @param firstSample position of values[0] in the recording
 */
export function saturatedStretches(
  values: Float32Array,
  { low, high }: ConverterLimits,
  firstSample: number,
  sfreqHz: number,
  joinS: number,
): Stretch[] {
  const found: Stretch[] = [];
  for (let i = 0; i < values.length; i++) {
    if (!isAt(values[i]!)) continue;
    const from = i;
    while (i + 1 < values.length && isAt(values[i + 1]!)) i++;
    if (i + 1 - from < leastSamples) continue;
    const [startS, endS] = [(firstSample + from) / sfreqHz, (firstSample + i + 1) / sfreqHz];
    const last = found.at(-1);
    if (last && startS - last.endS < joinS) last.endS = endS;
    else found.push({ startS, endS });
  }
  return found;

  function isAt(value: number): boolean {
    return value <= low || value >= high;
  }
}
