/** EDF, EDF+, BDF and BDF+ as recordings: header and timeline at once, windows by reading just their records. */
import { readSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import type { Annotation, Channel, Finding, RecordingHeader } from '#shared/eeg/recording.ts';
import { AppError } from '#shared/errors.ts';
import { channelKind, microvoltFactor } from '../channel-kind.ts';
import { finding, timeText } from '../finding.ts';
import { checkReadRequest } from '../read-request.ts';
import type { Format, Recording } from '../reader.ts';
import { readStart } from './clock.ts';
import { parseHeader, type EdfHeader, type EdfSignal } from './header.ts';
import { settleRecords } from './length.ts';
import { looksLikeEdf } from './refuse.ts';
import { readStatus } from './status.ts';
import { parseTals } from './tal.ts';
import { readTimeline, spansOf, tolerance, type Timeline } from './timeline.ts';
import { fillWindow, readWindow } from './window.ts';

export const edf: Format = {
  id: 'edf',
  extensions: ['.edf', '.bdf', '.rec'],
  recognises: (head) => looksLikeEdf(head),
  open: openEdf,
};

/** @throws AppError 'not-eeg' | 'damaged-file' | 'not-found' */
export async function openEdf(path: string): Promise<Recording> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw AppError.from(error);
  });
  try {
    return new EdfRecording(path, file, await readLayout(path, file));
  } catch (error) {
    await file.close();
    throw error;
  }
}

export interface EdfLayout {
  header: EdfHeader;
  timeline: Timeline;
  bytes: number;
}

/** Reads header, true length and timeline of an open file. */
export async function readLayout(path: string, file: FileHandle): Promise<EdfLayout> {
  const { size } = await file.stat();
  const header = await readHeader(path, file, size);
  const onset = (record: number) => recordOnset(file, header, record);
  settleRecords(header, size, (record) => {
    const before = onset(record - 1);
    const next = onset(record);
    if (before === null || next === null) return header.signals.some((s) => s.annotations) ? false : null;
    return next >= before + header.recordS - tolerance(header);
  });
  if (header.records === 0)
    throw new AppError(
      'damaged-file',
      `${path} holds a header but not one whole data record; no signal was saved. Copy it again from the recorder.`,
    );
  if (header.signals.every((signal) => signal.annotations))
    header.findings.push(
      finding(
        'annotations-only',
        'info',
        'All channels',
        'The file holds annotations but no signal.',
        'Use it as labels for the recording it belongs to.',
      ),
    );
  return { header, timeline: readTimeline(header, onset), bytes: size };
}

async function readHeader(path: string, file: FileHandle, size: number): Promise<EdfHeader> {
  const head = new Uint8Array(Math.min(size, 256));
  await file.read(head, 0, head.length, 0);
  const signals = Number(Buffer.from(head.subarray(252, 256)).toString('latin1')) || 0;
  const bytes = new Uint8Array(Math.min(size, 256 * (1 + Math.max(0, Math.min(signals, 9999)))));
  await file.read(bytes, 0, bytes.length, 0);
  return parseHeader(bytes, size, path);
}

/** The annotation bytes of one record, one array per annotation signal. */
function annotationRegions(file: FileHandle, header: EdfHeader, record: number): Uint8Array[] {
  return header.signals
    .filter((signal) => signal.annotations)
    .map((signal) => {
      const bytes = new Uint8Array(signal.samplesPerRecord * header.sampleBytes);
      const at = header.headerBytes + record * header.recordBytes + signal.offset;
      // small synchronous reads: a hundred thousand of them cost a fraction of a second, asynchronous ones many seconds
      const read = readSync(file.fd, bytes, 0, bytes.length, at);
      return bytes.subarray(0, read);
    });
}

function recordOnset(file: FileHandle, header: EdfHeader, record: number): number | null {
  const first = annotationRegions(file, header, record)[0];
  return first ? parseTals(first, true).recordOnsetS : null;
}

/** Bytes read at once in a pass over the whole recording: they stay near the processor until they are decoded. */
const bufferBytes = 1 << 20;

class EdfRecording implements Recording {
  readonly path: string;
  readonly header: RecordingHeader;
  readonly findings: Finding[];
  private readonly file: FileHandle;
  private readonly layout: EdfLayout;
  private found: Promise<Annotation[]> | null = null;
  private buffer: Uint8Array | null = null;
  private closed = false;

