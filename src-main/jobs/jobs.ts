/** The table of jobs: the only list to edit when adding one. */
import type { JobKind } from '#shared/jobs.ts';
import { calibrate } from './calibrate.ts';
import { distill } from './distill.ts';
import { exportArtifact } from './export.ts';
import { finetune } from './finetune.ts';
import { importRecordings } from './import.ts';
import type { Job } from './job.ts';
import { prepare } from './prepare.ts';
import { pretrain } from './pretrain.ts';
import { sample } from './sample.ts';

export type { CalibrateSpec } from './calibrate.ts';
export type { DistillSpec } from './distill.ts';
export type { ExportSpec } from './export.ts';
export type { FinetuneSpec } from './finetune.ts';
export type { ImportSpec } from './import.ts';
export type { PrepareSpec } from './prepare.ts';
export type { PretrainSpec } from './pretrain.ts';
export type { SampleSpec } from './sample.ts';

export const jobs = {
  sample,
  import: importRecordings,
  prepare,
  distill,
  pretrain,
  finetune,
  calibrate,
  export: exportArtifact,
} satisfies Record<JobKind, Job<never>>;
