/** Turns words of a command line into a validated request; flags come from the parameter schemas. */
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { AppError } from '#shared/errors.ts';
import { partFields, verbSchemas } from '#shared/command.ts';
import { fieldsOf, fromText, type Field } from '#shared/fields.ts';
import { jobInput, type JobInput } from '#shared/job-input.ts';
import type { JobKind } from '#shared/jobs.ts';
import { splitList } from '#shared/list-text.ts';
import { withNegativeNumbers, wrongValue, wrongWords } from './usage-words.ts';
import { UsageError, type CommonFlags, type FlagValues } from './verb.ts';

type Options = NonNullable<ParseArgsConfig['options']>;

const common: Options = {
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
  own: Options,
): { flags: CommonFlags; values: FlagValues; rest: string[] } {
  const options = { ...common, ...own };
  const { values: given, positionals } = parse(withNegativeNumbers(words, options), options);
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
}

function parse(args: string[], options: Options): { values: FlagValues; positionals: string[] } {
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true, allowNegative: true });
    // Only texts may be repeated.
    return { values: values as FlagValues, positionals };
  } catch (error) {
    throw wrongWords(error, options);
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
  return checked(kind, request, renamed);
}

/** The request as its schema takes it. @param values what the flags said, for the words of a refusal. @throws UsageError */
export function checked(kind: JobKind, request: unknown, values: FlagValues): JobInput {
  const parsed = jobInput.safeParse(request);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const { input, params, part } = fieldsOfVerb(kind);
  const name = verbSchemas[kind].part?.name;
  const own = name !== undefined && issue.path.includes(name) ? part : [...input, ...params];
  throw wrongValue(own, values, issue);
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

/** A whole number or a share, for verbs without a schema. @throws UsageError */
export function numberOf(values: FlagValues, flag: string, otherwise: number): number {
  const text = values[flag];
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!Number.isFinite(value) || String(text).trim() === '')
    throw new UsageError(`--${flag} takes a number, not ${text === '' ? 'nothing' : text}.`);
  return value;
}

export function refuseUnless(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new AppError('invalid-input', sentence);
}
