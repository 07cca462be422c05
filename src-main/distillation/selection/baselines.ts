/** Other ways to choose, to compare with: by chance, and farthest-first on descriptions that nothing was trained for. */
import { AppError } from '#shared/errors.ts';
import type { SegmentGroup, SegmentSource } from '#shared/eeg/segment.ts';
import type { Progress } from '#shared/jobs.ts';
import type { Random } from '#shared/random.ts';
import { fitPca, projectPca } from './pca.ts';

export interface Description {
  /** [group.count, dimensions] */
  features: Float32Array;
  dimensions: number;
  /** What the numbers are, in words. */
  note: string;
}

/** Values per read and per PCA sample: 4 and 200 MB. */
const batchValues = 1e6;
const sampleValues = 5e7;
const sampleRows = 2048;

/**
 * Rows in random order, each once.
 *
 * @param free [n] 1 = may be drawn
 */
export function drawRandom(free: Uint8Array, k: number, random: Random): Int32Array {
  const order = new Int32Array(k);
  let drawn = 0;
  for (const row of random.permutation(free.length)) {
    if (drawn === k) break;
    if (free[row]) order[drawn++] = row;
  }
  return order.subarray(0, drawn);
}

/**
 * The first principal components of whole segments, each brought to zero mean and unit spread over all its values.
 * Components come from up to 2048 segments spread evenly over the group, scores are those of all.
 */
export async function describeByPca(
  source: SegmentSource,
  group: SegmentGroup,
  components: number,
  random: Random,
  progress: Progress,
): Promise<Description> {
  const width = group.electrodes.length * group.samples;
  const sampled = Math.max(1, Math.min(group.count, sampleRows, Math.floor(sampleValues / width)));
  const rows = Array.from(
    { length: sampled },
    (_, i) => group.first + Math.floor((i * group.count) / sampled),
  );
  const sample = new Float32Array(sampled * width);
  await eachBatch(source, width, rows, progress, (values, from) => sample.set(values, from * width));
  const pca = fitPca(sample, width, components, random);
  const dimensions = pca.variance.length;
  const features = new Float32Array(group.count * dimensions);
  const all = Array.from({ length: group.count }, (_, i) => group.first + i);
  await eachBatch(source, width, all, progress, (values, from) =>
    features.set(projectPca(pca, values), from * dimensions),
  );
  const explained = pca.total > 0 ? pca.variance.reduce((a, b) => a + b, 0) / pca.total : 1;
  return {
    features,
    dimensions,
    note:
      `k-center on the first ${dimensions} principal components of the standardised signal, ` +
      `learnt on ${sampled} segments; they hold ${Math.round(100 * explained)} % of its variance.`,
  };
}

/**
 * The signal itself, standardised per segment, averaged over equal stretches of each channel so that a segment has at most
 * `most` numbers: what a comparison without any model sees. Averaging keeps slow waves and loses fast ones.
 */
export async function describeRaw(
  source: SegmentSource,
  group: SegmentGroup,
  most: number,
  progress: Progress,
): Promise<Description> {
  const channels = group.electrodes.length;
  const width = channels * group.samples;
  const blocks = Math.max(1, Math.min(group.samples, Math.floor(most / channels)));
  const dimensions = channels * blocks;
  const features = new Float32Array(group.count * dimensions);
  const all = Array.from({ length: group.count }, (_, i) => group.first + i);
  await eachBatch(source, width, all, progress, (values, first) => {
    const count = values.length / width;
    for (let at = 0; at < count * channels; at++)
      for (let block = 0; block < blocks; block++) {
        const from = Math.floor((block * group.samples) / blocks);
        const to = Math.floor(((block + 1) * group.samples) / blocks);
        let sum = 0;
        for (let t = from; t < to; t++) sum += values[at * group.samples + t]!;
        features[first * dimensions + at * blocks + block] = sum / (to - from);
      }
  });
  const everyMs = Math.round((1000 * group.samples) / group.sfreqHz / blocks);
  return {
    features,
    dimensions,
    note:
      `k-center on the standardised signal itself, ${dimensions} numbers a segment: ` +
      (blocks === group.samples
        ? 'every sample.'
        : `${channels} channels, averaged over stretches of ${everyMs} ms.`),
  };
}

/** Zero mean and unit spread (unbiased) over all values of each segment, in place. */
export function standardiseSegments(values: Float32Array, width: number): void {
  for (let from = 0; from < values.length; from += width) {
    let sum = 0;
    for (let at = from; at < from + width; at++) sum += values[at]!;
    const mean = sum / width;
    let squares = 0;
    for (let at = from; at < from + width; at++) squares += (values[at]! - mean) ** 2;
    const scale = 1 / (Math.sqrt(squares / Math.max(1, width - 1)) + 1e-8);
    for (let at = from; at < from + width; at++) values[at] = (values[at]! - mean) * scale;
  }
}

async function eachBatch(
  source: SegmentSource,
  width: number,
  rows: number[],
  progress: Progress,
  take: (values: Float32Array, from: number) => void,
): Promise<void> {
  const size = Math.max(1, Math.floor(batchValues / width));
  for (let from = 0; from < rows.length; from += size) {
    if (progress.signal.aborted) throw new AppError('cancelled', 'Comparing with other ways was stopped.');
    const values = await source.read(rows.slice(from, from + size));
    standardiseSegments(values, width);
    take(values, from);
  }
}
