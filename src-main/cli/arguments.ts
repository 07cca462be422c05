/** Turns words of a command line into a validated request; flags come from the parameter schemas. */
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { AppError } from '#shared/errors.ts';
import { partFields, verbSchemas } from '#shared/command.ts';
import { fieldsOf, fromText, type Field } from '#shared/fields.ts';
import { jobInput, type JobInput } from '#shared/job-input.ts';
import type { JobKind } from '#shared/jobs.ts';
import { splitList } from '#shared/list-text.ts';

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

/** A list's flag may be repeated: one text for each time it was given. */
export type FlagValues = Record<string, string | boolean | string[] | undefined>;

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

/** The flags of a verb that starts a job: its inputs, its parameters and a part of these, each by its schema's name. */
export function fieldsOfVerb(kind: JobKind): { input: Field[]; params: Field[]; part: Field[] } {
  const { input, params } = verbSchemas[kind];
  return {
    input: fieldsOf(input).filter((field) => !['kind', 'paths', 'params'].includes(field.name)),
    params: params ? fieldsOf(params) : [],
    part: partFields(kind)?.fields ?? [],
  };
}

type Options = NonNullable<ParseArgsConfig['options']>;

/** Every flag that a verb with a schema understands, other names included. */
export function optionsOfVerb(kind: JobKind): Options {
  const { input, params, part } = fieldsOfVerb(kind);
  const fields = [...input, ...params, ...part];
  const options: Options = Object.fromEntries(fields.map((field) => [field.flag, optionOf(field)]));
  for (const [alias, name] of Object.entries(aliases[kind] ?? {})) options[alias] = options[name]!;
  const whole = verbSchemas[kind].part;
  return whole ? { ...options, [whole.name]: { type: 'string' } } : options;
}

function optionOf({ kind }: Field): Options[string] {
  return kind === 'boolean'
    ? { type: 'boolean' }
    : kind === 'list'
      ? { type: 'string', multiple: true }
      : { type: 'string' };
}

/** Another name that the command line contract gives to a flag. */
const aliases: Partial<Record<JobKind, Record<string, string>>> = {
  export: { format: 'formats' },
  pretrain: { epochs: 'passes' },
};

/** @param whole the verb's part as a file gave it; its own flags go before */
export function requestOf(
  kind: JobKind,
  values: FlagValues,
  rest: string[],
  whole: Record<string, unknown> = {},
): JobInput {
  const { input, params, part } = fieldsOfVerb(kind);
  const name = verbSchemas[kind].part?.name;
  const renamed = { ...values };
  for (const [alias, flag] of Object.entries(aliases[kind] ?? {})) renamed[flag] ??= renamed[alias];
  const request = {
    kind,
    ...(kind === 'import' ? { paths: rest } : {}),
    ...take(input, renamed),
    ...(params.length > 0
      ? {
          params: {
            ...take(params, renamed),
            ...(name ? { [name]: { ...whole, ...take(part, renamed) } } : {}),
          },
        }
      : {}),
  };
  const parsed = jobInput.safeParse(request);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const own = name !== undefined && issue.path.includes(name) ? part : [...input, ...params];
  const field = own.find((each) => issue.path.includes(each.name));
  throw new UsageError(field ? `--${field.flag}: ${issue.message}${limits(field)}` : issue.message);
}

function take(fields: readonly Field[], values: FlagValues): Record<string, unknown> {
  return Object.fromEntries(
    fields.flatMap((field) => {
      const value = values[field.flag];
      if (value === undefined) return [];
      if (typeof value === 'boolean') return [[field.name, value]];
      if (field.kind === 'list') return [[field.name, listOf(values, field.flag)]];
      return [[field.name, fromText(field, String(value))]];
    }),
  );
}

/** A list's parts, from commas, quotes and repeated flags. @throws UsageError when a quote stays open */
export function listOf(values: FlagValues, flag: string): string[] | undefined {
  const given = values[flag];
  if (given === undefined || typeof given === 'boolean') return undefined;
  try {
    return [given].flat().flatMap(splitList);
  } catch (error) {
    throw error instanceof AppError ? new UsageError(`--${flag}: ${error.message}`) : error;
  }
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
