/** One verb of the command line. */
import type { ParseArgsConfig } from 'node:util';
import type { Field } from '#shared/fields.ts';

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

export interface VerbCall {
  flags: CommonFlags;
  values: FlagValues;
  rest: string[];
  /** Aborts on Ctrl+C. */
  signal: AbortSignal;
}

export interface VerbResult {
  /** The one document of `--json`. */
  json: unknown;
  /** What a person reads. */
  text: string;
  status?: number;
}

export interface Verb {
  summary: string;
  usage: string;
  options: NonNullable<ParseArgsConfig['options']>;
  fields?: Field[];
  /** Whether words without a flag mean something: paths, ids, what to do. */
  takesWords?: boolean;
  run(call: VerbCall): Promise<VerbResult>;
}
