/** Reads segments of a source as the compressor sees them, a batch at a time, and remembers them where memory allows. */
import * as tf from '@tensorflow/tfjs-core';
import { AppError } from '#shared/errors.ts';
import type { SegmentGroup, SegmentSource } from '#shared/eeg/segment.ts';
import type { ViewBatch } from './compressor.ts';
import { createViews, patchesOfView, type Views } from './views.ts';

/** Values of the three views, each [B, patches, L · C]. */
export type ViewArrays = readonly [Float32Array, Float32Array, Float32Array];

export interface ViewReader {
  readonly views: Views;
  read(rows: ArrayLike<number>): Promise<ViewArrays>;
}

export interface ViewReaderOptions {
  logMagnitude: boolean;
  /** Rows that will be read again and again; kept if they fit `cacheBytes`. */
  repeated?: ArrayLike<number>;
  cacheBytes?: number;
}

/** @throws AppError 'invalid-input' when segments are shorter than ten samples */
export function createViewReader(
  source: SegmentSource,
  group: SegmentGroup,
  { logMagnitude, repeated = [], cacheBytes = 512e6 }: ViewReaderOptions,
): ViewReader {
  if (group.samples < 10)
    throw new AppError(
      'invalid-input',
      `Segments of ${group.name} have ${group.samples} samples, at least 10 are needed. Prepare longer segments.`,
    );
  const channels = group.electrodes.length;
  const views = createViews(channels, group.samples, { logMagnitude });
  const cached = repeated.length * views.size * 4 <= cacheBytes;
  const slots = new Map<number, number>(cached ? Array.from(repeated, (row, slot) => [row, slot]) : []);
  const cache = new Float32Array(slots.size * views.size);
  const filled = new Uint8Array(slots.size);
  const one = new Float32Array(views.size);
  const perPatch = views.patch * channels;

  function place(values: Float32Array, into: ViewArrays, position: number) {
    let from = 0;
    patchesOfView.forEach((count, view) => {
      const width = count * perPatch;
      into[view]!.set(values.subarray(from, from + width), position * width);
      from += width;
    });
  }

  return {
    views,
    async read(rows) {
      const [a, b, c] = patchesOfView.map((count) => new Float32Array(rows.length * count * perPatch));
      const into: ViewArrays = [a!, b!, c!];
      const wanted = Array.from(rows, (row, position) => ({ row, position, slot: slots.get(row) }));
      const absent = wanted.filter(({ slot }) => slot === undefined || !filled[slot]);
      const signals =
        absent.length > 0 ? await source.read(absent.map(({ row }) => row)) : new Float32Array(0);
      const width = channels * group.samples;
      absent.forEach(({ row, position, slot }, i) => {
        const values = slot === undefined ? one : cache.subarray(slot * views.size, (slot + 1) * views.size);
        views.write(signals.subarray(i * width, (i + 1) * width), values, 0, source.present(row));
        if (slot !== undefined) filled[slot] = 1;
        place(values, into, position);
      });
      const known = new Set(absent.map(({ position }) => position));
      for (const { position, slot } of wanted)
        if (slot !== undefined && !known.has(position))
          place(cache.subarray(slot * views.size, (slot + 1) * views.size), into, position);
      return into;
    },
  };
}

/** As tensors for the compressor; call inside a tidy. */
export function viewTensors(arrays: ViewArrays, batch: number): ViewBatch {
  const [a, b, c] = arrays.map((data, i) =>
    tf.tensor3d(data, [batch, patchesOfView[i]!, data.length / batch / patchesOfView[i]!]),
  );
  return [a!, b!, c!];
}
