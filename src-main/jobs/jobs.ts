/** The table of jobs: the only list to edit when adding one. Each is loaded when it runs, so an import needs no tensors. */
import type { JobKind } from '#shared/jobs.ts';
import type { Job } from './job.ts';

export type { CalibrateSpec } from './calibrate.ts';
export type { DistillSpec } from './distill.ts';
export type { ExportSpec } from './export.ts';
export type { FinetuneSpec } from './finetune.ts';
export type { ImportSpec } from './import.ts';
export type { PrepareSpec } from './prepare.ts';
export type { PretrainSpec } from './pretrain.ts';
export type { SampleSpec } from './sample.ts';

export const jobs: Record<JobKind, () => Promise<Job<never>>> = {
  sample: async () => (await import('./sample.ts')).sample,
  import: async () => (await import('./import.ts')).importRecordings,
  prepare: async () => (await import('./prepare.ts')).prepare,
  distill: async () => (await import('./distill.ts')).distill,
  pretrain: async () => (await import('./pretrain.ts')).pretrain,
  finetune: async () => (await import('./finetune.ts')).finetune,
  calibrate: async () => (await import('./calibrate.ts')).calibrate,
  export: async () => (await import('./export.ts')).exportArtifact,
};
