/** What each kind of job is asked with: one schema feeds the wizard's form, the call, the command line and the manifest. */
import { type } from '@orpc/contract';
import * as z from 'zod';
import type { JobEvent, JobRecord } from './jobs.ts';
import { distillParams } from './params/distill.ts';
import { exportParams } from './params/export.ts';
import { calibrateParams, finetuneParams } from './params/finetune.ts';
import { prepareParams } from './params/prepare.ts';
import { pretrainParams } from './params/pretrain.ts';
import { sampleParams } from './params/sample.ts';

/** Ids may be '' where "the newest" is meant; the service fills them in before the job is queued. */
const artifact = z.string().max(100).default('');

export const sampleInput = z.object({ kind: z.literal('sample'), params: sampleParams.prefault({}) });
export const importInput = z.object({
  kind: z.literal('import'),
  paths: z.array(z.string().min(1)).min(1),
  /** Name of the source data set; '' takes the folder's name. */
  dataset: z.string().max(100).default(''),
  /** Label table, CSV; '' for none. */
  labels: z.string().default(''),
});
export const prepareInput = z.object({
  kind: z.literal('prepare'),
  /** Data sets by name; none: all. */
  datasets: z.array(z.string()).default([]),
  params: prepareParams.prefault({}),
});
export const distillInput = z.object({
  kind: z.literal('distill'),
  segments: artifact,
  params: distillParams.prefault({}),
});
export const pretrainInput = z.object({
  kind: z.literal('pretrain'),
  segments: artifact,
  /** A distillate's id, 'full' or 'random' (as many as the newest distillate keeps, without replacement). */
  subset: z.string().max(100).default(''),
  /** Share of the subset's order; 0: as distilled. For 'random': share of all. */
  keep: z.number().min(0).max(1).default(0),
  /** Name of another method in the distillate's comparison whose picks are used instead: 'random-0', 'pca', 'raw'. */
  by: z.string().max(40).default(''),
  parent: artifact,
  params: pretrainParams.prefault({}),
});
export const finetuneInput = z.object({
  kind: z.literal('finetune'),
  segments: artifact,
  /** A pre-trained model; 'none' starts from random weights. */
  model: artifact,
  /** Labels to tell apart; none: all that occur. */
  labels: z.array(z.string()).default([]),
  /** Restrict to one data set; '' uses all. */
  dataset: z.string().default(''),
  params: finetuneParams.prefault({}),
});
export const calibrateInput = z.object({
  kind: z.literal('calibrate'),
  segments: artifact,
  model: artifact,
  labels: z.array(z.string()).default([]),
  dataset: z.string().default(''),
  params: calibrateParams,
});
export const exportInput = z.object({ kind: z.literal('export'), params: exportParams });

export const jobInput = z.discriminatedUnion('kind', [
  sampleInput,
  importInput,
  prepareInput,
  distillInput,
  pretrainInput,
  finetuneInput,
  calibrateInput,
  exportInput,
]);
export type JobInput = z.infer<typeof jobInput>;
/** As a form or a script may give it: defaults left out. */
export type JobRequest = z.input<typeof jobInput>;

export interface JobMessage {
  job: JobRecord;
  /** What happened; absent when only the record changed. */
  event?: JobEvent;
}
export const jobEventMessage = type<JobMessage>();
