/** Writes EDF, EDF+ and BDF+ files record by record: aside first, then synced and renamed, so a crash leaves no half file. */
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Annotation } from '#shared/eeg/recording.ts';
import { AppError } from '#shared/errors.ts';
import { annotationTal, timeKeepingTal } from './tal.ts';
import { addSeconds, parseClock, type Clock } from './fields.ts';
import { headerText, planLayout, roundUp, type EdfWriteOptions, type Layout } from './layout.ts';

export type { EdfWriteChannel, EdfWriteFormat, EdfWriteOptions } from './layout.ts';

export interface EdfWriteResult {
  path: string;
  records: number;
  bytes: number;
  /** Samples per channel that lay outside the physical range and were set to its border. */
  clipped: number[];
  /** Samples per channel that were not a number and were written as the value nearest to zero. */
  missing: number[];
  annotations: number;
  /** Labels that could not be written as given. */
  relabelled: { channel: number; from: string; to: string }[];
}

export interface EdfWriter {
  /**
   * Appends one data record.
   *
   * @param onsetS      seconds from `startedAt`; contiguous unless the format is …+D
   * @param values      per channel `sfreqHz · recordS` values in the channel's unit
   * @param annotations onsets on the same clock as `onsetS`, in any order; kept until there is room
   * @throws AppError 'invalid-input' for a wrong length or onset, or annotations in plain EDF
   */
  writeRecord(
    onsetS: number,
    values: readonly Float32Array[],
    annotations?: readonly Annotation[],
  ): Promise<void>;
  /** Finishes header and file, syncs and renames. @throws AppError 'no-data' without any record */
  close(): Promise<EdfWriteResult>;
  /** Gives up and removes what was written aside. */
  discard(): Promise<void>;
}

const flushBytes = 1 << 20;

/**
 * Opens a file to be written. An existing file is never replaced.
 *
 * @throws AppError 'conflict' when `path` exists, 'invalid-input' when the channels cannot stand in this format
 */
export async function createEdfWriter(path: string, options: EdfWriteOptions): Promise<EdfWriter> {
  if (existsSync(path))
    throw new AppError('conflict', `${path} exists already; choose another name or remove it first.`);
  const layout = planLayout(options);
  const aside = join(dirname(path), `.${basename(path)}.partial`);
  const file = await open(aside, 'w+');
  await writeAll(file, new Uint8Array(layout.headerBytes));
  return new Writer(path, aside, file, options, layout);
}

class Writer implements EdfWriter {
  readonly path: string;
  private aside: string;
  private file: FileHandle;
  private readonly options: EdfWriteOptions;
  private readonly layout: Layout;
  private readonly clipped: number[];
  private readonly missing: number[];
  private readonly clock: Clock;
  private pending: { tal: Uint8Array }[] = [];
  private buffered: Uint8Array[] = [];
  private bufferedBytes = 0;
  private records = 0;
  private annotations = 0;
  /** Seconds of `onsetS` at which the file's own clock (header, whole seconds) starts. */
  private baseS = 0;
  private firstOnsetS = 0;
  private lastOnsetS = -Infinity;

  constructor(path: string, aside: string, file: FileHandle, options: EdfWriteOptions, layout: Layout) {
    this.path = path;
    this.aside = aside;
    this.file = file;
    this.options = options;
    this.layout = layout;
    this.clipped = options.channels.map(() => 0);
    this.missing = options.channels.map(() => 0);
    this.clock = parseClock(options.startedAt ?? '1985-01-01T00:00:00');
  }

  async writeRecord(
    onsetS: number,
    values: readonly Float32Array[],
    annotations: readonly Annotation[] = [],
  ): Promise<void> {
    this.checkOnset(onsetS);
    if (annotations.length > 0 && !this.layout.plus)
      throw new AppError('invalid-input', 'Plain EDF holds no annotations; write EDF+C or EDF+D instead.');
    if (this.records === 0) {
      this.firstOnsetS = onsetS;
      // EDF+ wants the first record less than a second after the header's clock
      this.baseS = Math.floor(onsetS + this.clock.fraction + 1e-9) - this.clock.fraction;
    }
    const { layout } = this;
    const record = new Uint8Array(layout.signalBytes + layout.annotationBytes);
    this.writeSamples(record, values);
    for (const annotation of annotations) {
      this.pending.push({ tal: annotationTal({ ...annotation, onsetS: annotation.onsetS - this.baseS }) });
      this.annotations++;
    }
    if (layout.plus) {
      const keeping = timeKeepingTal(onsetS - this.baseS);
      record.set(keeping, layout.signalBytes);
      this.pending = packTals(record.subarray(layout.signalBytes + keeping.length), this.pending);
    }
    this.records++;
    this.lastOnsetS = onsetS;
    this.buffered.push(record);
    this.bufferedBytes += record.length;
    if (this.bufferedBytes >= flushBytes) await this.flush();
  }

  private checkOnset(onsetS: number): void {
    const { format, recordS } = this.options;
    const expected = this.records === 0 ? onsetS : this.firstOnsetS + this.records * recordS;
    const wrong = format.endsWith('+D')
      ? onsetS < this.lastOnsetS + recordS - 1e-6
      : Math.abs(onsetS - expected) > 1e-6;
    if (wrong || !Number.isFinite(onsetS))
      throw new AppError(
        'invalid-input',
        format.endsWith('+D')
          ? `A record at ${onsetS} s overlaps the one at ${this.lastOnsetS} s; write records in time order.`
          : `A record at ${onsetS} s leaves a gap (${expected} s is next), which ${format} cannot hold; write ${format.slice(0, 3)}+D instead.`,
      );
  }

