/** How an EDF or BDF file to be written is laid out: bytes per record, scales, labels, and its header text. */
import { AppError } from '#shared/errors.ts';
import { asciiText, edfDate, edfLongDate, edfTime, formatNumber, padField, type Clock } from './fields.ts';

export type EdfWriteFormat = 'EDF' | 'EDF+C' | 'EDF+D' | 'BDF' | 'BDF+C' | 'BDF+D';

export interface EdfWriteChannel {
  /** At most 16 ASCII characters are kept; what had to be changed is told by `close`. */
  label: string;
  unit: string;
  /** `sfreqHz · recordS` must be a whole number. */
  sfreqHz: number;
  /** The range in `unit` that the digital range covers; written outwards-rounded to 8 characters. */
  physicalMin: number;
  physicalMax: number;
  /** Default: the whole range of the sample type. */
  digitalMin?: number;
  digitalMax?: number;
  prefilter?: string;
  transducer?: string;
}

export interface EdfWriteOptions {
  format: EdfWriteFormat;
  /** Patient field, '' for 'X X X X'. */
  patient: string;
  /** Recording field; without 'Startdate …' in front it is put there. */
  recordingInfo: string;
  /** Local clock of time 0 of `onsetS`, 'YYYY-MM-DDTHH:MM:SS[.fff]'; null: 1985-01-01T00:00:00. */
  startedAt: string | null;
  /** Seconds per data record. */
  recordS: number;
  channels: readonly EdfWriteChannel[];
}

/** Room for annotations in each record unless more turns out to be needed. */
const roomBytes = 240;

export interface Layout {
  sampleBytes: 2 | 3;
  plus: boolean;
  headerBytes: number;
  samplesPerRecord: number[];
  signalBytes: number;
  annotationBytes: number;
  labels: string[];
  scales: {
    gain: number;
    offset: number;
    low: number;
    high: number;
    physicalLow: number;
    physicalHigh: number;
    zero: number;
  }[];
}

export function planLayout(options: EdfWriteOptions): Layout {
  const sampleBytes = options.format.startsWith('BDF') ? 3 : 2;
  const plus = options.format.includes('+');
  const written = Number(formatNumber(options.recordS));
  if (!(options.recordS > 0) || Math.abs(written - options.recordS) > 1e-9 * options.recordS)
    throw new AppError(
      'invalid-input',
      `Records of ${options.recordS} s cannot be written exactly; use a length such as 1 s.`,
    );
  const samplesPerRecord = options.channels.map((channel) => {
    const samples = Math.round(channel.sfreqHz * options.recordS);
    if (samples < 1 || Math.abs(samples - channel.sfreqHz * options.recordS) > 1e-6)
      throw new AppError(
        'invalid-input',
        `Channel ${channel.label}: ${channel.sfreqHz} Hz does not give whole samples in a record of ${options.recordS} s; choose another record length.`,
      );
    return samples;
  });
  const signalBytes = samplesPerRecord.reduce((sum, samples) => sum + samples * sampleBytes, 0);
  return {
    sampleBytes,
    plus,
    headerBytes: 256 * (1 + options.channels.length + (plus ? 1 : 0)),
    samplesPerRecord,
    signalBytes,
    annotationBytes: plus ? roundUp(roomBytes, sampleBytes) : 0,
    labels: uniqueLabels(options.channels.map(({ label }) => label)),
    scales: options.channels.map((channel) => planScale(channel, sampleBytes)),
  };
}

function planScale(channel: EdfWriteChannel, sampleBytes: 2 | 3): Layout['scales'][number] {
  const limit = 2 ** (8 * sampleBytes - 1);
  const low = channel.digitalMin ?? -limit;
  const high = channel.digitalMax ?? limit - 1;
  // the range as a reader will find it, so that value → sample → value is as near as the type allows
  const [physicalLow, physicalHigh] = writtenRange(channel).map(Number) as [number, number];
  if (!(high > low) || low < -limit || high > limit - 1 || physicalLow === physicalHigh)
    throw new AppError(
      'invalid-input',
      `Channel ${channel.label}: the range ${physicalLow} … ${physicalHigh} on ${low} … ${high} cannot be scaled; give two different limits.`,
    );
  const gain = (physicalHigh - physicalLow) / (high - low);
  const offset = physicalLow - low * gain;
  const zero = Math.min(high, Math.max(low, Math.round(-offset / gain)));
  return { gain, offset, low, high, physicalLow, physicalHigh, zero };
}

/** Rounded outwards; an inverted range (negative gain) is legal and stays inverted. */
function writtenRange({ physicalMin, physicalMax }: EdfWriteChannel): [string, string] {
  const rising = physicalMin <= physicalMax;
  return [
    formatNumber(physicalMin, 8, rising ? 'down' : 'up'),
    formatNumber(physicalMax, 8, rising ? 'up' : 'down'),
  ];
}

function uniqueLabels(labels: readonly string[]): string[] {
  const used = new Set<string>();
  return labels.map((label, position) => {
    const whole = asciiText(label).trim();
    let short = whole.slice(0, 16);
    // only what we shorten must not collide; labels that were equal in the source stay equal
    for (let n = 2; short !== whole && used.has(short); n++)
      short = `${whole.slice(0, 16 - `~${n}`.length)}~${n}`;
    used.add(short);
    return short === '' ? `ch${position + 1}` : short;
  });
}

/** The whole header as Latin-1 text. @param start clock of the header, whole seconds */
export function headerText(options: EdfWriteOptions, layout: Layout, records: number, start: Clock): string {
  const type = options.format.slice(0, 3);
  const version = type === 'BDF' ? '\xffBIOSEMI' : padField('0', 8);
  const known = options.startedAt !== null;
  const recording = /^Startdate /.test(options.recordingInfo)
    ? options.recordingInfo
    : layout.plus
      ? `Startdate ${known ? edfLongDate(start) : 'X'} X X ${options.recordingInfo.trim().replace(/\s+/g, '_') || 'X'}`
      : options.recordingInfo;
  const reserved = layout.plus ? options.format : type === 'BDF' ? '24BIT' : '';
  const limit = 2 ** (8 * layout.sampleBytes - 1);
  const rows = [
    ...options.channels.map((channel, position) => {
      const [physicalMin, physicalMax] = writtenRange(channel);
      const scale = layout.scales[position]!;
      return [
        layout.labels[position]!,
        channel.transducer ?? '',
        channel.unit,
        physicalMin,
        physicalMax,
        String(scale.low),
        String(scale.high),
        channel.prefilter ?? '',
        String(layout.samplesPerRecord[position]),
        '',
      ];
    }),
    ...(layout.plus
      ? [
          [
            `${type} Annotations`,
            '',
            '',
            '-1',
            '1',
            String(-limit),
            String(limit - 1),
            '',
            String(layout.annotationBytes / layout.sampleBytes),
            '',
          ],
        ]
      : []),
  ];
  const widths = [16, 80, 8, 8, 8, 8, 8, 80, 8, 32];
  return [
    version,
    padField(options.patient || (layout.plus ? 'X X X X' : ''), 80),
    padField(recording, 80),
    edfDate(start),
    edfTime(start),
    padField(String(layout.headerBytes), 8),
    padField(reserved, 44),
    padField(String(records), 8),
    padField(formatNumber(options.recordS), 8),
    padField(String(rows.length), 4),
    ...widths.map((width, field) => rows.map((row) => padField(row[field]!, width)).join('')),
  ].join('');
}

export const roundUp = (value: number, step: number) => Math.ceil(value / step) * step;
