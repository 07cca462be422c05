/** Writes a mended copy of an EDF or BDF file whose header or length is wrong; the source is only read. */
import { existsSync } from 'node:fs';
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Finding } from '#shared/eeg/recording.ts';
import { AppError } from '#shared/errors.ts';
import { fileHash } from '../file-hash.ts';
import { finding } from '../finding.ts';
import { openEdf, readLayout, type EdfLayout } from './edf.ts';
import { padField } from './fields.ts';
import { signalFieldWidths } from './header.ts';
import { parseNumber } from './numbers.ts';

/** One change between source and copy. */
export interface Mend {
  code: string;
  /** First and last byte that differ, in the source's counting. */
  bytes: [number, number];
  before: string;
  after: string;
}

export interface Repair {
  path: string;
  /** Where the mended copy is; null when there was nothing to mend or nothing that can be. */
  copy: string | null;
  mended: Mend[];
  /** What the copy still shows, or what keeps the source from being repaired. */
  remaining: Finding[];
}

/**
 * Mends record count, header size, version, decimal commas, a false "continuous" and the file's end. Samples are copied bit by bit.
 *
 * @param folder made when missing; a file of the same name in it is never replaced
 * @throws AppError 'conflict' | 'not-verified' (the source changed while it was copied) | 'not-found'
 */
export async function repairEdf(path: string, folder: string): Promise<Repair> {
  const before = await fileHash(path);
  const source = await open(path, 'r');
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
    const header = new Uint8Array(256 * (layout.header.signals.length + 1));
    await source.read(header, 0, header.length, 0);
    const mended = [...mendHeader(header, layout), ...mendEnd(layout)];
    if (mended.length === 0) return { path, copy: null, mended, remaining: await findingsOf(path) };
    const copy = join(folder, basename(path));
    await mkdir(folder, { recursive: true });
    if (existsSync(copy))
      throw new AppError('conflict', `${copy} exists already; choose another folder for the mended copy.`);
    await writeCopy(source, header, layout, copy);
    if ((await fileHash(path)) !== before) {
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
): Promise<void> {
  const aside = `${copy}.partial`;
  const target = await open(aside, 'w');
  try {
    await target.writeFile(header);
    const end = parsed.headerBytes + parsed.records * parsed.recordBytes;
    const buffer = new Uint8Array(1 << 20);
    for (let at = parsed.headerBytes; at < end;) {
      const { bytesRead } = await source.read(buffer, 0, Math.min(buffer.length, end - at), at);
      if (bytesRead === 0)
        throw new AppError('not-verified', 'The source became shorter while it was copied; repair it again.');
      await target.writeFile(buffer.subarray(0, bytesRead));
      at += bytesRead;
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
