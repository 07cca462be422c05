/** The command line that does what a form says; only what differs from the defaults is spelled out. */
import type * as z from 'zod';
import { fieldsOf, type Field } from './fields.ts';
import { joinList } from './list-text.ts';
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
import { exportCard, exportParams } from './params/export.ts';
import { calibrateParams, finetuneParams } from './params/finetune.ts';
import { prepareParams } from './params/prepare.ts';
import { pretrainParams } from './params/pretrain.ts';
import { sampleParams } from './params/sample.ts';
import type { JobKind } from './jobs.ts';

interface VerbSchemas {
  /** What to work on. */
  input: z.ZodObject;
  /** How. */
  params: z.ZodObject | null;
  /** A part of the parameters with flags of its own: `--card-title` for the card's title, `--card FILE.json` for all at once. */
  part?: { name: string; schema: z.ZodObject };
}

/** The schemas that a verb's flags come from. */
export const verbSchemas: Record<JobKind, VerbSchemas> = {
  sample: { input: sampleInput, params: sampleParams },
  import: { input: importInput, params: null },
  prepare: { input: prepareInput, params: prepareParams },
  distill: { input: distillInput, params: distillParams },
  pretrain: { input: pretrainInput, params: pretrainParams },
  finetune: { input: finetuneInput, params: finetuneParams },
  calibrate: { input: calibrateInput, params: calibrateParams },
  export: { input: exportInput, params: exportParams, part: { name: 'card', schema: exportCard } },
};

/** 'limbeck distill --study DIR --keep 0.1'. @param study shown as given */
export function toCommand(study: string, job: JobInput): string {
  const words = ['limbeck', job.kind, '--study', study];
  const { kind, ...input } = job;
  const { params, ...own } = input as { params?: Record<string, unknown> } & Record<string, unknown>;
  const { input: inputSchema, params: paramSchema } = verbSchemas[kind];
  const part = partFields(kind);
  if (kind === 'import') words.push(...(own['paths'] as string[]));
  words.push(...flags(fieldsOf(inputSchema), own, ['kind', 'paths']));
  if (paramSchema && params) words.push(...flags(fieldsOf(paramSchema), params));
  if (part && params) words.push(...flags(part.fields, (params[part.name] ?? {}) as Record<string, unknown>));
  return words.map(quote).join(' ');
}

/** Fields of a verb's part, named as in the part, flagged with its name before: 'card-title'. */
export function partFields(kind: JobKind): { name: string; schema: z.ZodObject; fields: Field[] } | null {
  const { part } = verbSchemas[kind];
  if (!part) return null;
  const fields = fieldsOf(part.schema).map((field) => ({ ...field, flag: `${part.name}-${field.flag}` }));
  return { ...part, fields };
}

function flags(fields: readonly Field[], values: Record<string, unknown>, skip: string[] = []): string[] {
  return fields
    .filter((field) => !skip.includes(field.name))
    .flatMap((field) => {
      const value = values[field.name];
      if (value === undefined || JSON.stringify(value) === JSON.stringify(field.default)) return [];
      if (field.kind === 'boolean') return [value ? `--${field.flag}` : `--no-${field.flag}`];
      const text = Array.isArray(value) ? joinList(value.map(String)) : String(value);
      // A value that begins with a dash would be taken for a flag.
      return text.startsWith('-') ? [`--${field.flag}=${text}`] : [`--${field.flag}`, text];
    });
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
