/** How Limbeck reads any recording: header first, then windows of samples, never the whole file. */
import type { Annotation, Finding, RecordingHeader } from '#shared/eeg/recording.ts';

/**
 * A format. `readers.ts` holds the table of them; adding a format is one folder and one line there.
 */
export interface Format {
  id: string;
  /** Lower case, with the dot: ['.edf', '.rec']. */
  extensions: readonly string[];
  /** Whether the first bytes look like this format, whatever the file is called. */
  recognises(head: Uint8Array, path: string): boolean;
  /**
   * Opens for reading only. Resolves as soon as header and timeline are known; annotations may need a pass over the file.
   *
   * @throws AppError 'not-eeg' | 'damaged-file' | 'not-found' when nothing at all can be read
   */
  open(path: string): Promise<Recording>;
}

/** An open file. Always `close()` it; `await using recording = …` does. */
export interface Recording extends AsyncDisposable {
  readonly path: string;
  readonly header: RecordingHeader;
  /** Everything odd found so far; grows when annotations are read. */
  readonly findings: readonly Finding[];
  /** Reads the annotations (once; may scan the file, a record at a time, memory flat). */
  annotations(): Promise<Annotation[]>;
  /**
   * Physical values of some channels, each at its own rate, in µV for voltages and else in the channel's own unit.
   *
   * Sample j of a channel with rate f is at time j / f from the recording's start; the window holds the samples with
   * round(startS · f) ≤ j < round((startS + seconds) · f). Samples inside a gap, outside the file or of a disabled channel are NaN.
   *
   * @param channels positions in `header.channels`
   * @returns one Float32Array per asked channel, in that order
   */
  read(startS: number, seconds: number, channels: readonly number[]): Promise<Float32Array[]>;
  /**
   * The values that {@link Recording.read} gives, put into arrays that the caller uses again: for passes over whole recordings.
   *
   * @param targets one per channel; its length says how many samples, from round(startS · f)
   */
  readInto(startS: number, channels: readonly number[], targets: readonly Float32Array[]): Promise<void>;
  close(): Promise<void>;
}
