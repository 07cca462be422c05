/** Signals as an EDF+C reel per subject and group: kept segments one after the other, with a mark at every joint. */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Annotation } from '#shared/eeg/recording.ts';
import type { SegmentGroup, SegmentSource } from '#shared/eeg/segment.ts';
import { AppError } from '#shared/errors.ts';
import type { Progress } from '#shared/jobs.ts';
import { openEdf } from '../io/edf/edf.ts';
import { createEdfWriter } from '../io/edf/write.ts';
import { throwIfCancelled } from './cancel.ts';
import type { ExportFolder } from './export-folder.ts';
import type { SegmentRow } from './segment-row.ts';

export interface ReelInput {
  folder: ExportFolder;
  source: SegmentSource;
  group: SegmentGroup;
  /** 'edf/S-001_D-01.edf'. */
  path: string;
  subject: string;
  /** Rows of one subject and group, by recording and time. */
  rows: readonly SegmentRow[];
  /** New name of each row's recording. */
  recordings: readonly string[];
  /** Marks of the sources to carry over, by old recording name; onsets in the recording. */
  annotations: Readonly<Record<string, readonly Annotation[]>>;
  progress: Progress;
  done: (rows: number) => void;
}

export interface Reel {
  path: string;
  electrodes: string[];
  segments: number;
  joints: number;
  /** Samples outside the written range; always 0, since the range is chosen from the data. */
  clipped: 0;
  /** µV per digital step, the coarsest channel. */
  stepUv: number;
}

/** EDF recommends records of at most 61440 bytes. */
const recordBytes = 61440;
const chunkRows = 64;
const digitalMax = 32767;

/** @throws AppError 'not-verified' when a value would be clipped or is not a number */
export async function writeReel(input: ReelInput): Promise<Reel> {
  const { folder, source, group, rows, path } = input;
  const used = usedElectrodes(source, group, rows);
  const electrodes = used.map((c) => group.electrodes[c]!);
  const ranges = new Float64Array(used.length);
  for await (const { values } of pieces(input, used))
    for (const [c, samples] of values.entries())
      for (const value of samples) if (Math.abs(value) > ranges[c]!) ranges[c] = Math.abs(value);
  // a thousandth is what the eight characters of the header can hold for ranges up to 999 µV
  const limits = Array.from(ranges, (range) => Math.max(1, Math.ceil(range * 1000) / 1000));
  const parts = recordsPerSegment(group, used.length);
  const samples = group.samples / parts;
  const recordS = samples / group.sfreqHz;
  await mkdir(dirname(folder.absolute(path)), { recursive: true });
  const writer = await createEdfWriter(folder.absolute(path), {
    format: 'EDF+C',
    patient: `${input.subject} X X X`,
    recordingInfo: 'Startdate X X X Limbeck',
    startedAt: null,
    recordS,
    channels: electrodes.map((label, c) => ({
      label,
      unit: 'uV',
      sfreqHz: group.sfreqHz,
      physicalMin: -limits[c]!,
      physicalMax: limits[c]!,
      digitalMin: -digitalMax,
      digitalMax,
    })),
  });
  let clipped = 0;
  try {
    for await (const { row, values } of pieces(input, used))
      for (let part = 0; part < parts; part++)
        await writer.writeRecord(
          (row * parts + part) * recordS,
          values.map((mine) => mine.subarray(part * samples, (part + 1) * samples)),
          part === 0 ? marksOf(input, row, recordS * parts) : [],
        );
  } catch (error) {
    await writer.discard();
    throw error;
  }
  const result = await writer.close();
  clipped = [...result.clipped, ...result.missing].reduce((sum, n) => sum + n, 0);
  if (clipped > 0)
    throw new AppError(
      'not-verified',
      `${clipped} values of ${path} do not fit into EDF (not a number, or outside the range). Export as NumPy instead.`,
    );
  await folder.adopt(path);
  return {
    path,
    electrodes,
    segments: rows.length,
    joints: rows.filter((_, row) => isJoint(input, row)).length,
    clipped: 0,
    stepUv: Math.max(...limits) / digitalMax,
  };
}

/**
 * Opens the reel as any reader would and compares every value with the source: at most half a digital step apart.
 *
 * @returns the largest difference found, µV
 * @throws AppError 'not-verified'
 */
