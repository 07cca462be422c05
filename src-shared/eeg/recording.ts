/** What a file of EEG is, whatever its format: channels with their own rates, recorded spans, annotations, findings. */

export type ChannelKind =
  'eeg' | 'eog' | 'ecg' | 'emg' | 'resp' | 'acc' | 'trigger' | 'annotations' | 'aux' | 'unknown';

export interface Channel {
  /** Exactly as in the file, trimmed. Not necessarily unique: position in the file is the identity. */
  label: string;
  /** First guess from label and unit alone; channel-map refines it. */
  kind: ChannelKind;
  /** The file's own unit, as written ('uV', 'mV', 'V', 'degC', ''). */
  unit: string;
  /** Multiply a value in `unit` by this to get µV; 1 for anything that is not a voltage. */
  toMicrovolt: number;
  sfreqHz: number;
  /** Samples in all spans together. */
  samples: number;
  /** The file's own filter text, e.g. 'HP:0.1Hz LP:75Hz N:50Hz'. */
  prefilter: string;
  transducer: string;
  physicalMin: number;
  physicalMax: number;
  digitalMin: number;
  digitalMax: number;
  /** Set when this channel cannot be used, with the reason; its values read as NaN. */
  disabled?: string;
}

/** A stretch of time without gaps, seconds from the recording's start, end exclusive. */
export interface Span {
  startS: number;
  endS: number;
}

export interface Annotation {
  onsetS: number;
  /** 0 for a point in time. */
  durationS: number;
  text: string;
  /** The one channel it belongs to, when the file says so ('text@@label'). */
  channel?: string;
}

export type Severity = 'info' | 'warning' | 'error';

/** One oddity of a file, told the way a clinician can act upon. */
export interface Finding {
  /** Stable kebab-case code, e.g. 'record-count-missing'. */
  code: string;
  severity: Severity;
  /** Where in the file or time: 'Header byte 236: "-1"', '00:12:03 – 00:12:45', 'Channel T8'. */
  where: string;
  /** What follows for the user. */
  effect: string;
  /** What to do, or what was done. */
  remedy: string;
}

export interface RecordingHeader {
  /** 'EDF', 'EDF+C', 'EDF+D', 'BDF', 'BDF+C', 'BDF+D', 'CSV (Emotiv)', … */
  format: string;
  bytes: number;
  /** Local clock of the recording, 'YYYY-MM-DDTHH:MM:SS[.fff]', never with a time zone; null when unknown. */
  startedAt: string | null;
  /** From first to last recorded instant, gaps included. */
  durationS: number;
  spans: Span[];
  channels: Channel[];
  /** What the file says about the person; never shown or exported unless asked for. */
  patient: string;
  recordingInfo: string;
}
