/** The command line: one line for everything a wizard does. The contract of its verbs is in docs/command-line.md. */
import { AppError } from '#shared/errors.ts';
import { jobKinds } from '#shared/jobs.ts';
import { version } from '#shared/version.ts';
import { readWords } from './arguments.ts';
import { helpForVerb } from './help.ts';
import { didYouMean } from './usage-words.ts';
import { UsageError, type CommonFlags, type FlagValues, type Verb } from './verb.ts';

/** Each is loaded when it is called: reading a header need not load what trains. */
const verbs: Record<string, () => Promise<Verb>> = {
  inspect: async () => (await import('./files.ts')).inspectVerb,
  read: async () => (await import('./files.ts')).readVerb,
  repair: async () => (await import('./files.ts')).repairVerb,
  map: async () => (await import('./map.ts')).mapVerb,
  ...Object.fromEntries(
    jobKinds.map((kind) => [kind, async () => (await import('./job-verbs.ts')).jobVerb(kind)]),
  ),
  outliers: async () => (await import('./selection.ts')).outliersVerb,
  select: async () => (await import('./selection.ts')).selectVerb,
  evaluate: async () => (await import('./history.ts')).evaluateVerb,
  jobs: async () => (await import('./history.ts')).jobsVerb,
  runs: async () => (await import('./history.ts')).runsVerb,
  audit: async () => (await import('./history.ts')).auditVerb,
  show: async () => (await import('./history.ts')).showVerb,
  reproduce: async () => (await import('./history.ts')).reproduceVerb,
  engine: async () => (await import('./engine.ts')).engineVerb,
  bench: async () => (await import('./bench.ts')).benchVerb,
  serve: async () => (await import('./serve.ts')).serveVerb,
  demo: async () => (await import('./demo.ts')).demoVerb,
};

/** Runs one call and tells how it ended. @returns the exit status */
export async function main(verbName: string | undefined, rest: string[]): Promise<number> {
  const wantsJson = rest.includes('--json');
  if (verbName === '--version' || verbName === 'version') {
    process.stdout.write(`${version}\n`);
    return 0;
  }
  const isHelp = ['help', '--help', '-h'].includes(verbName ?? '');
  const [about] = rest;
  if (isHelp && about !== undefined && Object.hasOwn(verbs, about)) return main(about, ['--help']);
  if (verbName === undefined || isHelp) {
    process.stdout.write(await overview());
    return isHelp ? 0 : 2;
  }
  const load = Object.hasOwn(verbs, verbName) ? verbs[verbName] : undefined;
  if (!load)
    return fail(
      new UsageError(
        `There is no verb "${verbName}"${didYouMean(verbName, Object.keys(verbs))} limbeck help lists them.`,
      ),
      wantsJson,
    );
  try {
    const verb = await load();
    const { flags, values, rest: positionals } = readWords(rest, verb.options);
    if (flags.help) {
      process.stdout.write(helpForVerb(`${verbName} ${verb.usage}`.trim(), verb.summary, verb.fields ?? []));
      return 0;
    }
    if (positionals.length > 0 && !verb.takesWords)
      throw new UsageError(`"${positionals[0]}" is not understood here; flags begin with --.`);
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

async function overview(): Promise<string> {
  const lines = await Promise.all(
    Object.entries(verbs).map(async ([name, load]) => `  ${name.padEnd(10)} ${(await load()).summary}`),
  );
  return `limbeck VERB …\n\n${lines.join('\n')}\n\nlimbeck VERB --help shows a verb's flags. Research use, not for diagnosis.\n`;
}
