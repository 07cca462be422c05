/** How large signals are at each electrode, from the training side only. */
import type { LabelledSegment, SegmentSource } from '#shared/eeg/segment.ts';
import { partsWithinGroups } from './labelled-rows.ts';

/**
 * Root mean square about each segment's own mean.
 *
 * @returns [electrodes] µV; 1 for an electrode that no training segment has
 */
export async function electrodeScale(
  source: SegmentSource,
  train: readonly LabelledSegment[],
  electrodes: readonly string[],
): Promise<number[]> {
  const squares = new Float64Array(electrodes.length);
  const counts = new Float64Array(electrodes.length);
  const rows = train.map(({ index }) => index);
  for (const part of partsWithinGroups(source, rows, 64)) {
    const wanted = part.map((at) => rows[at]!);
    const group = source.groups[source.segments[wanted[0]!]!.group]!;
    const values = await source.read(wanted);
    wanted.forEach((row, i) => {
      const present = source.present(row);
      group.electrodes.forEach((name, c) => {
        const at = electrodes.indexOf(name);
        if (at < 0 || !present[c]) return;
        const from = (i * group.electrodes.length + c) * group.samples;
        const signal = values.subarray(from, from + group.samples);
        const mean = signal.reduce((sum, value) => sum + value, 0) / signal.length;
        for (const value of signal) squares[at]! += (value - mean) ** 2;
        counts[at]! += signal.length;
      });
    });
  }
  return Array.from(squares, (square, at) => (square > 0 ? Math.sqrt(square / counts[at]!) : 1));
}
