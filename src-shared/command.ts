/** The command line that does what a form says; only what differs from the defaults is spelled out. */
import type * as z from 'zod';
import { fieldsOf, toFlag } from './fields.ts';
import {
  calibrateInput,
  distillInput,
  exportInput,
  finetuneInput,
  importInput,
  prepareInput,
  pretrainInput,
  sampleInput,
  type JobInput,
} from './job-input.ts';
import { distillParams } from './params/distill.ts';
import { exportParams } from './params/export.ts';
import { calibrateParams, finetuneParams } from './params/finetune.ts';
import { prepareParams } from './params/prepare.ts';
import { pretrainParams } from './params/pretrain.ts';
import { sampleParams } from './params/sample.ts';
import type { JobKind } from './jobs.ts';

/** The two schemas that a verb's flags come from: what to work on, and how. */
export const verbSchemas: Record<JobKind, { input: z.ZodObject; params: z.ZodObject | null }> = {
  sample: { input: sampleInput, params: sampleParams },
  import: { input: importInput, params: null },
  prepare: { input: prepareInput, params: prepareParams },
  distill: { input: distillInput, params: distillParams },
  pretrain: { input: pretrainInput, params: pretrainParams },
  finetune: { input: finetuneInput, params: finetuneParams },
  calibrate: { input: calibrateInput, params: calibrateParams },
  export: { input: exportInput, params: exportParams },
};

/** 'limbeck distill --study DIR --keep 0.1'. @param study shown as given */
export function toCommand(study: string, job: JobInput): string {
  const words = ['limbeck', job.kind, '--study', study];
  const { kind, ...input } = job;
  const { params, ...own } = input as { params?: Record<string, unknown> } & Record<string, unknown>;
  const { input: inputSchema, params: paramSchema } = verbSchemas[kind];
  if (kind === 'import') words.push(...(own['paths'] as string[]));
  words.push(...flags(inputSchema, own, ['kind', 'paths']));
  if (paramSchema && params) words.push(...flags(paramSchema, params, []));
  return words.map(quote).join(' ');
}

function flags(schema: z.ZodObject, values: Record<string, unknown>, skip: string[]): string[] {
  return fieldsOf(schema)
    .filter((field) => !skip.includes(field.name))
    .flatMap((field) => {
      const value = values[field.name];
      if (value === undefined || JSON.stringify(value) === JSON.stringify(field.default)) return [];
      if (field.kind === 'boolean') return [value ? `--${field.flag}` : `--no-${field.flag}`];
      const text = Array.isArray(value) ? value.join(',') : String(value);
      // A value that begins with a dash would be taken for a flag.
      return text.startsWith('-') ? [`--${toFlag(field.name)}=${text}`] : [`--${toFlag(field.name)}`, text];
    });
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
