/** Reads single channels and makes the two augmented views of each. */
import type { SegmentSource } from '#shared/eeg/segment.ts';
import type { Random } from '#shared/random.ts';
import type { ChannelSignals } from '#main/models/art.ts';
import { gridHz, gridLength, standardize } from '#main/models/time-grid.ts';
import { augment } from './augment.ts';
import type { ChannelBatch } from './channel-samples.ts';

export interface ChannelViews extends ChannelSignals {
  /** [n] window of each sample; row i and row i + n of `signals` are views of sample i. */
  windows: Int32Array;
}

/** @returns 2n views on the common grid, all first ones before all second ones */
export async function readViews(
  source: SegmentSource,
  { group, segments, channels }: ChannelBatch,
  random: Random,
): Promise<ChannelViews> {
  const { electrodes, samples, sfreqHz } = source.groups[group]!;
  const n = segments.length;
  const length = gridLength(samples, sfreqHz);
  const all = await source.read(segments);
  const signals = new Float32Array(2 * n * length);
  const names = new Array<string>(2 * n);
  for (let i = 0; i < n; i++) {
    const from = (i * electrodes.length + channels[i]!) * samples;
    const signal = standardize(all.slice(from, from + samples));
    for (const row of [i, i + n]) {
      augment(signal, length, gridHz, random, undefined, signals.subarray(row * length, (row + 1) * length));
      names[row] = electrodes[channels[i]!]!;
    }
  }
  return { signals, electrodes: names, sfreqHz, windows: segments };
}
