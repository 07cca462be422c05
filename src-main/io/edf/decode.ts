/** Turns the bytes of whole records into physical values: edfdecoder where it is right, our own arithmetic everywhere else. */
import edfdecoder from 'edfdecoder';
import { AppError } from '#shared/errors.ts';
import { signalFieldWidths, type EdfSignal } from './header.ts';

/** Bytes of some signals, record after record, signal after signal, nothing else. */
export interface PackedRecords {
  bytes: Uint8Array;
  records: number;
  signals: readonly EdfSignal[];
  sampleBytes: 2 | 3;
}

/**
 * edfdecoder reads 16-bit samples rightly when the plain number syntax it knows gives the same range that we read
 * (no decimal comma, no padding it trips over) and no factor to µV follows, which would round twice.
 */
export function decodableByEdfdecoder(signal: EdfSignal, sampleBytes: number, factor: number): boolean {
  const [physicalMin, physicalMax, digitalMin, digitalMax] = signal.fields.slice(3, 7) as [
    string,
    string,
    string,
    string,
  ];
  return (
    sampleBytes === 2 &&
    factor === 1 &&
    signal.disabled === undefined &&
    parseFloat(physicalMin) === signal.physicalMin &&
    parseFloat(physicalMax) === signal.physicalMax &&
    parseInt(digitalMin, 10) === signal.digitalMin &&
    parseInt(digitalMax, 10) === signal.digitalMax &&
    parseInt(signal.fields[8]!, 10) === signal.samplesPerRecord
  );
}

/**
 * Decodes with edfdecoder: a small file is put together from a header of just these signals and the packed records.
 *
 * @returns per signal, per record the values in the signal's unit
 */
export function decodeWithEdfdecoder({ bytes, records, signals }: PackedRecords): Float32Array[][] {
  const header = smallHeader(signals, records);
  const file = new Uint8Array(header.length + bytes.length);
  file.set(header);
  file.set(bytes, header.length);
  const decoder = new edfdecoder.EdfDecoder();
  decoder.setInput(file.buffer);
  decoder.decode();
  const output = decoder.getOutput();
  if (!output) throw new AppError('internal', 'edfdecoder refused records that were prepared for it.');
  return signals.map((_, signal) =>
    Array.from({ length: records }, (_, record) => output.getPhysicalSignal(signal, record)),
  );
}

/** Dates stay out: edfdecoder would misread them and nobody asks it. */
function smallHeader(signals: readonly EdfSignal[], records: number): Uint8Array {
  const fixed = [
    ['0', 8],
    ['X', 80],
    ['X', 80],
    ['01.01.85', 8],
    ['00.00.00', 8],
    [String(256 * (signals.length + 1)), 8],
    ['', 44],
    [String(records), 8],
    ['1', 8],
    [String(signals.length), 4],
  ] as const;
  const text = [
    ...fixed.map(([value, width]) => value.padEnd(width)),
    ...signalFieldWidths.map((_, field) => signals.map((signal) => signal.fields[field]!).join('')),
  ].join('');
  return Buffer.from(text, 'latin1');
}

/**
 * Decodes one stretch of samples of one signal into `target`, in double precision, rounded once to float32.
 *
 * @param at     byte of the first sample in `bytes`
 * @param factor multiplies the physical value (to µV)
 */
export function decodeSamples(
  bytes: DataView,
  at: number,
  count: number,
  signal: EdfSignal,
  sampleBytes: 2 | 3,
  factor: number,
  target: Float32Array,
  targetAt: number,
): void {
  const { digitalMin, digitalMax, physicalMin, physicalMax } = signal;
  const digitalRange = digitalMax - digitalMin;
  const physicalRange = physicalMax - physicalMin;
  const last = at + count * sampleBytes;
  // `| 0`: an index that cannot leave 32 bits, see signal/fft.ts.
  let to = targetAt | 0;
  if (sampleBytes === 2)
    for (let byte = at | 0; byte < last; byte = (byte + 2) | 0, to = (to + 1) | 0) {
      const digital = bytes.getInt16(byte, true);
      target[to] = (((digital - digitalMin) / digitalRange) * physicalRange + physicalMin) * factor;
    }
  else
    for (let byte = at | 0; byte < last; byte = (byte + 3) | 0, to = (to + 1) | 0) {
      const digital = bytes.getUint16(byte, true) | (bytes.getInt8((byte + 2) | 0) << 16);
      target[to] = (((digital - digitalMin) / digitalRange) * physicalRange + physicalMin) * factor;
    }
}
