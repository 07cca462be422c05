/** How long units of work took in the finished runs of a study, by method and engine. */
import { jobInput } from '#shared/job-input.ts';
import type { JobEvent, JobRecord } from '#shared/jobs.ts';
import type { Catalog } from '#main/catalog/catalog.ts';
import { workOf } from './job-work.ts';

/** One phase of a finished run. */
export interface Observed {
  job: string;
  /** As `PhaseWork.unit`. */
  unit: string;
  /** 'wasm'; '' for a job without tensors. */
  engine: string;
  amount: number;
  seconds: number;
}

/** Older ones say little about this computer and this version. */
const runsLookedAt = 30;

/** Newest first. Runs that only found what was there already, or went on from a checkpoint, teach nothing. */
export function observedRuns(catalog: Catalog): Observed[] {
  const jobs = catalog.jobs.list();
  const goneOn = new Set(jobs.flatMap(({ supersededBy }) => supersededBy ?? []));
  return jobs
    .filter((job) => job.status === 'done' && !goneOn.has(job.id) && madeIt(catalog, job))
    .slice(0, runsLookedAt)
    .flatMap((job) => observe(catalog, job));
}

function madeIt(catalog: Catalog, job: JobRecord): boolean {
  if (job.startedAt === null || job.artifact === null) return job.startedAt !== null;
  const made = catalog.artifacts.get(job.artifact);
  return made !== undefined && Date.parse(made.createdAt) >= Date.parse(job.startedAt);
}

function observe(catalog: Catalog, job: JobRecord): Observed[] {
  const input = jobInput.safeParse(job.input);
  if (!input.success) return [];
  const seconds = secondsOfPhases(job, catalog.jobs.events(job.id));
  const files =
    input.data.kind === 'import' ? countBelow(catalog, input.data.paths) : catalog.recordings.list().length;
  return workOf(catalog, input.data, files).phases.flatMap(({ name, unit, amount }) => {
    const spent = seconds.get(name);
    return spent === undefined || amount <= 0
      ? []
      : [{ job: job.id, unit, engine: engineName(job.engine), amount, seconds: spent }];
  });
}

/** 'wasm' of 'wasm, WebAssembly SIMD, 1 thread'. */
export function engineName(shown: string): string {
  return shown.split(',')[0]!;
}

/** A phase may come several times, once for each group of segments; start-up counts for the first. */
function secondsOfPhases(
  job: JobRecord,
  events: readonly { at: string; event: JobEvent }[],
): Map<string, number> {
  const seconds = new Map<string, number>();
  let [name, since] = [job.phases[0] ?? '', Date.parse(job.startedAt!)];
  const until = (at: number) => seconds.set(name, (seconds.get(name) ?? 0) + Math.max(0, at - since) / 1000);
  for (const { at, event } of events) {
    if (event.type !== 'phase') continue;
    until(Date.parse(at));
    [name, since] = [job.phases[event.index] ?? '', Date.parse(at)];
  }
  until(Date.parse(job.endedAt!));
  return seconds;
}

function countBelow(catalog: Catalog, paths: readonly string[]): number {
  return catalog.recordings.list().filter(({ path }) => paths.some((each) => path.startsWith(each))).length;
}
