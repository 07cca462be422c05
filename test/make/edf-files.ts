/** Small EDF and BDF files for tests, and the ways to damage them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Annotation } from '#shared/eeg/recording.ts';
import { createEdfWriter, type EdfWriteChannel, type EdfWriteFormat } from '#main/io/edf/write.ts';

/** A folder that is removed with `using`. */
export function temporaryFolder(): { path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'limbeck-test-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

export const uvChannel = (label: string, sfreqHz = 256): EdfWriteChannel => ({
  label,
  unit: 'uV',
  sfreqHz,
  physicalMin: -3276.8,
  physicalMax: 3276.7,
});

export interface MadeFile {
  path: string;
  /** What was given to the writer, per channel, records one after another. */
  values: Float32Array[];
}

export interface MakeOptions {
  format?: EdfWriteFormat;
  channels?: EdfWriteChannel[];
  /** Onset of each record; default ten records of one second without a gap. */
  onsets?: number[];
  recordS?: number;
  annotations?: Annotation[];
  startedAt?: string | null;
}

/** Writes a file of sines and ramps that differ from channel to channel. */
export async function makeEdf(path: string, options: MakeOptions = {}): Promise<MadeFile> {
  const recordS = options.recordS ?? 1;
  const channels = options.channels ?? [uvChannel('EEG Fp1'), uvChannel('EEG Fp2'), uvChannel('Resp', 32)];
  const onsets = options.onsets ?? Array.from({ length: 10 }, (_, record) => record * recordS);
  const writer = await createEdfWriter(path, {
    format: options.format ?? 'EDF+C',
    patient: '',
    recordingInfo: '',
    startedAt: options.startedAt === undefined ? '2020-03-04T05:06:07' : options.startedAt,
    recordS,
    channels,
  });
  const values = channels.map(({ sfreqHz, physicalMin, physicalMax }, c) => {
    const middle = (physicalMin + physicalMax) / 2;
    const swing = (physicalMax - physicalMin) / 2;
    return Float32Array.from(
      { length: Math.round(sfreqHz * recordS) * onsets.length },
      (_, j) => middle + swing * (0.6 * Math.sin(j / (5 + c)) + 0.3 * ((j % 97) / 97)),
    );
  });
  for (const [record, onset] of onsets.entries())
    await writer.writeRecord(
      onset,
      values.map((all) => {
        const per = all.length / onsets.length;
        return all.subarray(record * per, (record + 1) * per);
      }),
      record === 0 ? (options.annotations ?? []) : [],
    );
  await writer.close();
  return { path, values };
}

/** Overwrites bytes of a copy. @param at byte of the file */
export function patch(path: string, to: string, at: number, text: string): string {
  const bytes = readFileSync(path);
  bytes.write(text, at, 'latin1');
  writeFileSync(to, bytes);
  return to;
}

/** Byte of a per-signal header field: 0 label, 3 physical minimum, 4 maximum, 5 digital minimum, 6 maximum … */
export function signalField(field: number, signal: number, signals: number): number {
  const widths = [16, 80, 8, 8, 8, 8, 8, 80, 8, 32];
  const before = widths.slice(0, field).reduce((sum, width) => sum + width, 0);
  return 256 + before * signals + widths[field]! * signal;
}
