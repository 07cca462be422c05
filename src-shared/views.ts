/** What the page shows: plain records that services assemble from catalog and artifacts. Times in seconds, signals in µV. */
import type { Annotation, ChannelKind, Finding, Span } from './eeg/recording.ts';
import type { Mend } from './eeg/repair.ts';
import type { ChannelAnswer } from './eeg/lab-profile.ts';
import type { Manifest } from './artifacts.ts';
import type { JobEvent, JobRecord } from './jobs.ts';

export interface StudyView {
  name: string;
  path: string;
  recordings: number;
  subjects: number;
  hours: number;
  /** Channel questions still open. */
  questions: number;
  distillates: number;
  models: number;
  runs: number;
}

export interface SystemView {
  version: string;
  host: 'electron' | 'web';
  study: StudyView | null;
  /** Newest first; `missing` when the folder is not there now. */
  recent: { name: string; path: string; missing: boolean }[];
  engine: { name: string; device: string } | null;
  memory: { usedBytes: number; totalBytes: number };
  /** Requests to anything but this computer since the start; blocked where the host can block. */
  outsideRequests: number;
}

export interface EngineView {
  name: string;
  device: string;
  works: boolean;
  /** Why it cannot be used, or what was checked. */
  reason: string;
  gflops: number | null;
  chosen: boolean;
}

/** A source data set: recordings of one origin, with its own montage and its own share. */
export interface GroupView {
  name: string;
  /** One capital letter and a category colour 1–8. */
  letter: string;
  colour: number;
  recordings: number;
  subjects: number;
  hours: number;
  sites: string[];
  sfreqHz: number[];
  labels: Record<string, number>;
}

export interface RecordingRow {
  id: string;
  file: string;
  group: string;
  subject: string;
  format: string;
  bytes: number;
  startedAt: string | null;
  durationS: number;
  sfreqHz: number[];
  channels: number;
  mapped: number;
  questions: number;
  labels: number;
  gaps: number;
  /** 'ok' | 'findings' | 'unusable' | 'missing' (not at its place now). */
  status: 'ok' | 'findings' | 'unusable' | 'missing';
  /** Id of the recording with the same content. */
  duplicateOf: string | null;
  findings: Finding[];
  /** Share of bad segments, in up to 60 equal stretches of time, 0…1; null where not judged yet or a gap. */
  quality: (number | null)[];
}

export interface ChannelView {
  position: number;
  label: string;
  kind: ChannelKind;
  unit: string;
  sfreqHz: number;
  electrode: string | null;
  reference: string | null;
  bipolar: [string, string] | null;
  toMicrovolt: number;
  confidence: 'certain' | 'likely' | 'ask' | 'none';
  reason: string;
  disabled: string | null;
  bad: boolean;
}

/** A mark made by a person or found by the machine; annotations of the file come as `source: 'file'`. */
export interface MarkView {
  id: string;
  source: 'file' | 'human' | 'automatic';
  startS: number;
  durationS: number;
  text: string;
  channel: string | null;
  /** Found by the machine; with `source: 'human'` a person accepted it. */
  found?: boolean;
}

/** An automatic mark and what a person said of it. */
export interface AnsweredMark {
  mark: MarkView;
  answer: 'accepted' | 'rejected';
}

export interface RecordingDetail extends RecordingRow {
  path: string;
  sha256: string;
  prefilter: string;
  reference: string;
  spans: Span[];
  channelList: ChannelView[];
  annotations: Annotation[];
  marks: MarkView[];
  /** Automatic marks that are so no longer; `recordings.backToAutomatic` opens them again. */
  answered: AnsweredMark[];
  labelSpans: { startS: number; endS: number | null; label: string; trial: string }[];
  /** Montages that the algebra allows here, with their digit keys; `blockedBy` is the algebra in words. */
  montages: { id: string; name: string; key: string | null; blockedBy: string | null }[];
  usedIn: { id: string; kind: string; text: string }[];
}

/** A mended copy that was written earlier. */
export interface RepairedCopy {
  path: string;
  at: string;
  /** Still at its place. */
  there: boolean;
  /** Its id in this study; null when it was not added. */
  recording: string | null;
}

/** What a mended copy of a recording would be; nothing is written yet. */
export interface RepairPlanView {
  recording: string;
  file: string;
  sha256: string;
  /** Folder and full path of the copy to come. */
  folder: string;
  copy: string;
  /** Something of this name is there already. */
  taken: boolean;
  bytes: number;
  mends: Mend[];
  /** Newest first. */
  copies: RepairedCopy[];
  /** The recording that this file is a mended copy of. */
  copyOf: { id: string; file: string } | null;
}

