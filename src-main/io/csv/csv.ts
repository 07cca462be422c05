/** Tables of EEG as text (Emotiv, Muse, OpenBCI and the like), plain or gzipped, as recordings. */
import { constants, gunzipSync } from 'node:zlib';
import type { Annotation, Channel, Finding, RecordingHeader } from '#shared/eeg/recording.ts';
import { AppError } from '#shared/errors.ts';
import { channelsText, finding } from '../finding.ts';
import { checkReadRequest } from '../read-request.ts';
import type { Format, Recording } from '../reader.ts';
import { findGaps, judgeRate, type RowRun } from './pace.ts';
import { indexStep, readLines, scanTable, type Scan } from './scan.ts';
import { openSource, type ByteSource } from './source.ts';
import { cellNumber, readTable, type Table } from './table.ts';

export const csv: Format = {
  id: 'csv',
  extensions: ['.csv', '.csv.gz', '.txt', '.tsv'],
  recognises: (head) => readTable(unpackHead(head)) !== null,
  open: (path) => openCsv(path),
};

/** Bytes that are enough for any header and its first row. */
const headBytes = 64 << 10;

export interface CsvOptions {
  /** Sampling rate, when the user knows it. */
  sfreqHz?: number;
}

/** @throws AppError 'not-eeg' | 'damaged-file' | 'unsupported' | 'invalid-input' (rate unknown) | 'not-found' */
export async function openCsv(path: string, options: CsvOptions = {}): Promise<Recording> {
  const source = await openSource(path);
  try {
    if (source.size === 0)
      throw new AppError('damaged-file', `${path} is empty (0 bytes). Copy it again from the recorder.`);
    const table = readTable(await source.read(0, headBytes));
    if (!table)
      throw new AppError(
        'not-eeg',
        `${path} is no table of EEG: no column is named after an electrode and filled with numbers. Choose the recorder's own export.`,
      );
    const scan = await scanTable(source, table);
    const rate = judgeRate(table, scan, options.sfreqHz);
    if (!rate || !(rate.sfreqHz > 0))
      throw new AppError(
        'invalid-input',
        `${path} does not tell its sampling rate and nothing in it allows to conclude it; give the rate in Hz.`,
      );
    return new CsvRecording(path, source, table, scan, rate);
  } catch (error) {
    await source.close();
    throw error;
  }
}

