import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { jobInput, type JobRequest } from '#shared/job-input.ts';
import { jobKinds, type JobKind } from '#shared/jobs.ts';
import type { EngineView } from '#shared/views.ts';
import { openCatalog, type Catalog } from '#main/catalog/catalog.ts';
import { probeWith } from '#main/services/engines.ts';
import { estimateJob } from '#main/services/estimate.ts';
import { planJob } from '#main/services/job-plans.ts';
import { temporaryFolder } from '../../make/edf-files.ts';
import { makeStudy, openQueue, smallPretrain } from '../jobs/small-study.ts';

let folder: ReturnType<typeof temporaryFolder>;
let study: string;
beforeAll(async () => {
  folder = temporaryFolder();
  study = join(folder.path, 'study');
  await makeStudy(study);
  const { catalog, queue } = openQueue(study);
  const first = queue.add(jobInput.parse(smallPretrain(2)), { engine: 'wasm' });
  await queue.finished(first.id);
  catalog.close();
});
afterAll(() => folder[Symbol.dispose]());

let copies = 0;
let catalog: Catalog;
let dir: string;
beforeEach(() => {
  dir = join(folder.path, `copy-${copies++}`);
  cpSync(study, dir, { recursive: true });
  catalog = openCatalog(dir);
  engineIs('wasm', 25);
});
afterEach(() => catalog.close());

/** The self-test says that this engine is the one. */
function engineIs(name: EngineView['name'], gflops: number): void {
  const engine = { name, device: 'a device', works: true, reason: '', gflops, chosen: false };
  probeWith(() => Promise.resolve(JSON.stringify([engine])));
}

const estimate = (request: JobRequest) => estimateJob({ dir, catalog }, jobInput.parse(request));

const at = (second: number) => new Date(Date.UTC(2026, 0, 1) + 1000 * second).toISOString();

/** A run of which the catalog says that its second phase took so many seconds. */
function wasRun(
  request: JobRequest,
  seconds: number,
  options: { engine?: string; startedAt?: number; made?: number } = {},
): string {
  const { engine = 'wasm', startedAt = 0, made = startedAt } = options;
  const input = planJob(catalog, jobInput.parse(request)).input;
  const { id } = catalog.jobs.add({ kind: request.kind, title: '', input, command: '', createdAt: at(0) });
  const artifact = {
    ...catalog.artifacts.list('model')[0]!,
    id: `P-${id}`,
    key: `key of ${id}`,
    createdAt: at(made),
  };
  catalog.artifacts.add(artifact);
  catalog.jobs.addEvent(id, at(startedAt), { type: 'phase', index: 0 });
  catalog.jobs.addEvent(id, at(startedAt), { type: 'phase', index: 1 });
  catalog.jobs.addEvent(id, at(startedAt + seconds), { type: 'phase', index: 2 });
  catalog.jobs.update(id, {
    status: 'done',
    startedAt: at(startedAt),
    endedAt: at(startedAt + seconds),
    phases: ['Read segments', 'Learn', 'Save and read back'],
    artifact: artifact.id,
    engine: `${engine}, a device`,
  });
  return id;
}

const learn = async (request: JobRequest) => (await estimate(request)).phases[1]!;

describe('an estimate', () => {
  it('is a range for every kind of job, in the phases that the job has', async () => {
    const requests: Record<JobKind, JobRequest> = {
      sample: { kind: 'sample' },
      import: { kind: 'import', paths: [`${study}-recordings`], labels: 'x.csv' },
      prepare: { kind: 'prepare' },
      distill: { kind: 'distill' },
      pretrain: smallPretrain(3),
      finetune: { kind: 'finetune' },
      calibrate: { kind: 'calibrate', params: { subject: 'S' } },
      export: { kind: 'export', params: { what: 'model', formats: ['safetensors'], out: 'x' } },
    };
    for (const kind of jobKinds) {
      const { phases, lowS, highS, diskBytes, memoryBytes, basis } = await estimate(requests[kind]);
      for (const phase of phases)
        expect(phase.highS, `${kind} ${phase.name}`).toBeGreaterThanOrEqual(phase.lowS);
      expect(highS, kind).toBeGreaterThan(lowS);
      expect(lowS, kind).toBeGreaterThan(0);
      for (const value of [highS, diskBytes, memoryBytes]) expect(Number.isFinite(value), kind).toBe(true);
      expect(basis, kind).toMatch(/^From .*\.$/);
    }
    // As the finished runs of this study name them.
    for (const job of catalog.jobs.list()) {
      const { phases } = await estimate(jobInput.parse(job.input));
      expect(phases.map(({ name }) => name)).toEqual(job.phases);
    }
  });

  it('holds what the same line really took', async () => {
    for (const job of catalog.jobs.list()) {
      const { lowS, highS, basis } = await estimate(jobInput.parse(job.input));
      const tookS = (Date.parse(job.endedAt!) - Date.parse(job.startedAt!)) / 1000;
      expect(tookS, job.kind).toBeGreaterThanOrEqual(lowS);
      expect(tookS, job.kind).toBeLessThanOrEqual(highS);
      expect(basis, job.kind).toMatch(/^From (a|\d) finished runs? in this study\.$/);
    }
  });

  it('follows the runs of its method: longer for more passes, wider the further from what was run', async () => {
    for (const seconds of [7, 900]) {
      wasRun(smallPretrain(4), seconds);
      const same = await learn(smallPretrain(4));
      expect(same.lowS).toBeLessThan(seconds);
      expect(same.highS).toBeGreaterThan(seconds);
      const twice = await learn(smallPretrain(8));
      expect(twice.highS).toBeGreaterThan(1.9 * same.highS);
      const width = (range: { lowS: number; highS: number }) => range.highS / range.lowS;
      expect(width(twice)).toBeGreaterThan(width(same));
    }
    expect((await estimate(smallPretrain(4))).basis).toBe('From 3 finished runs in this study.');
  });

  it('learns nothing from another engine', async () => {
    const before = await learn(smallPretrain(4));
    wasRun(smallPretrain(4), 5000, { engine: 'tensorflow' });
    expect(await learn(smallPretrain(4))).toEqual(before);
    engineIs('tensorflow', 500);
    expect((await learn(smallPretrain(4))).highS).toBeGreaterThan(5000);
  });

  it('learns nothing from a run that found its result there, nor from one that went on from a checkpoint', async () => {
    const before = await learn(smallPretrain(4));
    wasRun(smallPretrain(4), 5000, { startedAt: 100, made: 50 });
    const goneOn = wasRun(smallPretrain(5), 5000);
    const left = catalog.jobs.add({ kind: 'pretrain', title: '', input: {}, command: '', createdAt: at(0) });
    catalog.jobs.update(left.id, { status: 'interrupted', supersededBy: goneOn });
    expect(await learn(smallPretrain(4))).toEqual(before);
  });

  it('falls back to what was measured, scaled by the speed of the engine', async () => {
    engineIs('cpu', 1);
    const slow = await learn(smallPretrain(4));
    engineIs('cpu', 10);
    const fast = await learn(smallPretrain(4));
    expect(slow.highS / fast.highS).toBeCloseTo(10, 5);
    expect((await estimate(smallPretrain(4))).basis).toBe('From the speed of this engine in its self-test.');
  });
});
