/** A part of a verb's parameters from a JSON file, such as the card of an export, with a sentence for each wrong field. */
import { readFile } from 'node:fs/promises';
import { verbSchemas } from '#shared/command.ts';
import { AppError } from '#shared/errors.ts';
import type { JobKind } from '#shared/jobs.ts';
import type { FlagValues } from './verb.ts';

/** What the file of `--card FILE.json` says; nothing when the verb has no such part or no file was named. */
export async function partFromFile(kind: JobKind, values: FlagValues): Promise<Record<string, unknown>> {
  const { part } = verbSchemas[kind];
  const file = part && values[part.name];
  if (!part || typeof file !== 'string') return {};
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const { code, message } = AppError.from(error);
    throw new AppError(code, `The ${part.name} ${file} cannot be read. ${message}`, { cause: error });
  });
  const parsed = part.schema.safeParse(parseJson(part.name, file, text));
  if (parsed.success) return parsed.data;
  const known = Object.keys(part.schema.shape).join(', ');
  const sentences = parsed.error.issues.map((issue) => {
    if (issue.code === 'unrecognized_keys')
      return `It has no field ${issue.keys.map((key) => `"${key}"`).join(', ')}; its fields are ${known}.`;
    return issue.path.length > 0
      ? `"${issue.path.join('.')}" ${issue.message}.`
      : `It must be an object with the fields ${known}.`;
  });
  throw new AppError(
    'invalid-input',
    `The ${part.name} ${file} is not as it should be. ${sentences.join(' ')} Correct it and run the same line again.`,
    { details: { file, wrong: sentences } },
  );
}

function parseJson(name: string, file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError(
      'invalid-input',
      `The ${name} ${file} is no JSON (${cause instanceof Error ? cause.message : cause}). Write it as {"title": "…"}.`,
      { cause },
    );
  }
}
