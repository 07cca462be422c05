/** Which engines work here: tried once in a process of their own, since a bad driver may end it. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { AppError } from '#shared/errors.ts';
import type { EngineView } from '#shared/views.ts';

let probed: Promise<EngineView[]> | undefined;

/** @param chosen 'auto' or an engine's name */
export async function probeEngines(chosen: string, again = false): Promise<EngineView[]> {
  if (!probed || again) probed = probe();
  const engines = await probed;
  const first = engines.find((engine) => engine.works && (chosen === 'auto' || engine.name === chosen));
  return engines.map((engine) => ({ ...engine, chosen: engine === first }));
}

async function probe(): Promise<EngineView[]> {
  const script = fileURLToPath(new URL('../jobs/probe-engines.ts', import.meta.url));
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [script], { timeout: 120_000 });
    return JSON.parse(stdout) as EngineView[];
  } catch (cause) {
    probed = undefined;
    throw new AppError(
      'engine-failed',
      'The self-test of the engines did not finish. Restart Limbeck; if it happens again, choose the engine "cpu" in the settings.',
      { cause },
    );
  }
}