  private writeSamples(record: Uint8Array, values: readonly Float32Array[]): void {
    const { layout, options } = this;
    const view = new DataView(record.buffer);
    let at = 0;
    options.channels.forEach((channel, position) => {
      const samples = values[position];
      const count = layout.samplesPerRecord[position]!;
      if (samples?.length !== count)
        throw new AppError(
          'invalid-input',
          `Channel ${channel.label}: a record needs ${count} samples, ${samples?.length ?? 0} were given.`,
        );
      const { gain, offset, low, high, physicalLow, physicalHigh, zero } = layout.scales[position]!;
      const [least, most] = [Math.min(physicalLow, physicalHigh), Math.max(physicalLow, physicalHigh)];
      for (const value of samples) {
        let digital = zero;
        if (Number.isNaN(value)) this.missing[position]!++;
        else {
          digital = Math.min(high, Math.max(low, Math.round((value - offset) / gain)));
          // float32 borders may lie a hair outside the written decimal; half a step is rounding, not clipping
          const slack = Math.abs(gain) / 2;
          if (value < least - slack || value > most + slack) this.clipped[position]!++;
        }
        if (layout.sampleBytes === 2) view.setInt16(at, digital, true);
        else {
          view.setUint16(at, digital & 0xffff, true);
          view.setInt8(at + 2, digital >> 16);
        }
        at += layout.sampleBytes;
      }
    });
  }

  private async flush(): Promise<void> {
    if (this.buffered.length === 0) return;
    await writeAll(this.file, Buffer.concat(this.buffered));
    this.buffered = [];
    this.bufferedBytes = 0;
  }

  async close(): Promise<EdfWriteResult> {
    if (this.records === 0) {
      await this.discard();
      throw new AppError('no-data', `${this.path} was not written: there was no data record to put into it.`);
    }
    await this.flush();
    if (this.pending.length > 0) await this.growAnnotations();
    const header = Buffer.from(
      headerText(this.options, this.layout, this.records, this.fileClock()),
      'latin1',
    );
    await this.file.write(header, 0, header.length, 0);
    await this.file.sync();
    const { size } = await this.file.stat();
    await this.file.close();
    await rename(this.aside, this.path);
    await syncFolder(dirname(this.path));
    return {
      path: this.path,
      records: this.records,
      bytes: size,
      clipped: this.clipped,
      missing: this.missing,
      annotations: this.annotations,
      relabelled: this.options.channels.flatMap(({ label }, channel) => {
        const to = this.layout.labels[channel]!;
        return to === label.trim() ? [] : [{ channel, from: label, to }];
      }),
    };
  }

  /** The header's clock: whole seconds, less than one second before the first record. */
  private fileClock(): Clock {
    return addSeconds({ ...this.clock, fraction: 0 }, Math.round(this.baseS + this.clock.fraction));
  }

  async discard(): Promise<void> {
    await this.file.close();
    await rm(this.aside, { force: true });
  }

  /** Copies what is there into records with a larger annotation signal, so that everything still waiting fits. */
  private async growAnnotations(): Promise<void> {
    const { layout } = this;
    const oldBytes = layout.signalBytes + layout.annotationBytes;
    const extra = this.extraRoom();
    const wider = `${this.aside}-2`;
    const next = await open(wider, 'w+');
    await writeAll(next, new Uint8Array(layout.headerBytes));
    for (let record = 0; record < this.records; record++) {
      const bytes = new Uint8Array(oldBytes + extra);
      await this.file.read(bytes, 0, oldBytes, layout.headerBytes + record * oldBytes);
      // directly behind what is there: some readers refuse TALs that follow more than one zero byte
      const used = bytes.findLastIndex((byte) => byte !== 0) + 2;
      this.pending = packTals(bytes.subarray(used), this.pending);
      await writeAll(next, bytes);
    }
    await this.file.close();
    await rm(this.aside);
    this.aside = wider;
    this.file = next;
    layout.annotationBytes += extra;
  }

  private extraRoom(): number {
    const sizes = this.pending.map(({ tal }) => tal.length);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    let room = Math.max(Math.max(...sizes), Math.ceil(total / this.records));
    const fits = () => {
      let left = this.pending;
      for (let record = 0; record < this.records && left.length > 0; record++)
        left = packTals(new Uint8Array(room), left);
      return left.length === 0;
    };
    while (!fits()) room = Math.ceil(room * 1.25);
    return roundUp(room, this.layout.sampleBytes);
  }
}

/** Puts as many waiting TALs into the room as fit; a long one does not keep short ones back. @returns those left */
function packTals(room: Uint8Array, waiting: { tal: Uint8Array }[]): { tal: Uint8Array }[] {
  let at = 0;
  return waiting.filter(({ tal }) => {
    if (at + tal.length > room.length) return true;
    room.set(tal, at);
    at += tal.length;
    return false;
  });
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += (await file.write(bytes, done)).bytesWritten;
}

/** Makes the new name itself survive a power cut; Windows keeps folders in its journal and has no such call. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
