/** A study with three prepared recordings of one minute and two sites: the least that jobs can be tried on. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { jobInput, type JobRequest } from '#shared/job-input.ts';
import { openCatalog, type Catalog } from '#main/catalog/catalog.ts';
import { runJob } from '#main/jobs/run.ts';
import type { StartJob } from '#main/jobs/runner.ts';
import { JobQueue } from '#main/services/job-queue.ts';
import { planJob } from '#main/services/job-plans.ts';
import type { JobOrder } from '#main/jobs/job.ts';
import { makeEdf, uvChannel } from '../../make/edf-files.ts';

/** Small enough that a test waits for nothing; `passes` decides how long it learns. */
export const smallPretrain = (passes: number): JobRequest => ({
  kind: 'pretrain',
  subset: 'full',
  params: { passes, patience: 0, samplesPerPass: 16, batch: 8, holdOut: 0 },
});

export async function makeRecordings(folder: string, count: number, seconds = 60): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (let at = 1; at <= count; at++)
    await makeEdf(join(folder, `P${String(at).padStart(2, '0')}.edf`), {
      channels: ['Fp1', 'Fp2'].map((label) => ({
        ...uvChannel(label, 128),
        physicalMin: -100,
        physicalMax: 100,
      })),
      onsets: Array.from({ length: seconds }, (_, second) => second),
      // Differs from file to file, so that none is a duplicate.
      annotations: [{ onsetS: at, durationS: 0, text: `mark ${at}` }],
    });
}

export function openQueue(dir: string, start: StartJob = runJob): { catalog: Catalog; queue: JobQueue } {
  const catalog = openCatalog(dir);
  const queue = new JobQueue(catalog, start, () => undefined);
  queue.recover();
  return { catalog, queue };
}

export async function makeStudy(dir: string): Promise<void> {
  await makeRecordings(`${dir}-recordings`, 3);
  const { catalog, queue } = openQueue(dir);
  for (const request of [
    { kind: 'import', paths: [`${dir}-recordings`] },
    { kind: 'prepare' },
  ] satisfies JobRequest[])
    await queue.finished(queue.add(jobInput.parse(request)).id);
  catalog.close();
}

/** What the queue would start a worker with. */
export function orderOf(dir: string, request: JobRequest): JobOrder {
  const catalog = openCatalog(dir);
  try {
    const input = jobInput.parse(request);
    const { spec } = planJob(catalog, input);
    return { kind: input.kind, studyDir: dir, engine: 'wasm', workers: 1, spec };
  } finally {
    catalog.close();
  }
}
