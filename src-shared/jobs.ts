/** Jobs as both sides see them: what can be asked for, what is told while it runs, how it can end. */
import type { FileVerdict } from './eeg/imported.ts';

export const jobKinds = [
  'sample',
  'import',
  'prepare',
  'distill',
  'pretrain',
  'finetune',
  'calibrate',
  'export',
] as const;
export type JobKind = (typeof jobKinds)[number];

export const jobStatuses = [
  'queued',
  'running',
  'done',
  'stopped', // by hand, result kept
  'discarded', // by hand, result thrown away
  'failed',
  'interrupted', // the process ended while it ran; can be resumed
] as const;
export type JobStatus = (typeof jobStatuses)[number];

export type JobEvent =
  | { type: 'phases'; names: string[] }
  /** A phase begins; those before it are done. */
  | { type: 'phase'; index: number }
  | { type: 'progress'; done: number; total: number; unit: string }
  /** One point of a curve. `x` is the unit the curve runs over, e.g. passes. */
  | { type: 'metric'; series: string; split: 'training' | 'held-out'; x: number; value: number }
  /** Files that an import has been through, in the order of reading. */
  | { type: 'files'; files: FileVerdict[] }
  /** A line for *In words* and the log. */
  | { type: 'note'; level: 'info' | 'ok' | 'warning' | 'error'; text: string };

/** Where long work tells how far it is and learns that it should end. Implemented by the job context, by a stub in tests. */
export interface Progress {
  /** Aborted: give up within one step; what was checkpointed stays. */
  readonly signal: AbortSignal;
  /** True once the user asked to stop and keep: finish with what there is. */
  stopRequested(): boolean;
  report(event: JobEvent): void;
}

/** Everything a run needs to go on as if it had not been interrupted. */
export interface Checkpoint {
  /** Named tensors: weights, buffers, optimizer moments. */
  tensors: Record<string, { shape: number[]; data: Float32Array }>;
  /** Step, epoch, random state, batch order, best so far, history: plain JSON. */
  state: Record<string, unknown>;
}

export interface CheckpointStore {
  load(): Promise<Checkpoint | null>;
  /** Replaces the previous one atomically. */
  save(checkpoint: Checkpoint): Promise<void>;
}

export interface JobRecord {
  id: string;
  kind: JobKind;
  title: string;
  status: JobStatus;
  createdAt: string;
  startedAt: string | null;
  endedAt: string | null;
  /** What was asked for, as validated; the same input again gives the same artifact. */
  input: Record<string, unknown>;
  /** The command line that does the same. */
  command: string;
  phases: string[];
  phase: number;
  progress: { done: number; total: number; unit: string } | null;
  etaS: number | null;
  /** Id of the artifact it made. */
  artifact: string | null;
  engine: string;
  error: { code: string; message: string } | null;
  /** The later run that was asked for the same after this one had ended early: that one tells how it went on. */
  supersededBy: string | null;
}
