/** What is wrong with a channel in one segment, by simple thresholds that a person could check on the page. */
import type { PrepareParams } from '#shared/params/prepare.ts';
import { fastShareAtMost } from './fast-share.ts';
import { bandPower, welch } from './spectrum.ts';

export type ChannelFault = 'flat' | 'clipped' | 'muscle' | 'pop' | 'line noise';

export interface SegmentQuality {
  /** Positions of channels with a fault, ascending. */
  badChannels: number[];
  faults: Map<number, ChannelFault[]>;
  /** Why the whole segment is rejected; empty when it is used. */
  reasons: string[];
}

type Limits = Pick<PrepareParams, 'maxAmplitudeUv' | 'flatUv' | 'badChannelShare'>;

/**
 * Share of power above 20 Hz from which a channel is called muscle. EEG falls off with frequency and stays far below;
 * flat muscle noise has 0.57 behind a high filter of 45 Hz.
 */
const muscleShare = 0.45;
const muscleFromHz = 20;
/** And only when that part is strong: a quiet channel of white noise is no muscle. */
const muscleAtLeastUv = 12;
/** Root mean square below which no spectrum is looked at. */
const spectrumAtLeastUv = 12;
/** A jump between neighbouring samples this many times the usual one, and this large, is an electrode pop. */
const popTimes = 25;
const popAtLeastUv = 100;
/** Share of power within 1 Hz of the mains from which a channel is called noisy. */
const lineShare = 0.5;

/**
 * @param values  [channels, samples] in µV, filtered
 * @param stuck   [channels] longest stretch of equal raw values in this segment, s
 * @param atLimit [channels] time spent resting at the recording's highest or lowest raw value, s
 */
export function judgeSegment(
  values: Float32Array,
  channels: number,
  sfreqHz: number,
  limits: Limits,
  stuck: ArrayLike<number>,
  atLimit?: ArrayLike<number>,
): SegmentQuality {
  const samples = values.length / channels;
  const faults = new Map<number, ChannelFault[]>();
  let isTooLarge = false;
  for (let c = 0; c < channels; c++) {
    const x = values.subarray(c * samples, (c + 1) * samples);
    const { std, peak, jump, usualJump } = measure(x);
    const own: ChannelFault[] = [];
    // A lost lead rings on in the filter for a while; its raw values tell.
    if (std < limits.flatUv || 2 * stuck[c]! * sfreqHz > samples) own.push('flat');
    else {
      if (stuck[c]! >= stuckS || (atLimit?.[c] ?? 0) >= atLimitS) own.push('clipped');
      if (jump > popAtLeastUv && jump > popTimes * usualJump) own.push('pop');
      if (std > spectrumAtLeastUv) own.push(...spectralFaults(x, sfreqHz));
      if (peak > limits.maxAmplitudeUv) isTooLarge = true;
    }
    if (own.length > 0) faults.set(c, own);
  }
  const badChannels = [...faults.keys()];
  const reasons = [
    ...(isTooLarge ? ['amplitude'] : []),
    ...(badChannels.length > limits.badChannelShare * channels ? [`bad channels: ${commonest(faults)}`] : []),
  ];
  return { badChannels, faults, reasons };
}

/** Equal raw values for so long mean a saturated amplifier or a lost lead. */
export const stuckS = 0.25;
/** A rest of at least this length, at a value at least so far from the mean, is one at an amplifier's limit … */
export const restS = 0.01;
export const limitAtLeastUv = 100;
/** … and makes the channel clipped when all such rests in a segment last so long. */
const atLimitS = 0.05;

function spectralFaults(x: Float32Array, sfreqHz: number): ChannelFault[] {
  // Most channels are slow: neither muscle nor mains, whose share would be larger still. Then no spectrum is needed.
  if (fastShareAtMost(x, sfreqHz, muscleFromHz) < 0.999 * Math.min(muscleShare, lineShare)) return [];
  const psd = welch(x, sfreqHz, 1);
  const total = bandPower(psd, 1, sfreqHz / 2);
  if (!(total > 0)) return [];
  const found: ChannelFault[] = [];
  const fast = bandPower(psd, muscleFromHz, sfreqHz / 2);
  if (fast / total > muscleShare && Math.sqrt(fast) > muscleAtLeastUv) found.push('muscle');
  for (const mains of [50, 60]) {
    if (mains + 1 < sfreqHz / 2 && bandPower(psd, mains - 1, mains + 1) / total > lineShare)
      return ['line noise'];
  }
  return found;
}

function measure(x: Float32Array): { std: number; peak: number; jump: number; usualJump: number } {
  let sum = 0;
  let squares = 0;
  let peak = 0;
  let jump = 0;
  let jumps = 0;
  for (let i = 0; i < x.length; i++) {
    const value = x[i]!;
    sum += value;
    squares += value * value;
    peak = Math.max(peak, Math.abs(value));
    if (i === 0) continue;
    const step = Math.abs(value - x[i - 1]!);
    jumps += step;
    jump = Math.max(jump, step);
  }
  const mean = sum / x.length;
  return {
    std: Math.sqrt(Math.max(0, squares / x.length - mean * mean)),
    peak,
    jump,
    usualJump: jumps / Math.max(1, x.length - 1),
  };
}

function commonest(faults: ReadonlyMap<number, readonly ChannelFault[]>): ChannelFault {
  const counts = Map.groupBy([...faults.values()].flat(), (fault) => fault);
  return [...counts].sort((a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1))[0]![0];
}
