/** Writes a mended copy of an EDF or BDF file whose header or length is wrong; the source is only read. */
import { existsSync } from 'node:fs';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Finding } from '#shared/eeg/recording.ts';
import type { Mend } from '#shared/eeg/repair.ts';
import { AppError } from '#shared/errors.ts';
import { fileHash } from '../file-hash.ts';
import { finding } from '../finding.ts';
import { makeFolder } from '../make-folder.ts';
import { openEdf, readLayout, type EdfLayout } from './edf.ts';
import { padField } from './fields.ts';
import { signalFieldWidths } from './header.ts';
import { parseNumber } from './numbers.ts';

export interface Repair {
  path: string;
  /** Where the mended copy is; null when there was nothing to mend or nothing that can be. */
  copy: string | null;
  mended: Mend[];
  /** What the copy still shows, or what keeps the source from being repaired. */
  remaining: Finding[];
}

export interface RepairPlan {
  path: string;
  /** Bytes of the mended copy. */
  bytes: number;
  /** What would be changed; none where there is nothing that can be mended. */
  mended: Mend[];
}

/** Who watches a repair, and may end it. */
export interface RepairWatch {
  signal?: AbortSignal | undefined;
  /** Bytes read of all that will be: fingerprint before, copy, fingerprint after. */
  progress?: (done: number, total: number) => void;
}

/**
 * What {@link repairEdf} would do; writes nothing.
 *
 * @throws AppError 'not-eeg' | 'damaged-file' (beyond repair) | 'not-found'
 */
export async function planRepair(path: string): Promise<RepairPlan> {
  const source = await open(path, 'r').catch((error: unknown) => {
    throw AppError.from(error);
  });
  try {
    const { mended, bytes } = await mend(source, await readLayout(path, source));
    return { path, bytes, mended };
  } finally {
    await source.close();
  }
}

/**
 * Mends record count, header size, version, decimal commas, a false "continuous" and the file's end. Samples are copied bit by bit.
 *
 * @param folder made when missing; a file of the same name in it is never replaced
 * @throws AppError 'conflict' | 'not-verified' (the source changed while it was copied) | 'not-found' | 'cancelled' | 'disk-full' | 'read-only'
 */
export async function repairEdf(path: string, folder: string, watch: RepairWatch = {}): Promise<Repair> {
  const source = await open(path, 'r').catch((error: unknown) => {
    throw AppError.from(error);
  });
  try {
    let layout: EdfLayout;
    try {
      layout = await readLayout(path, source);
    } catch (error) {
      const reason = AppError.from(error);
      if (reason.code !== 'damaged-file' && reason.code !== 'not-eeg') throw reason;
      const cannot = finding(reason.code, 'error', path, reason.message, 'It cannot be repaired.');
      return { path, copy: null, mended: [], remaining: [cannot] };
    }
    const { header, mended } = await mend(source, layout);
    if (mended.length === 0) return { path, copy: null, mended, remaining: await findingsOf(path) };
    const copy = join(folder, basename(path));
    if (existsSync(copy))
      throw new AppError('conflict', `${copy} exists already; choose another folder for the mended copy.`);
    makeFolder(folder);
    const { headerBytes, records, recordBytes } = layout.header;
    const read = counting(
      2 * layout.bytes + Math.min(layout.bytes - headerBytes, records * recordBytes),
      watch,
    );
    const before = await fileHash(path, watch.signal, read);
    await writeCopy(source, header, layout, copy, watch.signal, read);
    const after = await fileHash(path, watch.signal, read).catch(removing(copy));
    if (after !== before || (await source.stat()).size !== layout.bytes) {
      await rm(copy);
      throw new AppError(
        'not-verified',
        `${path} changed while it was copied, so the copy was removed; wait until the recording ends and repair it then.`,
      );
    }
    return { path, copy, mended, remaining: await findingsOf(copy) };
  } finally {
    await source.close();
  }
}

/** Stopped before the source was seen unchanged, there is no copy. */
function removing(copy: string): (error: unknown) => Promise<never> {
  return async (error) => {
    await rm(copy);
    throw error;
  };
}

function counting(total: number, { progress }: RepairWatch): (bytes: number) => void {
  let done = 0;
  return (bytes) => progress?.(Math.min(total, (done += bytes)), total);
}

