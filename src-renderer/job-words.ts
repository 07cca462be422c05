/** Jobs in words: what they are called, where they are shown, how far they are. */
import type { JobKind, JobRecord, JobStatus } from '#shared/jobs.ts';
import { count, duration } from './words.ts';

export const kindWords: Record<JobKind, string> = {
  sample: 'Sample study',
  import: 'Import',
  prepare: 'Prepare segments',
  distill: 'Distil',
  pretrain: 'Pre-train',
  finetune: 'Fine-tune',
  calibrate: 'Calibrate',
  export: 'Export',
};

export const statusWords: Record<
  JobStatus,
  { text: string; level: 'plain' | 'ok' | 'warn' | 'danger' | 'accent' }
> = {
  queued: { text: 'waiting', level: 'plain' },
  running: { text: 'running', level: 'accent' },
  done: { text: 'done', level: 'ok' },
  stopped: { text: 'stopped by hand, kept', level: 'plain' },
  discarded: { text: 'stopped by hand, discarded', level: 'plain' },
  failed: { text: 'ended early', level: 'danger' },
  interrupted: { text: 'interrupted', level: 'warn' },
};

const endedEarly: readonly JobStatus[] = ['interrupted', 'failed', 'discarded'];

/**
 * The later run that was asked for the same after this one had ended early: that one tells how it went on. Runs recorded
 * before this was kept are told by their command line.
 */
export function wentOnAs(
  job: Pick<JobRecord, 'id' | 'kind' | 'status' | 'command' | 'createdAt' | 'supersededBy'>,
  jobs: readonly Pick<JobRecord, 'id' | 'kind' | 'command' | 'createdAt'>[],
): string | null {
  if (job.supersededBy !== null) return job.supersededBy;
  if (!endedEarly.includes(job.status)) return null;
  const later = jobs
    .filter(
      ({ id, kind, command, createdAt }) =>
        id !== job.id && kind === job.kind && command === job.command && createdAt > job.createdAt,
    )
    .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  return later[0]?.id ?? null;
}

/** Where a kind of job has its list and its screens. */
export const kindPlace: Record<JobKind, string> = {
  sample: '/runs',
  import: '/runs',
  prepare: '/runs',
  distill: '/distil',
  pretrain: '/pretrain',
  finetune: '/calibrate',
  calibrate: '/calibrate',
  export: '/export',
};

/** The live screen while it runs; the same address shows the result at the end. */
export function jobPlace(job: Pick<JobRecord, 'id' | 'kind'>): string {
  return `${kindPlace[job.kind]}/${encodeURIComponent(job.id)}`;
}

/** Where what it made is shown; null when it made nothing with a screen of its own. */
export function resultPlace(job: Pick<JobRecord, 'kind' | 'artifact'>): string | null {
  if (job.kind === 'import' || job.kind === 'sample') return '/recordings';
  if (job.artifact === null || job.kind === 'prepare') return null;
  return `${kindPlace[job.kind]}/${encodeURIComponent(job.artifact)}`;
}

/** 0…1 of the whole: phases count alike, the current one by its own progress. */
export function jobShare(job: Pick<JobRecord, 'phases' | 'phase' | 'progress'>): number {
  const within = job.progress && job.progress.total > 0 ? job.progress.done / job.progress.total : 0;
  return job.phases.length === 0
    ? within
    : Math.min(1, (job.phase + Math.min(1, within)) / job.phases.length);
}

/** 'Learn, 1,204 of 3,000 steps'. */
export function progressWords(job: Pick<JobRecord, 'phases' | 'phase' | 'progress' | 'status'>): string {
  if (job.status === 'queued') return 'waiting its turn';
  const phase = job.phases[job.phase] ?? '';
  return [phase, progressDetail(job.progress)].filter(Boolean).join(', ');
}

/** '1,204 of 3,000 steps', '112 of 301 files'; lengths of EEG in hours and minutes. */
export function progressDetail(progress: JobRecord['progress']): string {
  if (!progress || progress.total <= 0) return '';
  const { done, total, unit } = progress;
  const eeg = /^s of (.+)$/.exec(unit)?.[1];
  if (eeg) return `${duration(done)} of ${duration(total)} of ${eeg}`;
  return `${count(done)} of ${count(total)} ${unit}`.trim();
}
