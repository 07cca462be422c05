/** Which engines work here: tried once in a process of their own, since a bad driver may end it. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { AppError } from '#shared/errors.ts';
import { sibling } from '#shared/sibling.ts';
import type { EngineView } from '#shared/views.ts';

/** Runs a program file in a process of its own and resolves with what it printed. */
export type RunScript = (script: string) => Promise<string>;

const deadlineMs = 120_000;
let runScript: RunScript = async (script) =>
  (await promisify(execFile)(process.execPath, [script], { timeout: deadlineMs })).stdout;

let probed: Promise<EngineView[]> | undefined;

/** For a host whose own program is not Node. */
export function probeWith(run: RunScript): void {
  runScript = run;
  probed = undefined;
}

/** @param chosen 'auto' or an engine's name */
export async function probeEngines(chosen: string, again = false): Promise<EngineView[]> {
  if (!probed || again) probed = probe();
  const engines = await probed;
  const first = engines.find((engine) => engine.works && (chosen === 'auto' || engine.name === chosen));
  return engines.map((engine) => ({ ...engine, chosen: engine === first }));
}

async function probe(): Promise<EngineView[]> {
  const script = fileURLToPath(sibling(import.meta.url, '../jobs/probe-engines'));
  try {
    return JSON.parse(await runScript(script)) as EngineView[];
  } catch (cause) {
    probed = undefined;
    throw new AppError(
      'engine-failed',
      'The self-test of the engines did not finish. Restart Limbeck; if it happens again, choose the engine "cpu" in the settings.',
      { cause },
    );
  }
}