function unpackHead(head: Uint8Array): Uint8Array {
  if (head[0] !== 0x1f || head[1] !== 0x8b) return head;
  try {
    // the head of a gzip file is a cut one; take what it gives
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (error) {
    if ((error as { code?: string }).code?.startsWith('Z_')) return new Uint8Array(0);
    throw error;
  }
}

class CsvRecording implements Recording {
  readonly path: string;
  readonly header: RecordingHeader;
  readonly findings: Finding[];
  private readonly source: ByteSource;
  private readonly table: Table;
  private readonly offsets: number[];
  private readonly runs: RowRun[];
  private readonly sfreqHz: number;
  private found: Promise<Annotation[]> | null = null;
  private closed = false;

  constructor(
    path: string,
    source: ByteSource,
    table: Table,
    scan: Scan,
    rate: { sfreqHz: number; findings: Finding[] },
  ) {
    this.path = path;
    this.source = source;
    this.table = table;
    this.offsets = scan.offsets;
    this.sfreqHz = rate.sfreqHz;
    const gaps = findGaps(scan, rate.sfreqHz);
    this.runs = gaps.runs;
    this.findings = [...rate.findings, ...gaps.findings, ...headerFindings(table, scan)];
    const spans = gaps.runs.map(({ startSample, rows }) => ({
      startS: startSample / rate.sfreqHz,
      endS: (startSample + rows) / rate.sfreqHz,
    }));
    this.header = {
      format: table.recorder ? `CSV (${table.recorder})` : 'CSV',
      bytes: source.fileBytes,
      startedAt: null,
      durationS: gaps.samples / rate.sfreqHz,
      spans,
      channels: table.columns.map((column, i) => toChannel(column, scan, i, rate.sfreqHz)),
      patient: '',
      recordingInfo: '',
    };
  }

  /** Values of marker columns: each change to another value but zero, as long as it stays. */
  annotations(): Promise<Annotation[]> {
    this.found ??= this.scanMarkers();
    return this.found;
  }

  private async scanMarkers(): Promise<Annotation[]> {
    const markers = this.table.columns.flatMap(({ kind }, i) => (kind === 'trigger' ? [i] : []));
    if (markers.length === 0) return [];
    const found: Annotation[] = [];
    const values = await this.read(0, this.header.durationS, markers);
    values.forEach((column, position) => {
      const { label } = this.table.columns[markers[position]!]!;
      for (let from = 0; from < column.length;) {
        const value = column[from]!;
        let to = from + 1;
        while (to < column.length && column[to] === value) to++;
        if (value !== 0 && !Number.isNaN(value))
          found.push({
            onsetS: from / this.sfreqHz,
            durationS: to - from > 1 ? (to - from) / this.sfreqHz : 0,
            text: `${label} ${value}`,
          });
        from = to;
      }
    });
    return found.sort((a, b) => a.onsetS - b.onsetS);
  }

  async read(startS: number, seconds: number, channels: readonly number[]): Promise<Float32Array[]> {
    checkReadRequest(this, this.closed, startS, seconds, channels);
    const from = Math.round(startS * this.sfreqHz);
    const length = Math.max(0, Math.round((startS + seconds) * this.sfreqHz) - from);
    const targets = channels.map(() => new Float32Array(length));
    await this.readInto(startS, channels, targets);
    return targets;
  }

  async readInto(
    startS: number,
    channels: readonly number[],
    targets: readonly Float32Array[],
  ): Promise<void> {
    checkReadRequest(this, this.closed, startS, 0, channels);
    const from = Math.round(startS * this.sfreqHz);
    const length = targets[0]?.length ?? 0;
    for (const target of targets) target.fill(NaN);
    for (const run of this.runs) {
      const begin = Math.max(from, run.startSample);
      const end = Math.min(from + length, run.startSample + run.rows);
      if (begin >= end) continue;
      const firstRow = run.firstRow + begin - run.startSample;
      await this.readRows(firstRow, end - begin, channels, targets, begin - from);
    }
  }

  private async readRows(
    firstRow: number,
    rows: number,
    channels: readonly number[],
    targets: readonly Float32Array[],
    at: number,
  ): Promise<void> {
    const { delimiter } = this.table;
    const indexed = Math.floor(firstRow / indexStep);
    let row = indexed * indexStep;
    for await (const block of readLines(this.source, this.offsets[indexed]!, 1 << 17)) {
      for (const { line } of block) {
        if (row >= firstRow + rows) return;
        if (row >= firstRow) {
          const cells = line.split(delimiter);
          channels.forEach((channel, i) => {
            targets[i]![at + row - firstRow] = cellNumber(cells[channel] ?? '', delimiter);
          });
        }
        row++;
      }
    }
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.source.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function toChannel(column: Table['columns'][number], scan: Scan, position: number, sfreqHz: number): Channel {
  return {
    label: column.label,
    kind: column.kind,
    unit: column.kind === 'eeg' ? 'uV' : '',
    toMicrovolt: 1,
    sfreqHz,
    samples: scan.rows,
    prefilter: '',
    transducer: '',
    physicalMin: NaN,
    physicalMax: NaN,
    digitalMin: NaN,
    digitalMax: NaN,
    ...(Number.isNaN(scan.means[position]!) ? { disabled: 'The column does not hold numbers only.' } : {}),
  };
}

function headerFindings(table: Table, scan: Scan): Finding[] {
  const findings: Finding[] = [];
  const eeg = table.columns.flatMap((column, i) =>
    column.kind === 'eeg' ? [{ ...column, mean: scan.means[i]! }] : [],
  );
  findings.push(
    finding(
      'unit-assumed',
      'info',
      channelsText(eeg.map(({ label }) => label)),
      'A table gives no unit; the values are taken as µV.',
      'Check the amplitude before using them.',
    ),
  );
  if (table.surplusHeaderCells > 0)
    findings.push(
      finding(
        'header-ragged',
        'info',
        'Header',
        `The header has ${table.surplusHeaderCells} cell${table.surplusHeaderCells > 1 ? 's' : ''} more than the rows, from a comma inside a name.`,
        'The names are matched to the columns regardless.',
      ),
    );
  const offset = eeg.filter(({ mean }) => Math.abs(mean) > 500);
  if (offset.length > 0)
    findings.push(
      finding(
        'dc-offset',
        'info',
        channelsText(offset.map(({ label }) => label)),
        `The values ride on a constant of about ${Math.round(offset.reduce((sum, { mean }) => sum + mean, 0) / offset.length)} µV.`,
        'Preparation removes it with the high-pass filter; nothing to do.',
      ),
    );
  return findings;
}
