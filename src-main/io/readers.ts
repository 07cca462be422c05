/** The table of formats, and how a path becomes an open recording. */
import { open } from 'node:fs/promises';
import type { Annotation, Finding, RecordingHeader } from '#shared/eeg/recording.ts';
import { AppError } from '#shared/errors.ts';
import { csv, openCsv, type CsvOptions } from './csv/csv.ts';
import { edf } from './edf/edf.ts';
import type { Format, Recording } from './reader.ts';

export const formats: readonly Format[] = [edf, csv];

/** What the user knows better than the file. */
export type OpenOptions = CsvOptions;

/**
 * Opens a recording of any known format.
 *
 * @throws AppError 'not-eeg' | 'damaged-file' | 'unsupported' | 'invalid-input' | 'not-found'
 */
export async function openRecording(path: string, options: OpenOptions = {}): Promise<Recording> {
  if (options.sfreqHz !== undefined && !(options.sfreqHz > 0 && options.sfreqHz <= 100_000))
    throw new AppError(
      'invalid-input',
      `${options.sfreqHz} Hz is no sampling rate; give one between 0 and 100000.`,
    );
  const format = formatFor(path, await readHead(path));
  return format === csv ? openCsv(path, options) : format.open(path);
}

/** One object of `inspect`, before the channel map adds electrodes. */
export interface Inspection extends RecordingHeader {
  path: string;
  annotations: Annotation[];
  findings: Finding[];
}

/** Reads everything but the signals; changes nothing. @throws as {@link openRecording} */
export async function inspectRecording(path: string, options: OpenOptions = {}): Promise<Inspection> {
  await using recording = await openRecording(path, options);
  const annotations = await recording.annotations();
  return { path, ...recording.header, annotations, findings: [...recording.findings] };
}

/** Whether a file in a folder should be tried: by its name, for text tables also by what stands in them. */
export async function looksLikeRecording(path: string): Promise<boolean> {
  if (hasExtension(edf, path)) return true;
  if (!hasExtension(csv, path)) return false;
  return csv.recognises(await readHead(path), path);
}

const headBytes = 64 << 10;

async function readHead(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw (error as { code?: string }).code === 'ENOENT'
      ? new AppError('not-found', `${path} does not exist; check the path or reconnect the drive.`, {
          cause: error,
        })
      : AppError.from(error);
  });
  try {
    if ((await file.stat()).isDirectory())
      throw new AppError('invalid-input', `${path} is a folder; name a recording inside it.`);
    const bytes = new Uint8Array(headBytes);
    const { bytesRead } = await file.read(bytes, 0, headBytes, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** By name first, so that a damaged file meets the reader that can say what is wrong; by content otherwise. */
function formatFor(path: string, head: Uint8Array): Format {
  const named = formats.find((format) => hasExtension(format, path));
  const recognised = formats.find((format) => format.recognises(head, path));
  const format =
    named === undefined || named.recognises(head, path) ? (named ?? recognised) : (recognised ?? named);
  if (format) return format;
  const known = knownOthers.find(([pattern]) => pattern.test(path));
  throw known
    ? new AppError('unsupported', `${path} is ${known[1]}`)
    : new AppError(
        'not-eeg',
        `${path} is not a recording that is known here; open EDF, BDF or a table with one column per electrode.`,
      );
}

const hasExtension = (format: Format, path: string) =>
  format.extensions.some((extension) => path.toLowerCase().endsWith(extension));

const convert = 'export it as EDF+ from the program that wrote it.';
const knownOthers: readonly [RegExp, string][] = [
  [/\.(vhdr|vmrk|eeg)$/i, `a BrainVision or Nihon Kohden file, which is not read yet; ${convert}`],
  [/\.(set|fdt)$/i, `an EEGLAB file, which is not read yet; ${convert}`],
  [/\.(cnt|avg)$/i, `a Neuroscan or ANT file, which is not read yet; ${convert}`],
  [/\.(fif|fif\.gz)$/i, `an MNE file, which is not read yet; ${convert}`],
  [/\.gdf$/i, `a GDF file, which is not read yet; ${convert}`],
  [/\.xdf$/i, `an XDF file, which is not read yet; ${convert}`],
  [
    /\.(mat|h5|hdf5|npy|npz|pkl|dat)$/i,
    `a data file without a fixed layout, which is not read yet; ${convert}`,
  ],
  [/\.(lay|e|21e|pnt|log|trc|nwb|mff)$/i, `a file of a recorder whose format is not read yet; ${convert}`],
  [/\.zip$/i, 'a ZIP archive; unpack it and choose the recordings inside.'],
  [/\.(edf|bdf)\.gz$/i, 'a packed recording; unpack it with gunzip and choose the recording.'],
];
