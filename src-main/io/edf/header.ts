/** Reads the header of EDF and BDF files forgivingly: every oddity becomes a finding, only what cannot be read is refused. */
import type { Finding } from '#shared/eeg/recording.ts';
import { AppError } from '#shared/errors.ts';
import { channelsText, finding } from '../finding.ts';
import { channelKind, microvoltFactor } from '../channel-kind.ts';
import { parseNumber } from './numbers.ts';
import { refuseForeign } from './refuse.ts';

export interface EdfSignal {
  label: string;
  transducer: string;
  unit: string;
  physicalMin: number;
  physicalMax: number;
  digitalMin: number;
  digitalMax: number;
  prefilter: string;
  samplesPerRecord: number;
  /** Of this signal's first byte within a record. */
  offset: number;
  annotations: boolean;
  disabled?: string;
  /** The header's own 256 bytes of this signal, field by field, as Latin-1 text. */
  fields: string[];
}

export interface EdfHeader {
  bdf: boolean;
  /** From the reserved field: '' for plain files. */
  plus: '' | 'C' | 'D';
  sampleBytes: 2 | 3;
  patient: string;
  recordingInfo: string;
  dateText: string;
  timeText: string;
  /** Where data starts. */
  headerBytes: number;
  declaredHeaderBytes: number;
  declaredRecords: number;
  /** Seconds per record; 0 in a file of annotations only. */
  recordS: number;
  recordBytes: number;
  /** Whole records in the file that are used. */
  records: number;
  signals: EdfSignal[];
  findings: Finding[];
}

/** Widths of the per-signal fields, in the order of the file. */
export const signalFieldWidths = [16, 80, 8, 8, 8, 8, 8, 80, 8, 32] as const;

/**
 * @param bytes the first bytes of the file, at least the whole header where the file has it
 * @param size  of the whole file
 * @throws AppError 'not-eeg' | 'damaged-file' with what to do
 */
export function parseHeader(bytes: Uint8Array, size: number, path: string): EdfHeader {
  refuseForeign(bytes, size, path);
  const findings: Finding[] = [];
  const field = (at: number, width: number) => fieldText(bytes.subarray(at, at + width));
  const bdf = bytes[0] === 0xff;
  if (!bdf && field(0, 8) !== '0')
    findings.push(
      finding(
        'version-odd',
        'info',
        `Header byte 0: "${field(0, 8)}"`,
        'The version field should be "0"; the rest of the header reads as EDF.',
        'Nothing to do; a repaired copy carries "0".',
      ),
    );
  const reserved = field(192, 44);
  const plus = /^[EB]DF\+([CD])/i.exec(reserved)?.[1]?.toUpperCase() ?? '';
  const count = signalCount(field(252, 4), size, path);
  const computedBytes = 256 * (count + 1);
  if (size < computedBytes)
    throw new AppError(
      'damaged-file',
      `${path} ends inside its header (${size} of ${computedBytes} bytes); no signal was saved. Copy it again from the recorder.`,
    );
  const sampleBytes = bdf ? 3 : 2;
  const signals = readSignals(bytes, count, sampleBytes);
  const recordBytes = signals.reduce((sum, signal) => sum + signal.samplesPerRecord * sampleBytes, 0);
  const header: EdfHeader = {
    bdf,
    plus: plus === 'C' || plus === 'D' ? plus : '',
    sampleBytes,
    patient: field(8, 80),
    recordingInfo: field(88, 80),
    dateText: field(168, 8),
    timeText: field(176, 8),
    headerBytes: computedBytes,
    declaredHeaderBytes: Number(field(184, 8)),
    declaredRecords: Number(field(236, 8) || NaN),
    recordS: readRecordSeconds(field(244, 8), signals, path, findings),
    recordBytes,
    records: 0,
    signals,
    findings,
  };
  if (recordBytes === 0)
    throw new AppError(
      'damaged-file',
      `${path} declares signals without any samples; its header is damaged. Copy it again from the recorder.`,
    );
  settleHeaderSize(header, size);
  judgeSignals(header);
  return header;
}

