/** One verb of the command line. */
import type { ParseArgsConfig } from 'node:util';
import type { Field } from '#shared/fields.ts';
import type { CommonFlags, FlagValues } from './arguments.ts';

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
  run(call: VerbCall): Promise<VerbResult>;
}
