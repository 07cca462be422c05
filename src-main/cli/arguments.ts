/** Turns words of a command line into a validated request; flags come from the parameter schemas. */
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { AppError } from '#shared/errors.ts';
import { verbSchemas } from '#shared/command.ts';
import { fieldsOf, fromText, type Field } from '#shared/fields.ts';
import { jobInput, type JobInput } from '#shared/job-input.ts';
import type { JobKind } from '#shared/jobs.ts';

/** Wrong usage: exit status 2. */
export class UsageError extends Error {}

export interface CommonFlags {
  study: string;
  json: boolean;
  quiet: boolean;
  engine: string;
  workers: number | undefined;
  inline: boolean;
  help: boolean;
}

export type FlagValues = Record<string, string | boolean | undefined>;

const common: NonNullable<ParseArgsConfig['options']> = {
  study: { type: 'string' },
  json: { type: 'boolean' },
  quiet: { type: 'boolean' },
  engine: { type: 'string' },
  workers: { type: 'string' },
  inline: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
};

/** @param own flags of this verb besides the common ones */
export function readWords(
  words: string[],
  own: NonNullable<ParseArgsConfig['options']>,
): { flags: CommonFlags; values: FlagValues; rest: string[] } {
  try {
    const { values, positionals } = parseArgs({
      args: words,
      options: { ...common, ...own },
      allowPositionals: true,
      allowNegative: true,
    });
    const given = values as FlagValues;
    const workers = given['workers'] === undefined ? undefined : Number(given['workers']);
    if (workers !== undefined && !(Number.isInteger(workers) && workers >= 1 && workers <= 256)) {
      throw new UsageError(`--workers takes a whole number from 1 to 256, not ${given['workers']}.`);
    }
    const engine = String(given['engine'] ?? 'auto');
    if (!['auto', 'tensorflow', 'webgpu', 'wasm', 'cpu'].includes(engine)) {
      throw new UsageError(`--engine takes auto, tensorflow, webgpu, wasm or cpu, not ${engine}.`);
    }
    return {
      flags: {
        study: String(given['study'] ?? ''),
        json: given['json'] === true,
        quiet: given['quiet'] === true,
        engine,
        workers,
        inline: given['inline'] === true,
        help: given['help'] === true,
      },
      values: given,
      rest: positionals,
    };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** The flags of a verb that starts a job: its inputs and its parameters, each by its schema's name. */
export function fieldsOfVerb(kind: JobKind): { input: Field[]; params: Field[] } {
  const { input, params } = verbSchemas[kind];
  return {
    input: fieldsOf(input).filter((field) => !['kind', 'paths', 'params'].includes(field.name)),
    params: params ? fieldsOf(params) : [],
  };
}

export function optionsOf(fields: readonly Field[]): NonNullable<ParseArgsConfig['options']> {
  return Object.fromEntries(
    fields.map((field) => [field.flag, { type: field.kind === 'boolean' ? 'boolean' : 'string' } as const]),
  );
}

/** Another name that the command line contract gives to a flag. */
const aliases: Partial<Record<JobKind, Record<string, string>>> = {
  export: { format: 'formats' },
  pretrain: { epochs: 'passes' },
};

export function requestOf(kind: JobKind, values: FlagValues, rest: string[]): JobInput {
  const { input, params } = fieldsOfVerb(kind);
  const renamed = { ...values };
  for (const [alias, name] of Object.entries(aliases[kind] ?? {})) renamed[name] ??= renamed[alias];
  const request = {
    kind,
    ...(kind === 'import' ? { paths: rest } : {}),
    ...take(input, renamed),
    ...(params.length > 0 ? { params: take(params, renamed) } : {}),
  };
  const parsed = jobInput.safeParse(request);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const field = [...input, ...params].find((each) => issue.path.includes(each.name));
  throw new UsageError(field ? `--${field.flag}: ${issue.message}${limits(field)}` : issue.message);
}

export function aliasOptions(kind: JobKind): NonNullable<ParseArgsConfig['options']> {
  return Object.fromEntries(
    Object.keys(aliases[kind] ?? {}).map((alias) => [alias, { type: 'string' } as const]),
  );
}

function take(fields: readonly Field[], values: FlagValues): Record<string, unknown> {
  return Object.fromEntries(
    fields.flatMap((field) => {
      const value = values[field.flag];
      if (value === undefined) return [];
      return [[field.name, typeof value === 'boolean' ? value : fromText(field, value)]];
    }),
  );
}

function limits(field: Field): string {
  if (field.choices.length > 0 && field.kind === 'choice') return ` (one of ${field.choices.join(', ')})`;
  if (field.minimum !== null && field.maximum !== null) return ` (from ${field.minimum} to ${field.maximum})`;
  return '';
}

/** A whole number or a share, for verbs without a schema. @throws UsageError */
export function numberOf(values: FlagValues, flag: string, otherwise: number): number {
  const text = values[flag];
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!Number.isFinite(value)) throw new UsageError(`--${flag} takes a number, not ${text}.`);
  return value;
}

export function refuseUnless(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new AppError('invalid-input', sentence);
}
