/** Jobs as the page sees them: estimate, start, stop, resume, and every change as it happens. */
import { AppError } from '#shared/errors.ts';
import type { JobMessage } from '#shared/job-input.ts';
import type { JobEvent } from '#shared/jobs.ts';
import type { Curve, RunRow } from '#shared/views.ts';
import { estimateJob } from './estimate.ts';
import { os } from './implementer.ts';
import { lineage, planJob } from './job-plans.ts';
import type { Studies } from './study.ts';

export function jobService(studies: Studies) {
  return os.jobs.router({
    list: os.jobs.list.handler(() => studies.current().queue.list()),
    get: os.jobs.get.handler(({ input }) => {
      const { queue, catalog } = studies.current();
      const events = catalog.jobs.events(input.id);
      return { ...queue.get(input.id), events, curves: curvesOf(events.map(({ event }) => event)) };
    }),
    runs: os.jobs.runs.handler((): RunRow[] => {
      const { queue, catalog } = studies.current();
      return queue.list().map((job) => {
        const manifest = job.artifact === null ? undefined : catalog.artifacts.get(job.artifact);
        const last = catalog.jobs.events(job.id).findLast(({ event }) => event.type === 'note');
        return {
          id: job.id,
          kind: job.kind,
          title: job.title,
          status: job.status,
          startedAt: job.startedAt,
          seconds:
            job.startedAt && job.endedAt
              ? (Date.parse(job.endedAt) - Date.parse(job.startedAt)) / 1000
              : null,
          engine: job.engine,
          seed: manifest?.seed ?? 0,
          artifact: job.artifact,
          result:
            job.supersededBy === null
              ? (job.error?.message ?? (last?.event.type === 'note' ? last.event.text : ''))
              : `Ended early; asked for again as ${job.supersededBy}.`,
          supersededBy: job.supersededBy,
        };
      });
    }),
    lineage: os.jobs.lineage.handler(({ input }) => {
      const found = lineage(studies.current().catalog, input.id);
      if (found.length === 0)
        throw new AppError('not-found', `There is nothing called ${input.id} in this study.`);
      return { artifacts: found };
    }),
    audit: os.jobs.audit.handler(() => {
      const { audit } = studies.current().catalog;
      return { entries: audit.list(), firstBroken: audit.firstBroken() };
    }),
    estimate: os.jobs.estimate.handler(({ input }) => estimateJob(studies.current(), input)),
    command: os.jobs.command.handler(({ input }) => ({
      command: planJob(studies.current().catalog, input).command,
    })),
    start: os.jobs.start.handler(({ input }) => studies.current().queue.add(input)),
    stop: os.jobs.stop.handler(({ input }) => studies.current().queue.stop(input.id, input.how)),
    resume: os.jobs.resume.handler(({ input }) => studies.current().queue.resume(input.id)),
    events: os.jobs.events.handler(async function* ({ signal }) {
      const { queue } = studies.current();
      const ended = ['done', 'stopped', 'discarded', 'failed'];
      for (const job of queue.list().filter(({ status }) => !ended.includes(status))) yield { job };
      yield* queue.messages.stream(signal, sameProgress);
    }),
  });
}

/** Of progress only the latest counts; everything else is kept. */
function sameProgress(newer: JobMessage, waiting: JobMessage): boolean {
  return (
    newer.event?.type === 'progress' && waiting.event?.type === 'progress' && newer.job.id === waiting.job.id
  );
}

/** Gathers metric events into curves, in order of first appearance. */
export function curvesOf(events: readonly JobEvent[]): Curve[] {
  const curves = new Map<string, Curve>();
  for (const event of events) {
    if (event.type !== 'metric') continue;
    const key = `${event.series}/${event.split}`;
    const curve = curves.get(key) ?? { series: event.series, split: event.split, x: [], y: [] };
    curve.x.push(event.x);
    curve.y.push(event.value);
    curves.set(key, curve);
  }
  return [...curves.values()];
}
