/** What a job is: a function of a plain specification and a context that knows neither process nor database. */
import type { EngineName } from '#main/engine/engine.ts';
import type { Manifest } from '#shared/artifacts.ts';
import type { ImportedRecording } from '#shared/eeg/imported.ts';
import type { LabelSpan } from '#shared/eeg/segment.ts';
import type { CheckpointStore, JobEvent, JobKind, Progress } from '#shared/jobs.ts';

export interface JobContext extends Progress {
  readonly studyDir: string;
  /** Threads that selection and preparing may use. */
  readonly workers: number;
  /** 'auto' or an engine by name. */
  readonly engine: string;
  /** Engines that stopped computing in this run, first one first: it goes on with another. */
  readonly lostEngines: readonly EngineName[];
  /** Tells which engine really computes. */
  engineChosen(name: string): void;
  /** The clock, ISO 8601 with zone; the only time a job sees. */
  now(): string;
  /** Where a named part of this work keeps its checkpoint; survives the process. */
  checkpoints(name: string): CheckpointStore & { remove(): Promise<void> };
  /** Rows that main writes into the catalog at once, so that an interrupted import keeps what it has. */
  recorded(recordings: ImportedRecording[]): void;
}

/** Segments that one recording gave to a prepared store. */
export interface RecordingYield {
  recording: string;
  segments: number;
  rejected: Record<string, number>;
  quality: (number | null)[];
}

export interface JobOutput {
  /** The artifacts made, in the order in which they depend on each other; the last is the result. */
  artifacts: Manifest[];
  yields?: RecordingYield[];
  /** Labels by recording, from a label table; they replace what an earlier table said. */
  labels?: { recording: string; subject?: string; spans: Omit<LabelSpan, 'recording'>[] }[];
  /** The outcome in a sentence. */
  result: string;
  /** Facts for the command line's JSON. */
  facts: Record<string, unknown>;
}

export type Job<Spec> = (spec: Spec, context: JobContext) => Promise<JobOutput>;

/** What a worker process is started with; written to disk, because a specification may be large. */
export interface JobOrder {
  kind: JobKind;
  studyDir: string;
  engine: string;
  workers: number;
  spec: unknown;
}

export type WorkerMessage =
  | { type: 'event'; event: JobEvent }
  | { type: 'engine'; name: string }
  | { type: 'recorded'; recordings: ImportedRecording[] }
  | { type: 'done'; output: JobOutput }
  | { type: 'failed'; error: { code: string; message: string; details: Record<string, unknown> } };

/** keep: finish with what there is · pause: give up, checkpoints stay · discard: give up, throw away. */
export type StopHow = 'keep' | 'pause' | 'discard';