/** The header as the copy will carry it, what differs, and how long the copy will be. */
async function mend(
  source: FileHandle,
  layout: EdfLayout,
): Promise<{ header: Uint8Array; mended: Mend[]; bytes: number }> {
  const { signals, records, recordBytes } = layout.header;
  const header = new Uint8Array(256 * (signals.length + 1));
  await source.read(header, 0, header.length, 0);
  const mended = [...mendHeader(header, layout), ...mendEnd(layout)];
  return { header, mended, bytes: header.length + records * recordBytes };
}

/** Patches the header in place. @returns what was changed */
function mendHeader(header: Uint8Array, { header: parsed, timeline }: EdfLayout): Mend[] {
  const mends: Mend[] = [];
  const put = (code: string, at: number, width: number, after: string) => {
    const field = header.subarray(at, at + width);
    const was = Buffer.from(field).toString('latin1');
    const now = padField(after, width);
    if (was === now || was.trim() === after) return;
    field.set(Buffer.from(now, 'latin1'));
    mends.push({ code, bytes: [at, at + width - 1], before: was.trim(), after });
  };
  if (!parsed.bdf) put('version-odd', 0, 8, '0');
  put('header-size-wrong', 184, 8, String(header.length));
  const kind = parsed.bdf ? 'BDF' : 'EDF';
  const keepsTime = parsed.signals.some((signal) => signal.annotations);
  if (parsed.plus === 'C' && timeline.runs.length > 1) put('gaps-in-continuous-file', 192, 44, `${kind}+D`);
  if (parsed.plus !== '' && !keepsTime) put('annotation-signal-missing', 192, 44, parsed.bdf ? '24BIT' : '');
  put('record-count-wrong', 236, 8, String(parsed.records));
  mendComma(header, 244, 8, put);
  const count = parsed.signals.length;
  // fields 3 and 4 of each signal: physical minimum and maximum
  for (const field of [3, 4])
    for (let signal = 0; signal < count; signal++) {
      const before = signalFieldWidths.slice(0, field).reduce((sum, width) => sum + width, 0);
      mendComma(header, 256 + before * count + signal * 8, 8, put);
    }
  return mends;
}

function mendComma(
  header: Uint8Array,
  at: number,
  width: number,
  put: (code: string, at: number, width: number, after: string) => void,
): void {
  const text = Buffer.from(header.subarray(at, at + width))
    .toString('latin1')
    .trim();
  if (parseNumber(text).comma === 'clear') put('decimal-comma', at, width, text.replace(',', '.'));
}

/** Bytes of the source that the copy leaves out. */
function mendEnd({ header, bytes }: EdfLayout): Mend[] {
  const mends: Mend[] = [];
  const computed = 256 * (header.signals.length + 1);
  if (header.headerBytes > computed)
    mends.push({
      code: 'header-padding',
      bytes: [computed, header.headerBytes - 1],
      before: `${header.headerBytes - computed} bytes`,
      after: '',
    });
  const end = header.headerBytes + header.records * header.recordBytes;
  if (bytes > end)
    mends.push({
      code: 'bytes-after-last-record',
      bytes: [end, bytes - 1],
      before: `${bytes - end} bytes`,
      after: '',
    });
  return mends;
}

async function writeCopy(
  source: FileHandle,
  header: Uint8Array,
  { header: parsed }: EdfLayout,
  copy: string,
  signal: AbortSignal | undefined,
  told: (bytes: number) => void,
): Promise<void> {
  const aside = `${copy}.partial`;
  const target = await open(aside, 'w');
  try {
    await target.writeFile(header);
    const end = parsed.headerBytes + parsed.records * parsed.recordBytes;
    const buffer = new Uint8Array(1 << 20);
    for (let at = parsed.headerBytes; at < end;) {
      if (signal?.aborted)
        throw new AppError('cancelled', 'Stopped by hand; no copy was kept and the source is as it was.');
      const { bytesRead } = await source.read(buffer, 0, Math.min(buffer.length, end - at), at);
      if (bytesRead === 0)
        throw new AppError('not-verified', 'The source became shorter while it was copied; repair it again.');
      await target.writeFile(buffer.subarray(0, bytesRead));
      at += bytesRead;
      told(bytesRead);
    }
    await target.sync();
  } catch (error) {
    await target.close();
    await rm(aside, { force: true });
    throw AppError.from(error);
  }
  await target.close();
  await rename(aside, copy);
}

async function findingsOf(path: string): Promise<Finding[]> {
  await using recording = await openEdf(path);
  await recording.annotations();
  return [...recording.findings];
}