function signalCount(text: string, size: number, path: string): number {
  const count = Number(text);
  if (text !== '' && Number.isInteger(count) && count > 0) return count;
  throw new AppError(
    'damaged-file',
    count === 0 && text !== ''
      ? `${path} says that it holds no signals; there is nothing to read. Export it again with its channels.`
      : `${path} does not tell how many signals it holds (header byte 252: "${text}", ${size} bytes); its header is damaged. Copy it again from the recorder.`,
  );
}

function readSignals(bytes: Uint8Array, count: number, sampleBytes: number): EdfSignal[] {
  let at = 256;
  const columns = signalFieldWidths.map((width) => {
    const column = Array.from({ length: count }, (_, signal) =>
      bytes.subarray(at + signal * width, at + (signal + 1) * width),
    );
    at += width * count;
    return column;
  });
  let offset = 0;
  return Array.from({ length: count }, (_, signal) => {
    const raw = columns.map((column) => column[signal]!);
    const text = raw.map(fieldText);
    const samples = Number(text[8]);
    const samplesPerRecord = Number.isInteger(samples) && samples > 0 ? samples : 0;
    const one: EdfSignal = {
      label: text[0]!,
      transducer: text[1]!,
      unit: text[2]!,
      physicalMin: parseNumber(text[3]!).value,
      physicalMax: parseNumber(text[4]!).value,
      digitalMin: parseNumber(text[5]!).value,
      digitalMax: parseNumber(text[6]!).value,
      prefilter: text[7]!,
      samplesPerRecord,
      offset,
      annotations: /^(EDF|BDF) Annotations$/i.test(text[0]!),
      fields: raw.map((field) => latin1.decode(field)),
    };
    offset += samplesPerRecord * sampleBytes;
    return one;
  });
}

function readRecordSeconds(text: string, signals: EdfSignal[], path: string, findings: Finding[]): number {
  const { value, comma } = parseNumber(text);
  const onlyAnnotations = signals.every((signal) => signal.annotations);
  if (comma === 'ambiguous' || !(value > 0 || (value === 0 && onlyAnnotations)))
    throw new AppError(
      'damaged-file',
      `${path} gives "${text}" as the length of a data record, which leaves the sampling rate unknown. Correct the eight characters at byte 244 in a copy.`,
    );
  if (comma)
    findings.push(
      finding(
        'decimal-comma',
        'warning',
        `Header byte 244: "${text}"`,
        `Read as ${value} s; many programs would drop the decimals and get wrong rates.`,
        'Nothing to do here; a repaired copy carries a decimal point.',
      ),
    );
  return value;
}

/** The computed size counts; a larger declared one only when the file's length confirms it. */
function settleHeaderSize(header: EdfHeader, size: number): void {
  const { declaredHeaderBytes: declared, headerBytes: computed } = header;
  if (declared === computed) return;
  const confirmed =
    declared > computed &&
    header.declaredRecords > 0 &&
    size === declared + header.declaredRecords * header.recordBytes;
  if (confirmed) header.headerBytes = declared;
  header.findings.push(
    finding(
      'header-size-wrong',
      'warning',
      `Header byte 184: "${Number.isNaN(declared) ? '' : declared}"`,
      `${header.signals.length} signals make a header of ${computed} bytes.`,
      confirmed
        ? `Data is read from byte ${declared}, which fits the length of the file.`
        : `Data is read from byte ${computed}; a repaired copy carries the right number.`,
    ),
  );
}

