/** Signals of one group as NumPy files: one NPZ while it is small, NPY shards beside it when it is not. */
import { open } from 'node:fs/promises';
import type { SegmentGroup, SegmentSource } from '#shared/eeg/segment.ts';
import { AppError } from '#shared/errors.ts';
import type { Progress } from '#shared/jobs.ts';
import { readFile } from 'node:fs/promises';
import type { ExportFolder } from './export-folder.ts';
import { npyHeader, parseNpyHeader, type NpyArray } from './npy.ts';
import { decodeNpz, encodeNpz, npzLimitBytes } from './npz.ts';
import { throwIfCancelled } from './cancel.ts';
import type { SegmentRow } from './segment-row.ts';

export interface NumpyFiles {
  /** Holds everything but, when `shards` is not empty, the signals. */
  npz: string;
  /** NPY files [n, C, T] whose rows follow each other. */
  shards: { path: string; count: number }[];
}

export interface NumpyInput {
  folder: ExportFolder;
  source: SegmentSource;
  group: SegmentGroup;
  /** New name of the group, 'D-01'. */
  name: string;
  /** In the order to be written. */
  rows: readonly SegmentRow[];
  /** New names of the rows' subjects and recordings. */
  subjects: readonly string[];
  recordings: readonly string[];
  progress: Progress;
  done: (rows: number) => void;
  limitBytes?: number;
}

const chunkRows = 256;

/** Writes signals/<name>.npz: signals [n, C, T] float32 µV with its index; a missing electrode is zeros, `present` tells. */
export async function writeNumpy(input: NumpyInput): Promise<NumpyFiles> {
  const { folder, source, group, name, rows, limitBytes = npzLimitBytes } = input;
  const channels = group.electrodes.length;
  const each = channels * group.samples;
  const shape = [channels, group.samples];
  const arrays = indexArrays(input);
  const npz = `signals/${name}.npz`;
  if (rows.length * each * 4 <= limitBytes) {
    const signals = new Float32Array(rows.length * each);
    for await (const { at, values } of chunks(source, rows, input)) signals.set(values, at * each);
    await folder.write(
      npz,
      encodeNpz({ signals: { shape: [rows.length, ...shape], data: signals }, ...arrays }),
    );
    return { npz, shards: [] };
  }
  const shards: NumpyFiles['shards'] = [];
  const perShard = Math.max(1, Math.floor(limitBytes / (each * 4)));
  for (let first = 0; first < rows.length; first += perShard) {
    const mine = rows.slice(first, first + perShard);
    const path = `signals/${name}-${String(shards.length + 1).padStart(4, '0')}.npy`;
    const file = await folder.stream(path);
    await file.append(npyHeader('<f4', [mine.length, ...shape]));
    for await (const { values } of chunks(source, mine, input))
      await file.append(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    await file.close();
    shards.push({ path, count: mine.length });
  }
  await folder.write(npz, encodeNpz(arrays));
  return { npz, shards };
}

/** Reads the files back and compares every value, bit by bit, with what the source says now. @throws AppError 'not-verified' */
export async function verifyNumpy(input: NumpyInput, files: NumpyFiles): Promise<void> {
  const { folder, source, rows, group } = input;
  const each = group.electrodes.length * group.samples;
  const npz = decodeNpz(await readFile(folder.absolute(files.npz)));
  for (const [name, meant] of Object.entries(indexArrays(input)))
    if (!sameArray(npz[name], meant)) throw differs(files.npz, name);
  if (files.shards.length === 0) {
    const signals = npz['signals'];
    if (!signals || !(signals.data instanceof Float32Array) || signals.data.length !== rows.length * each)
      throw differs(files.npz, 'signals');
    for await (const { at, values } of chunks(source, rows, input))
      if (!sameBits(values, signals.data.subarray(at * each, at * each + values.length)))
        throw differs(files.npz, 'signals');
    return;
  }
  let first = 0;
  for (const { path, count } of files.shards) {
    const handle = await open(folder.absolute(path), 'r');
    try {
      const head = new Uint8Array(1024);
      await handle.read(head, 0, head.length, 0);
      const { descr, shape, offset } = parseNpyHeader(head);
      if (descr !== '<f4' || shape[0] !== count || shape[1]! * shape[2]! !== each)
        throw differs(path, 'shape');
      for await (const { at, values } of chunks(source, rows.slice(first, first + count), input)) {
        const there = new Float32Array(values.length);
        await handle.read(new Uint8Array(there.buffer), 0, there.byteLength, offset + at * each * 4);
        if (!sameBits(values, there)) throw differs(path, 'signals');
      }
    } finally {
      await handle.close();
    }
    first += count;
  }
}

async function* chunks(
  source: SegmentSource,
  rows: readonly SegmentRow[],
  { progress, done }: Pick<NumpyInput, 'progress' | 'done'>,
): AsyncGenerator<{ at: number; values: Float32Array }> {
  for (let at = 0; at < rows.length; at += chunkRows) {
    throwIfCancelled(progress);
    const mine = rows.slice(at, at + chunkRows);
    yield { at, values: await source.read(mine.map(({ index }) => index)) };
    done(mine.length);
  }
}

function indexArrays({ source, group, rows, subjects, recordings }: NumpyInput): Record<string, NpyArray> {
  const n = rows.length;
  const channels = group.electrodes.length;
  const present = new Uint8Array(n * channels);
  rows.forEach(({ index }, i) => present.set(source.present(index), i * channels));
  return {
    electrodes: { shape: [channels], data: group.electrodes },
    sfreq_hz: { shape: [1], data: Float64Array.of(group.sfreqHz) },
    present: { shape: [n, channels], data: present },
    index: { shape: [n], data: Int32Array.from(rows, ({ index }) => index) },
    order: { shape: [n], data: Int32Array.from(rows, ({ order }) => order ?? -1) },
    distance: { shape: [n], data: Float32Array.from(rows, ({ distance }) => distance ?? NaN) },
    start_s: { shape: [n], data: Float64Array.from(rows, ({ startS }) => startS) },
    subject: { shape: [n], data: subjects },
    recording: { shape: [n], data: recordings },
    label: { shape: [n], data: rows.map(({ label }) => label ?? '') },
  };
}

function sameArray(there: NpyArray | undefined, meant: NpyArray): boolean {
  if (!there || there.shape.join() !== meant.shape.join()) return false;
  return Array.from(meant.data as ArrayLike<string | number>).every((value, i) =>
    Object.is(there.data[i], value),
  );
}

function sameBits(a: Float32Array, b: Float32Array): boolean {
  return Buffer.compare(bytesOf(a), bytesOf(b)) === 0;
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function differs(path: string, what: string): AppError {
  return new AppError(
    'not-verified',
    `Read back differs in ${path} (${what}). The export was removed again; check the drive and write it once more.`,
  );
}