export type RepairMessage =
  | { type: 'progress'; recording: string; done: number; total: number }
  | {
      type: 'written';
      recording: string;
      copy: string;
      bytes: number;
      mended: Mend[];
      /** What the copy still shows. */
      remaining: Finding[];
    }
  /** There was nothing to mend, or it could not be written; the others go on. */
  | { type: 'refused'; recording: string; code: string; message: string };

/** One derived trace of a page. */
export interface TraceView {
  label: string;
  group: string;
  hemisphere: 'left' | 'right' | 'midline' | 'none';
  kind: ChannelKind;
  /** 'µV', or what the values of a channel without voltage are counted in; '' for codes and where the file does not say. */
  unit: string;
  /** Which of the page's filters it went through: codes and counters none, breath not the low one. */
  filtered: 'all' | 'not-low' | 'none';
  sfreqHz: number;
  /** First value's offset and the count in the window's float32 data. */
  offset: number;
  count: number;
  /** Drawn in grey, left out of every mean; `note` says why. */
  bad: boolean;
  /** Why there is nothing to draw, e.g. 'T7 is not recorded'. */
  missing: string | null;
  /** What a reader should know: why it is bad, the bridge taken, the neighbours used. */
  note: string | null;
  /** Positions in the file of the channels it is made of. */
  channels: number[];
  /** Where `channel` (its position in the file) rests at its converter's limit, before any filter; s from the recording's start. */
  saturated: { startS: number; endS: number; channel: number }[];
  /** Where an EEG channel gives one value for half a second or more, before any filter. */
  stuck: { startS: number; endS: number; channel: number }[];
}

export interface WindowView {
  startS: number;
  seconds: number;
  traces: TraceView[];
  /** Float32 values in µV, little-endian, traces after one another; NaN inside gaps. */
  data: Blob;
  footer: string;
}

/** The minimap: per column the envelope and a coarse spectrogram of left and right. */
export interface OverviewView {
  columns: number;
  secondsPerColumn: number;
  /** Columns computed so far; the rest is being read. */
  ready: number;
  /** Float32 [4, columns]: left min, left max, right min, right max in µV; NaN in gaps. */
  envelope: Blob;
  /** Float32 [bands = 25, columns] dB re 1 µV²/Hz at 1 … 25 Hz. */
  spectrogram: Blob;
}

export interface SpectrumView {
  /** 50 or 60 where the mains stand out of the page: a notch would help. */
  mainsHz: number | null;
  frequencies: number[];
  /** dB re 1 µV²/Hz per trace. */
  traces: { label: string; hemisphere: TraceView['hemisphere']; power: number[] }[];
  peakHz: number | null;
}

export interface PatternView {
  id: string;
  recordings: number;
  groups: string[];
  labels: string[];
  questions: number;
  reference: string;
  bipolar: boolean;
  channels: (ChannelView & {
    /** Key of the answer in the lab profile. */
    name: string;
    /** What is asked and the answers offered; none when settled. */
    question: string | null;
    choices: { answer: ChannelAnswer; text: string }[];
  })[];
}

export interface CoverageView {
  electrodes: string[];
  counts: number[];
  recordings: {
    id: string;
    subject: string;
    group: string;
    /** '1' present, '0' absent, '?' asked, one per electrode. */ present: string;
  }[];
}

export interface SegmentsView {
  id: string;
  hash: string;
  segments: number;
  hours: number;
  groups: {
    name: string;
    electrodes: number;
    sfreqHz: number;
    windowS: number;
    segments: number;
    subjects: number;
    hours: number;
  }[];
  rejected: Record<string, number>;
  createdAt: string;
  params: Record<string, unknown>;
}

export interface MethodRow {
  name: string;
  label: string;
  kept: number;
  /** Coverage radius in our embedding, in units of `difference`. */
  radius: number;
  /** Low and high over seeds, for chance. */
  radiusRange: [number, number] | null;
  /** Share of its picks that are also in ours. */
  overlap: number | null;
}

export interface DistillateView {
  id: string;
  hash: string;
  createdAt: string;
  seconds: Record<string, number>;
  segments: number;
  hours: number;
  keep: number;
  orderUpTo: number;
  kept: number;
  rejected: number;
  /** 1 difference = median distance of back-to-back segments of one recording, per group. */
  radius: number;
  groups: { name: string; segments: number; kept: number; rejected: number; radius: number }[];
  /** Shares on a log grid and the farthest left out at each, per method; the slider moves along 'limbeck'. */
  curve: {
    share: number[];
    methods: { name: string; label: string; radius: number[]; low?: number[]; high?: number[] }[];
  };
  methods: MethodRow[];
  /** Before and kept counts per subject, label, group and recording at each share of `curve`, so that the slider calls nothing. */
  tables: {
    by: 'subject' | 'label' | 'group' | 'hour';
    rows: { name: string; before: number; kept: number[] }[];
  }[];
  /** In words, with a level: collapsed latents, one subject dominating, … */
  health: { level: 'ok' | 'warning' | 'error'; text: string }[];
  params: Record<string, unknown>;
  seed: number;
}

