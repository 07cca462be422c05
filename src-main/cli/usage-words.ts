/** What is wrong with a command line, in words that name the flag, what it takes and what was given. */
import type { ParseArgsConfig } from 'node:util';
import type * as z from 'zod';
import type { Field } from '#shared/fields.ts';
import { UsageError, type FlagValues } from './verb.ts';

type Options = NonNullable<ParseArgsConfig['options']>;

/** The refusal of a request that its schema does not take: what the first wrong flag takes. */
export function wrongValue(
  fields: readonly Field[],
  values: FlagValues,
  issue: z.core.$ZodIssue,
): UsageError {
  const field = fields.find(({ name }) => issue.path.includes(name));
  if (!field) return new UsageError(`${issue.message}.`);
  const given = values[field.flag];
  const takes = `takes ${expected(field, issue)}`;
  if (given === undefined)
    return new UsageError(`--${field.flag} is missing: it ${takes} (${field.title.toLowerCase()}).`);
  const shown = [given].flat().join(',');
  return new UsageError(`--${field.flag} ${takes}, not ${shown === '' ? 'nothing' : shown}.`);
}

function expected(field: Field, issue: z.core.$ZodIssue): string {
  const named = field.choices.join(', ');
  switch (field.kind) {
    case 'choice':
      return named;
    case 'list':
      return named === '' ? 'names with commas between' : `one or more of ${named}, with commas between`;
    case 'number':
    case 'integer': {
      const number = `${field.kind === 'integer' ? 'a whole number' : 'a number'}${range(field, issue)}`;
      return named === '' ? number : `${named} or ${number}`;
    }
    default:
      return issue.code === 'too_big' ? `at most ${issue.maximum} characters` : 'a text';
  }
}

/** Limits that are there only because numbers end somewhere are not worth a word. */
const meant = (limit: number | null): limit is number =>
  limit !== null && Math.abs(limit) < Number.MAX_SAFE_INTEGER;

function range({ minimum, maximum }: Field, issue: z.core.$ZodIssue): string {
  const from = issue.code === 'too_small' && issue.inclusive === false ? 'above' : 'from';
  if (meant(minimum) && meant(maximum))
    return from === 'from' ? ` from ${minimum} to ${maximum}` : ` above ${minimum} and at most ${maximum}`;
  if (meant(minimum)) return from === 'from' ? ` of at least ${minimum}` : ` above ${minimum}`;
  return meant(maximum) ? ` of at most ${maximum}` : '';
}

/** The refusal of words that Node's parser does not take. */
export function wrongWords(error: unknown, options: Options): UsageError {
  const { code, message } = error as { code?: string; message: string };
  const flag = /--?[\w-]+/.exec(message)?.[0] ?? '';
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION')
    return new UsageError(
      `There is no flag ${flag} here${didYouMean(
        flag,
        Object.keys(options).map((name) => `--${name}`),
      )} Add --help to see all of them.`,
    );
  if (code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE')
    return new UsageError(
      message.includes('does not take an argument')
        ? `${flag} takes no value; leave out what follows the "=".`
        : `${flag} needs a value after it; one that begins with a dash is written ${flag}=-….`,
    );
  return new UsageError(message);
}

/** '--start -5' means a number: Node's parser would take it for a flag. */
export function withNegativeNumbers(words: readonly string[], options: Options): string[] {
  const joined: string[] = [];
  for (const word of words) {
    const before = joined.at(-1);
    const takesValue = before?.startsWith('--') && options[before.slice(2)]?.type === 'string';
    if (takesValue && /^-\.?\d/.test(word)) joined[joined.length - 1] = `${before}=${word}`;
    else joined.push(word);
  }
  return joined;
}

/** '. Did you mean "import"?' for the first known word that begins alike, else '.'. */
export function didYouMean(wrong: string, known: readonly string[]): string {
  const letters = wrong.startsWith('--') ? 4 : 3;
  const near = known.find((word) => word.startsWith(wrong.toLowerCase().slice(0, letters)));
  return near ? `. Did you mean ${near}?` : '.';
}
