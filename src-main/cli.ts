/** The command line: one line for everything a wizard does. The contract of its verbs is in docs/command-line.md. */
import { AppError } from '#shared/errors.ts';
import { jobKinds } from '#shared/jobs.ts';
import { UsageError, readWords, type CommonFlags, type FlagValues } from './cli/arguments.ts';
import { benchVerb } from './cli/bench.ts';
import { demoVerb } from './cli/demo.ts';
import { engineVerb } from './cli/engine.ts';
import { inspectVerb, readVerb, repairVerb } from './cli/files.ts';
import { helpForVerb } from './cli/help.ts';
import { evaluateVerb, historyVerbs, reproduceVerb } from './cli/history.ts';
import { jobVerb } from './cli/job-verbs.ts';
import { mapVerb } from './cli/map.ts';
import { outliersVerb, selectVerb } from './cli/selection.ts';
import { serveVerb } from './cli/serve.ts';
import type { Verb } from './cli/verb.ts';

const verbs: Record<string, Verb> = {
  inspect: inspectVerb,
  read: readVerb,
  repair: repairVerb,
  map: mapVerb,
  ...Object.fromEntries(jobKinds.map((kind) => [kind, jobVerb(kind)])),
  outliers: outliersVerb,
  select: selectVerb,
  evaluate: evaluateVerb,
  ...historyVerbs,
  reproduce: reproduceVerb,
  engine: engineVerb,
  bench: benchVerb,
  serve: serveVerb,
  demo: demoVerb,
};

const [name, ...words] = process.argv.slice(2);
process.exitCode = await main(name, words);
if (process.exitCode !== 0) process.exit();

async function main(verbName: string | undefined, rest: string[]): Promise<number> {
  const wantsJson = rest.includes('--json');
  if (verbName === undefined || verbName === 'help' || verbName === '--help') {
    process.stdout.write(overview());
    return verbName === undefined ? 2 : 0;
  }
  const verb = verbs[verbName];
  if (!verb) return fail(new UsageError(`There is no verb "${verbName}". ${suggest(verbName)}`), wantsJson);
  try {
    const { flags, values, rest: positionals } = readWords(rest, verb.options);
    if (flags.help) {
      process.stdout.write(helpForVerb(`${verbName} ${verb.usage}`.trim(), verb.summary, verb.fields ?? []));
      return 0;
    }
    return await run(verb, flags, values, positionals);
  } catch (error) {
    return fail(error, wantsJson);
  }
}

async function run(verb: Verb, flags: CommonFlags, values: FlagValues, rest: string[]): Promise<number> {
  const interrupt = new AbortController();
  const onSignal = () => {
    if (interrupt.signal.aborted) process.exit(130);
    interrupt.abort(
      new AppError('cancelled', 'Interrupted; a checkpoint was kept. The same line goes on from there.'),
    );
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  const result = await verb.run({ flags, values, rest, signal: interrupt.signal });
  if (flags.json) process.stdout.write(`${JSON.stringify(result.json)}\n`);
  else if (result.text) process.stdout.write(`${result.text.replace(/\n*$/, '')}\n`);
  return result.status ?? 0;
}

function fail(error: unknown, json: boolean): number {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n`);
    if (json)
      process.stdout.write(
        `${JSON.stringify({ error: { code: 'usage', message: error.message, details: {} } })}\n`,
      );
    return 2;
  }
  const known = AppError.from(error);
  process.stderr.write(`${known.message}\n`);
  if (known.code === 'internal' && process.env['LIMBECK_DEBUG'])
    process.stderr.write(`${known.details['stack']}\n`);
  if (json) process.stdout.write(`${JSON.stringify({ error: known.toJSON() })}\n`);
  return known.code === 'cancelled' ? 130 : 1;
}

function overview(): string {
  const lines = Object.entries(verbs).map(([verbName, verb]) => `  ${verbName.padEnd(10)} ${verb.summary}`);
  return `limbeck VERB …\n\n${lines.join('\n')}\n\nlimbeck VERB --help shows a verb's flags. Research use, not for diagnosis.\n`;
}

function suggest(wrong: string): string {
  const near = Object.keys(verbs).find((verbName) => verbName.startsWith(wrong.slice(0, 3)));
  return near ? `Did you mean "${near}"?` : 'limbeck help lists them.';
}