/** The map of segments: drawn points, kept ones first. */
export interface SegmentMapView {
  count: number;
  total: number;
  /** Float32 [count, 2], centred, larger axis within ±1. */
  points: Blob;
  /** Int32 [count] segment index. */
  index: Blob;
  /** Float32 [count] share at which the segment is kept; 2 = never in this order, 3 = rejected. */
  share: Blob;
  /** Uint8 [count] into the names. */
  groupOf: Blob;
  labelOf: Blob;
  groups: string[];
  labels: string[];
}

export interface SegmentPlace {
  index: number;
  recording: string;
  file: string;
  subject: string;
  group: string;
  startS: number;
  durationS: number;
  label: string | null;
}

export interface SegmentExplanation {
  place: SegmentPlace;
  fate: 'kept' | 'left-out' | 'rejected';
  /** 1-based place in the order of its group; null when rejected or not ordered. */
  order: number | null;
  ofKept: number;
  /** Three or four sentences. */
  reasons: string[];
  /** Kept: nearest one chosen before it. Left out: the kept one it resembles. */
  nearest: (SegmentPlace & { distance: number }) | null;
  standsFor: SegmentPlace[];
  standsForCount: number;
}

export interface RejectedTile {
  place: SegmentPlace;
  score: number;
  reason: string;
}

export interface ModelView {
  id: string;
  hash: string;
  kind: 'pretrained' | 'classifier' | 'calibrated';
  recipe: string;
  parent: string | null;
  createdAt: string;
  seconds: number;
  engine: string;
  parameters: number;
  segments: number;
  subjects: number;
  subset: string;
  electrodes: string[];
  classes: string[];
  curves: Curve[];
  /** '98 of 98 tensors' when it started from another. */
  weights: { loaded: number; of: number } | null;
  health: { level: 'ok' | 'warning' | 'error'; text: string }[];
  evaluation: string | null;
  /** Its one number on held-out data, beside chance. */
  headline: {
    name: string;
    value: number;
    low: number | null;
    high: number | null;
    chance: number | null;
    /** What was counted, with its number: '210 channels of 2 subjects'. Absent in models made before it was kept. */
    of?: string;
  } | null;
  params: Record<string, unknown>;
}

export interface Curve {
  series: string;
  split: 'training' | 'held-out';
  x: number[];
  y: number[];
}

export interface CalibrationView {
  id: string;
  subject: string;
  chance: number;
  luck: number;
  classes: string[];
  points: {
    minutes: number;
    accuracy: number;
    low: number;
    high: number;
    draws: number[];
    /** Segments tested in a draw, and the clips they are of: only clips are independent. */
    test: number;
    /** Absent in files written before it was counted. */
    trials?: number;
  }[];
}

export interface ExportView {
  id: string;
  createdAt: string;
  what: string;
  of: string;
  formats: string[];
  out: string;
  files: number;
  bytes: number;
  readBack: 'equal';
  identifiersFound: number;
}

export interface CardDraft {
  title: string;
  fields: { name: string; label: string; text: string; required: boolean }[];
  deidentification: {
    field: string;
    action: 'removed' | 'replaced' | 'kept' | 'not applicable';
    how: string;
  }[];
}

export interface Estimate {
  phases: { name: string; lowS: number; highS: number }[];
  lowS: number;
  highS: number;
  diskBytes: number;
  diskFreeBytes: number;
  memoryBytes: number;
  memoryFreeBytes: number;
  engine: string;
  /** 'Measured on this computer in run …' or 'From a probe of this engine'. */
  basis: string;
}

export interface JobView extends JobRecord {
  events: { at: string; event: JobEvent }[];
  curves: Curve[];
}

export interface RunRow {
  id: string;
  kind: string;
  title: string;
  status: JobRecord['status'];
  startedAt: string | null;
  seconds: number | null;
  engine: string;
  seed: number;
  artifact: string | null;
  result: string;
  supersededBy: string | null;
}

export interface LineageView {
  artifacts: Pick<
    Manifest,
    'id' | 'kind' | 'hash' | 'createdAt' | 'inputs' | 'engine' | 'seed' | 'seconds'
  >[];
}

export interface AuditView {
  entries: { position: number; at: string; what: string; facts: Record<string, unknown>; hash: string }[];
  /** Position of the first entry that was changed after it was written; null: the chain is whole. */
  firstBroken: number | null;
}

export interface FolderEntry {
  name: string;
  path: string;
  kind: 'folder' | 'recording' | 'other';
  bytes: number;
}
