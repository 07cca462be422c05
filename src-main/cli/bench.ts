/** `bench`: runs one of the measurements under test/bench in a process of its own and hands on what it printed. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '#shared/errors.ts';
import { UsageError, type Verb } from './verb.ts';

const folder = fileURLToPath(new URL('../../test/bench', import.meta.url));

export const benchVerb: Verb = {
  summary: 'Measures beside a peer, in one run.',
  usage: 'NAME',
  takesWords: true,
  options: {},
  async run({ rest, signal }) {
    if (!existsSync(folder)) throw new AppError('not-found', 'Measurements come with the source tree only.');
    const names = readdirSync(folder)
      .filter((file) => file.endsWith('.ts'))
      .map((file) => file.slice(0, -3));
    const [name, ...more] = rest;
    if (name === undefined || !names.includes(name))
      throw new UsageError(`Which measurement? One of ${names.join(', ')}.`);
    const child = spawn(process.execPath, [join(folder, `${name}.ts`), ...more], {
      stdio: ['ignore', 'pipe', 'inherit'],
      signal,
    });
    let printed = '';
    for await (const chunk of child.stdout) printed += chunk;
    const code = await new Promise((resolve) =>
      child.exitCode === null ? child.on('exit', resolve) : resolve(child.exitCode),
    );
    if (code !== 0)
      throw new AppError(
        'internal',
        `The measurement ${name} ended with status ${code}; its own words are above.`,
      );
    return { json: lastJson(printed), text: printed };
  },
};

function lastJson(printed: string): unknown {
  const line = printed
    .trim()
    .split('\n')
    .findLast((each) => each.startsWith('{') || each.startsWith('['));
  return line ? JSON.parse(line) : { printed };
}