  constructor(path: string, file: FileHandle, layout: EdfLayout) {
    this.path = path;
    this.file = file;
    this.layout = layout;
    const { header, timeline } = layout;
    const start = readStart(header.dateText, header.timeText, header.recordingInfo, timeline.firstOnsetS);
    this.findings = [...header.findings, ...start.findings];
    const spans = spansOf(timeline.runs, header.recordS);
    this.header = {
      format: `${header.bdf ? 'BDF' : 'EDF'}${header.plus ? `+${header.plus}` : ''}`,
      bytes: layout.bytes,
      startedAt: start.startedAt,
      durationS: spans.at(-1)?.endS ?? 0,
      spans: header.recordS > 0 ? spans : [],
      channels: header.signals.map((signal) => toChannel(signal, header)),
      patient: header.patient,
      recordingInfo: header.recordingInfo,
    };
  }

  annotations(): Promise<Annotation[]> {
    this.found ??= this.scanAnnotations();
    return this.found;
  }

  private async scanAnnotations(): Promise<Annotation[]> {
    const { header, timeline } = this.layout;
    const found: Annotation[] = [];
    if (!header.signals.some((signal) => signal.annotations)) return readStatus(this.file, this.layout);
    const slackS = tolerance(header);
    let malformed = 0;
    let misplaced: number | null = null;
    for (const run of timeline.runs)
      for (let i = 0; i < run.records; i++) {
        const record = run.firstRecord + i;
        if (record % 1000 === 999) await setImmediate();
        annotationRegions(this.file, header, record).forEach((bytes, position) => {
          const region = parseTals(bytes, position === 0);
          malformed += region.malformed;
          for (const one of region.annotations)
            found.push({ ...one, onsetS: one.onsetS - timeline.firstOnsetS });
          const expected = run.startS + i * header.recordS + timeline.firstOnsetS;
          if (region.recordOnsetS !== null && Math.abs(region.recordOnsetS - expected) > slackS)
            misplaced ??= record;
        });
      }
    this.tellScan(malformed, misplaced, found);
    return found.sort((a, b) => a.onsetS - b.onsetS);
  }

  private tellScan(malformed: number, misplaced: number | null, found: readonly Annotation[]): void {
    if (malformed > 0)
      this.findings.push(
        finding(
          'annotation-malformed',
          'warning',
          'Annotations',
          `${malformed} stretch${malformed > 1 ? 'es' : ''} of the annotation signal cannot be read.`,
          'The other annotations are read; compare with the recorder when events are missing.',
        ),
      );
    if (misplaced !== null)
      this.findings.push(
        finding(
          'record-time-drifts',
          'warning',
          `Record ${misplaced + 1}`,
          'The times of some records differ from a steady clock by more than half a sample.',
          'Samples are counted from the start of each stretch; long recordings may be off by that much.',
        ),
      );
    const outside = found.filter(({ onsetS }) => onsetS < 0 || onsetS > this.header.durationS);
    if (outside.length > 0 && this.layout.header.recordS > 0)
      this.findings.push(
        finding(
          'annotation-outside',
          'info',
          timeText(Math.max(0, outside[0]!.onsetS)),
          `${outside.length} annotation${outside.length > 1 ? 's lie' : ' lies'} outside the recorded time.`,
          'They are kept as they are.',
        ),
      );
  }

  async read(startS: number, seconds: number, channels: readonly number[]): Promise<Float32Array[]> {
    checkReadRequest(this, this.closed, startS, seconds, channels);
    return readWindow(this.file, this.layout, startS, seconds, channels);
  }

  async readInto(
    startS: number,
    channels: readonly number[],
    targets: readonly Float32Array[],
  ): Promise<void> {
    checkReadRequest(this, this.closed, startS, 0, channels);
    // One call at a time has it; another that comes meanwhile makes its own.
    const buffer = this.buffer ?? new Uint8Array(bufferBytes);
    this.buffer = null;
    await fillWindow(this.file, this.layout, startS, channels, targets, buffer);
    this.buffer = buffer;
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.file.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function toChannel(signal: EdfSignal, header: EdfHeader): Channel {
  return {
    label: signal.label,
    kind: signal.annotations ? 'annotations' : channelKind(signal.label, signal.unit),
    unit: signal.unit,
    toMicrovolt: microvoltFactor(signal.unit) ?? 1,
    sfreqHz: header.recordS > 0 ? signal.samplesPerRecord / header.recordS : 0,
    samples: signal.samplesPerRecord * header.records,
    prefilter: signal.prefilter,
    transducer: signal.transducer,
    physicalMin: signal.physicalMin,
    physicalMax: signal.physicalMax,
    digitalMin: signal.digitalMin,
    digitalMax: signal.digitalMax,
    ...(signal.disabled === undefined ? {} : { disabled: signal.disabled }),
  };
}