/** Channels that cannot be scaled are disabled one by one; oddities that change nothing are told once per kind. */
function judgeSignals({ signals, findings }: EdfHeader): void {
  const told = (
    code: string,
    severity: Finding['severity'],
    labels: string[],
    effect: string,
    remedy: string,
  ) => {
    if (labels.length > 0) findings.push(finding(code, severity, channelsText(labels), effect, remedy));
  };
  const usable = signals.filter((signal) => !signal.annotations);
  for (const signal of usable) {
    const reason = whyUnusable(signal);
    if (reason === null) continue;
    signal.disabled = reason.effect;
    told(reason.code, 'error', [signal.label], reason.effect, reason.remedy);
  }
  const labels = (of: EdfSignal[]) => of.map(({ label }) => label);
  const live = usable.filter((signal) => signal.disabled === undefined);
  told(
    'decimal-comma',
    'warning',
    labels(
      live.filter((signal) => signal.fields.slice(3, 5).some((text) => parseNumber(text).comma === 'clear')),
    ),
    'The range is written with a decimal comma; many programs drop the decimals and scale the signal wrongly.',
    'Read correctly here; a repaired copy carries decimal points.',
  );
  told(
    'negative-gain',
    'info',
    labels(live.filter((signal) => signal.physicalMin > signal.physicalMax)),
    'The physical range is inverted, which is legal: the amplifier counts downwards.',
    'The polarity is kept exactly as the file says.',
  );
  told(
    'duplicate-label',
    'warning',
    [...Map.groupBy(usable, ({ label }) => label)]
      .filter(([, same]) => same.length > 1)
      .map(([label]) => label),
    'Several channels carry the same label.',
    'They are told apart by their position in the file; give them different electrodes in the channel map.',
  );
  told(
    'unit-missing',
    'warning',
    labels(
      live.filter(({ unit, label }) => unit === '' && ['eeg', 'unknown'].includes(channelKind(label, unit))),
    ),
    'The file gives no unit; the values are taken as µV.',
    'Check the amplitude of these channels before using them.',
  );
  told(
    'unit-volts',
    'info',
    labels(live.filter(({ unit }) => (microvoltFactor(unit) ?? 1) !== 1)),
    'The unit is not µV; values are converted.',
    'Nothing to do.',
  );
}

function whyUnusable(signal: EdfSignal): { code: string; effect: string; remedy: string } | null {
  const copy = 'The other channels are not affected; correct the range in the header to use it.';
  const range = `physical ${signal.fields[3]!.trim()} … ${signal.fields[4]!.trim()}, digital ${signal.fields[5]!.trim()} … ${signal.fields[6]!.trim()}`;
  if (signal.samplesPerRecord === 0)
    return {
      code: 'no-samples',
      effect: 'The channel is declared without samples.',
      remedy: 'Nothing to do.',
    };
  if (signal.fields.slice(3, 7).some((text) => parseNumber(text).comma === 'ambiguous'))
    return {
      code: 'ambiguous-comma',
      effect: `A comma may part decimals or thousands (${range}); the scale is unknown.`,
      remedy: copy,
    };
  const numbers = [signal.physicalMin, signal.physicalMax, signal.digitalMin, signal.digitalMax];
  if (numbers.some((value) => !Number.isFinite(value)))
    return { code: 'range-unreadable', effect: `The range cannot be read (${range}).`, remedy: copy };
  if (/^filtered$/i.test(signal.unit) || /\bLN\[/.test(signal.prefilter))
    return {
      code: 'log-transformed',
      effect: 'The channel is stored as logarithms, not as a signal.',
      remedy: 'It cannot be used as EEG; the other channels are not affected.',
    };
  if (signal.physicalMin === signal.physicalMax)
    return {
      code: 'physical-range-empty',
      effect: `Physical minimum and maximum are equal (${range}); the scale is unknown.`,
      remedy: copy,
    };
  if (signal.digitalMin >= signal.digitalMax)
    return {
      code: 'digital-range-empty',
      effect: `The digital minimum is not below the maximum (${range}); the scale is unknown.`,
      remedy: copy,
    };
  return null;
}

const latin1 = new TextDecoder('latin1');
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** NUL, spaces and line ends around a field are padding. UTF-8 where it is valid, else Latin-1. */
function fieldText(bytes: Uint8Array): string {
  const text = (bytes.some((byte) => byte > 127) && decodeUtf8(bytes)) || latin1.decode(bytes);
  return text.replace(/\0[^]*$/, '').trim() || text.replace(/\0/g, ' ').trim();
}

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}