export async function verifyReel(input: ReelInput, reel: Reel): Promise<number> {
  const { source, group, rows, folder, path } = input;
  const used = usedElectrodes(source, group, rows);
  const segmentS = group.samples / group.sfreqHz;
  await using recording = await openEdf(folder.absolute(path));
  const channels = recording.header.channels.flatMap(({ kind }, at) => (kind === 'annotations' ? [] : [at]));
  if (channels.length !== used.length || Math.abs(recording.header.durationS - rows.length * segmentS) > 1e-6)
    throw differs(path, 'its channels or length');
  let largest = 0;
  for await (const { row, values } of pieces(input, used)) {
    const there = await recording.read(row * segmentS, segmentS, channels);
    values.forEach((meant, c) => {
      const {
        physicalMin,
        physicalMax,
        digitalMin,
        digitalMax: top,
      } = recording.header.channels[channels[c]!]!;
      const step = (physicalMax - physicalMin) / (top - digitalMin);
      if (there[c]!.length !== meant.length) throw differs(path, 'its length');
      for (let i = 0; i < meant.length; i++) {
        const off = Math.abs(there[c]![i]! - meant[i]!);
        // half a step, and the rounding of both sides to float32
        if (!(off <= step / 2 + Math.abs(meant[i]!) * 2e-7)) throw differs(path, `${reel.electrodes[c]}`);
        largest = Math.max(largest, off);
      }
    });
  }
  const meant = rows.flatMap((_, row) => marksOf(input, row, segmentS).map((mark) => markKey(mark)));
  const found = (await recording.annotations()).map((mark) => markKey(mark));
  if (meant.sort().join('\n') !== found.sort().join('\n')) throw differs(path, 'its marks');
  return largest;
}

async function* pieces(
  { source, group, rows, progress, done }: ReelInput,
  used: readonly number[],
): AsyncGenerator<{ row: number; values: Float32Array[] }> {
  const { samples, electrodes } = group;
  for (let at = 0; at < rows.length; at += chunkRows) {
    throwIfCancelled(progress);
    const mine = rows.slice(at, at + chunkRows);
    const values = await source.read(mine.map(({ index }) => index));
    for (let i = 0; i < mine.length; i++)
      yield {
        row: at + i,
        values: used.map((c) => {
          const from = (i * electrodes.length + c) * samples;
          return values.subarray(from, from + samples);
        }),
      };
    done(mine.length);
  }
}

function usedElectrodes(source: SegmentSource, group: SegmentGroup, rows: readonly SegmentRow[]): number[] {
  const any = new Uint8Array(group.electrodes.length);
  for (const { index } of rows) source.present(index).forEach((has, c) => (any[c]! |= has));
  return [...any.keys()].filter((c) => any[c] === 1);
}

/** Smallest number of equal whole-sample records a segment can be cut into so that a record stays within the recommended size. */
function recordsPerSegment({ samples, sfreqHz }: SegmentGroup, channels: number): number {
  const fits = (parts: number) => channels * (samples / parts) * 2 + 240 <= recordBytes;
  for (let parts = 1; parts <= samples; parts++) {
    const seconds = samples / parts / sfreqHz;
    if (samples % parts === 0 && fits(parts) && Number(seconds.toFixed(6)) === seconds) return parts;
  }
  return 1;
}

function isJoint({ rows }: Pick<ReelInput, 'rows'>, row: number): boolean {
  const before = rows[row - 1];
  const { recording, startS } = rows[row]!;
  return (
    !before || before.recording !== recording || Math.abs(before.startS + before.durationS - startS) > 1e-6
  );
}

/** Marks of one segment, onsets in the reel: where it comes from, its label, and what was marked inside it. */
function marksOf(input: ReelInput, row: number, segmentS: number): Annotation[] {
  const { recording, startS, label } = input.rows[row]!;
  const at = row * segmentS;
  const marks: Annotation[] = [];
  if (isJoint(input, row))
    marks.push({ onsetS: at, durationS: 0, text: `${input.recordings[row]} from ${startS} s` });
  if (label !== null) marks.push({ onsetS: at, durationS: segmentS, text: `label: ${label}` });
  for (const { onsetS, durationS, text } of input.annotations[recording] ?? []) {
    const from = Math.max(onsetS, startS);
    const until = Math.min(onsetS + durationS, startS + segmentS);
    if (onsetS < startS + segmentS && (until > from || (durationS === 0 && onsetS >= startS)))
      marks.push({ onsetS: at + from - startS, durationS: Math.max(0, until - from), text });
  }
  return marks;
}

function markKey({ onsetS, durationS, text }: Annotation): string {
  return `${onsetS.toFixed(4)} ${durationS.toFixed(4)} ${text}`;
}

function differs(path: string, what: string): AppError {
  return new AppError(
    'not-verified',
    `Read back differs in ${path} (${what}). The export was removed again; check the drive and write it once more.`,
  );
}
