/** A study opened for one command, and jobs run in it to their end. */
import { AppError } from '#shared/errors.ts';
import type { JobInput } from '#shared/job-input.ts';
import { forkJob, type StartJob } from '#main/jobs/runner.ts';
import type { JobOutput } from '#main/jobs/job.ts';
import { Studies, type Study } from '#main/services/study.ts';
import { SettingsFile } from '#main/settings.ts';
import { UsageError, type CommonFlags } from './verb.ts';
import { progressLine } from './terminal.ts';

/** Opens the study of `--study`, works in it, closes it whatever happens. */
export async function inStudy<T>(flags: CommonFlags, work: (study: Study) => Promise<T>): Promise<T> {
  if (flags.study === '')
    throw new UsageError('Which study? Give its folder with --study DIR; a new folder becomes a new study.');
  const studies = new Studies(new SettingsFile(), await starter(flags));
  try {
    await studies.openAt(flags.study);
    return await work(studies.current());
  } finally {
    await studies.close();
  }
}

/** Queues a job, shows how far it is, resolves with what it made. Aborting pauses it: its checkpoint stays. */
export async function runToEnd(
  study: Study,
  input: JobInput,
  flags: CommonFlags,
  signal: AbortSignal,
): Promise<{ id: string; output: JobOutput }> {
  const line = progressLine(flags.quiet || (flags.json === true && !process.stderr.isTTY));
  const off = study.queue.messages.on((message) => line.show(message));
  const job = study.queue.add(input, {
    engine: flags.engine,
    ...(flags.workers === undefined ? {} : { workers: flags.workers }),
  });
  const pause = () => {
    if (['queued', 'running'].includes(study.queue.get(job.id).status)) study.queue.stop(job.id, 'pause');
  };
  if (signal.aborted) pause();
  signal.addEventListener('abort', pause);
  try {
    return { id: job.id, output: await study.queue.finished(job.id) };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw error;
  } finally {
    signal.removeEventListener('abort', pause);
    off();
    line.end();
  }
}

export function resultManifest(output: JobOutput) {
  const manifest = output.artifacts.at(-1);
  if (!manifest) throw new AppError('internal', 'The job made no artifact.');
  return manifest;
}

/** `--inline` keeps the job in this process: slower to stop, easier to debug. */
async function starter(flags: CommonFlags): Promise<StartJob> {
  if (!flags.inline) return forkJob;
  const { runJob } = await import('#main/jobs/run.ts');
  return runJob;
}
