import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/fetch';
import type { ContractRouterClient } from '@orpc/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Contract } from '#shared/contract.ts';
import { jobInput, type JobMessage, type JobRequest } from '#shared/job-input.ts';
import type { JobKind } from '#shared/jobs.ts';
import { createApp, type App } from '#main/app.ts';
import { forkJob, type StartJob } from '#main/jobs/runner.ts';
import { openRecording } from '#main/io/readers.ts';
import { SettingsFile } from '#main/settings.ts';
import { findArtifact, verifyArtifact } from '#main/store/artifact.ts';

type Api = ContractRouterClient<Contract>;

let folder: string;
let study: string;
let app: App;
let api: Api;
const heard: JobMessage[] = [];
const leave = new AbortController();
const made: Partial<Record<JobKind, string>> = {};

/** The whole product as the page reaches it: every call through the one fetch. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'limbeck-loop-'));
  study = join(folder, 'study');
  // Each engine is as good as the next for a test that compares nothing across engines.
  const startJob: StartJob = (order, listener) => forkJob({ ...order, engine: 'wasm' }, listener);
  app = createApp({ host: 'web', startJob, settings: new SettingsFile(join(folder, 'settings')) });
  api = createORPCClient(
    new RPCLink({
      url: 'http://limbeck.test/api',
      fetch: (request, init) => app.fetch(new Request(request, init as RequestInit)),
    }),
  );
  await api.system.openStudy({ path: study });
  void listen();
  await run({ kind: 'sample', params: { size: 'tiny' } });
  await run({ kind: 'prepare' });
  await run({ kind: 'distill', params: { passes: 2, keep: 0.1, orderUpTo: 0.4, outliers: 0.03 } });
  await run({ kind: 'pretrain', params: { passes: 2, samplesPerPass: 64 } });
  await run({ kind: 'finetune', params: { split: 'trial', folds: 2, passes: 1, baselines: false } });
  await run({
    kind: 'calibrate',
    model: made.pretrain!,
    params: { subject: 'Film clips/F01', minutes: 1, points: 1, draws: 1, passes: 1 },
  });
  await run({
    kind: 'export',
    params: { what: 'subset', formats: ['npz', 'edf'], out: join(folder, 'subset') },
  });
  await run({
    kind: 'export',
    params: { what: 'model', id: made.pretrain!, formats: ['safetensors'], out: join(folder, 'model') },
  });
});
afterAll(async () => {
  leave.abort();
  await app?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function listen(): Promise<void> {
  try {
    for await (const message of await api.jobs.events(undefined, { signal: leave.signal }))
      heard.push(message);
  } catch (error) {
    if (!leave.signal.aborted) throw error;
  }
}

async function run(request: JobRequest): Promise<void> {
  const { id } = await api.jobs.start(jobInput.parse(request));
  await app.studies.current().queue.finished(id);
  const job = await api.jobs.get({ id });
  if (job.artifact) made[request.kind] = job.artifact;
}

const floats = async (blob: Blob) => new Float32Array(await blob.arrayBuffer());
const ints = async (blob: Blob) => new Int32Array(await blob.arrayBuffer());

describe('the loop', () => {
  it('tells of every job as it happens: queued, phases in order, done', async () => {
    const jobs = await api.jobs.list();
    expect(jobs.every((job) => job.status === 'done')).toBe(true);
    for (const job of jobs) {
      const own = heard.filter((message) => message.job.id === job.id);
      expect(own[0]!.job.status, job.kind).toMatch(/queued|running/);
      expect(own.at(-1)!.job).toMatchObject({ status: 'done', artifact: job.artifact });
      const phases = own.flatMap(({ event }) => (event?.type === 'phase' ? [event.index] : []));
      expect(phases[0]).toBe(0);
      expect(Math.max(...phases)).toBeLessThan(job.phases.length);
    }
    const { curves } = await api.jobs.get({ id: jobs.find((job) => job.kind === 'pretrain')!.id });
    expect(curves.length).toBeGreaterThan(0);
    for (const curve of curves) expect(curve.x).toHaveLength(curve.y.length);
  });

  it('shows a command line for each job that the line itself would understand', async () => {
    for (const job of await api.jobs.list()) {
      const { command } = await api.jobs.command(jobInput.parse(job.input));
      expect(command).toBe(job.command);
      expect(command.startsWith(`limbeck ${job.kind} --study ${study}`)).toBe(true);
    }
  });

  it('lists the runs with their outcome in words, and estimates the next', async () => {
    const runs = await api.jobs.runs();
    expect(runs).toHaveLength(8);
    for (const each of runs) expect(each.result, each.kind).toMatch(/\w+.*\./);
    const estimate = await api.jobs.estimate(jobInput.parse({ kind: 'distill' }));
    expect(estimate.lowS).toBeLessThanOrEqual(estimate.highS);
    expect(estimate.phases.reduce((sum, phase) => sum + phase.highS, 0)).toBeCloseTo(estimate.highS, 3);
    expect(estimate.diskFreeBytes).toBeGreaterThan(0);
  });

  it('resolves every hash of every lineage, and every artifact is as it was written', async () => {
    const study_ = app.studies.current();
    const recordings = new Map(
      (
        await Promise.all(
          (await api.recordings.list()).recordings.map(({ id }) => api.recordings.get({ id })),
        )
      ).map((each) => [each.id, each.sha256]),
    );
    const ids = study_.catalog.artifacts.list().map((manifest) => manifest.id);
    expect(ids.length).toBeGreaterThanOrEqual(8);
    for (const id of ids) {
      const { artifacts } = await api.jobs.lineage({ id });
      expect(artifacts[0]!.id).toBe(id);
      const known = new Map(artifacts.map((each) => [each.id, each.hash]));
      for (const input of artifacts.flatMap((each) => each.inputs)) {
        // Labels and channel maps lie in the catalog; their hash is over what was used of them.
        if (['labels', 'channel-map'].includes(input.role)) expect(input.hash).toMatch(/^[0-9a-f]{64}$/);
        else
          expect(known.get(input.id) ?? recordings.get(input.id), `${input.role} ${input.id} of ${id}`).toBe(
            input.hash,
          );
      }
      expect(await verifyArtifact((await findArtifact(study, id))!.dir)).toEqual([]);
    }
  });

  it('wrote every step into an audit chain that is unbroken', () => {
    const { audit } = app.studies.current().catalog;
    expect(audit.firstBroken()).toBeNull();
    expect(audit.list().map((row) => row.what)).toEqual(
      expect.arrayContaining(['sample', 'prepare', 'distill', 'pretrain', 'finetune', 'calibrate', 'export']),
    );
  });

  it('exported what it says', async () => {
    const exported = await api.exports.list();
    expect(exported).toMatchObject([
      { what: 'model', readBack: 'equal', identifiersFound: 0 },
      { what: 'subset', readBack: 'equal', identifiersFound: 0 },
    ]);
    for (const each of exported) expect(existsSync(join(each.out, 'checksums.sha256'))).toBe(true);
    const { kept } = await api.datasets.distillate({ id: made.distill! });
    const rows = readFileSync(join(folder, 'subset', 'segments.csv'), 'utf8')
      .trim()
      .split('\n');
    const fate = rows[0]!.split(',').indexOf('fate');
    expect(rows.slice(1).filter((row) => row.split(',')[fate] === 'kept')).toHaveLength(kept);
  });

  it('names the models, their parents and their numbers', async () => {
    const models = await api.models.list();
    expect(models.map((model) => model.kind).sort()).toEqual(['calibrated', 'classifier', 'pretrained']);
    const classifier = models.find((model) => model.kind === 'classifier')!;
    expect(classifier).toMatchObject({
      parent: made.pretrain,
      classes: ['calm', 'joy'],
      weights: { loaded: expect.any(Number), of: expect.any(Number) },
    });
    const evaluation = await api.models.evaluation({ id: classifier.evaluation! });
    expect(evaluation.confusion.flat().reduce((sum, count) => sum + count, 0)).toBe(
      evaluation.perSubject.reduce((sum, each) => sum + each.segments, 0),
    );
    const calibration = await api.models.calibration({ id: made.calibrate! });
    expect(calibration.subject).toBe('Film clips/F01');
    expect(calibration.points[0]!.minutes).toBe(0);
  });
});

describe('a distillate', () => {
  it('has as many points on the map with a share up to the slider as it says are kept, at every stop of the slider', async () => {
    const view = await api.datasets.distillate({ id: made.distill! });
    const map = await api.datasets.map({ id: made.distill! });
    expect(map.count).toBe(map.total);
    expect(map.total).toBe(view.segments);
    const share = await floats(map.share);
    const groupOf = new Uint8Array(await map.groupOf.arrayBuffer());
    const upTo = (limit: number) => share.filter((value) => value <= limit + 1e-6).length;
    expect(upTo(view.keep)).toBe(view.kept);
    expect(share.filter((value) => value === 3)).toHaveLength(view.rejected);
    for (const [at, group] of view.groups.entries()) {
      const own = share.filter((_, point) => groupOf[point] === at);
      expect(own).toHaveLength(group.segments);
      expect(own.filter((value) => value <= view.keep + 1e-6)).toHaveLength(group.kept);
    }
    for (const table of ['subject', 'group'] as const) {
      const { rows } = view.tables.find(({ by }) => by === table)!;
      expect(rows.reduce((sum, row) => sum + row.before, 0)).toBe(view.segments);
      view.curve.share.forEach((stop, at) =>
        expect(
          rows.reduce((sum, row) => sum + row.kept[at]!, 0),
          `${table} at ${stop}`,
        ).toBe(upTo(stop)),
      );
    }
    for (const method of view.curve.methods) {
      expect(method.radius).toHaveLength(view.curve.share.length);
      for (let at = 1; at < method.radius.length; at++)
        expect(method.radius[at]!).toBeLessThanOrEqual(method.radius[at - 1]! + 1e-9);
    }
  });

  it('keeps at a smaller share a part of what it keeps at a larger one', async () => {
    const map = await api.datasets.map({ id: made.distill! });
    const share = await floats(map.share);
    const index = await ints(map.index);
    const kept = (limit: number) => new Set(index.filter((_, point) => share[point]! <= limit));
    const small = kept(0.05);
    expect(small.size).toBeGreaterThan(0);
    for (const each of small) expect(kept(0.3).has(each)).toBe(true);
  });

  it('explains every segment as the map shows it, with a place that the recording has', async () => {
    const view = await api.datasets.distillate({ id: made.distill! });
    const map = await api.datasets.map({ id: made.distill! });
    const share = await floats(map.share);
    const index = await ints(map.index);
    const fates = { kept: 0, 'left-out': 0, rejected: 0 };
    let stoodFor = 0;
    for (const [point, segment] of index.entries()) {
      const explained = await api.datasets.explain({ id: made.distill!, index: segment, keep: view.keep });
      fates[explained.fate]++;
      expect(explained.fate).toBe(
        share[point] === 3 ? 'rejected' : share[point]! <= view.keep + 1e-6 ? 'kept' : 'left-out',
      );
      expect(explained.place.index).toBe(segment);
      expect(explained.reasons.length).toBeGreaterThan(0);
      if (explained.fate === 'left-out') expect(explained.nearest).not.toBeNull();
      if (explained.fate === 'kept') stoodFor += explained.standsForCount;
    }
    expect(fates).toEqual({
      kept: view.kept,
      rejected: view.rejected,
      'left-out': view.segments - view.kept - view.rejected,
    });
    // Each one left out is stood for by exactly one kept.
    expect(stoodFor).toBe(fates['left-out']);
  });

  it('shows the rejected ones, oddest with a reason, and the fate of each stretch of a recording', async () => {
    const view = await api.datasets.distillate({ id: made.distill! });
    const rejected = await api.datasets.rejected({ id: made.distill! });
    expect(rejected).toHaveLength(view.rejected);
    expect(rejected.length).toBeGreaterThan(0);
    for (const { place, score, reason } of rejected) {
      expect(score).toBeGreaterThan(0);
      expect(reason).toMatch(/\w/);
      const band = await api.datasets.at({
        id: made.distill!,
        recording: place.recording,
        startS: place.startS,
        endS: place.startS + place.durationS,
      });
      expect(band.find((each) => each.index === place.index)).toMatchObject({
        fate: 'rejected',
        startS: place.startS,
      });
    }
  });
});

describe('recordings', () => {
  it('are shown as they are in the file', async () => {
    const { recordings } = await api.recordings.list();
    const { id } = recordings.find((row) => row.file === 'F01_session1.edf')!;
    const detail = await api.recordings.get({ id });
    const page = await api.signals.window({
      recording: id,
      startS: 10,
      seconds: 4,
      montage: 'as-recorded',
      lffHz: 0,
      hffHz: 0,
      notchHz: 0,
      pixels: 0,
    });
    const data = await floats(page.data);
    await using file = await openRecording(detail.path);
    const eeg = detail.channelList
      .filter((channel) => channel.kind === 'eeg')
      .map((channel) => channel.position);
    const direct = await file.read(10, 4, eeg);
    for (const [at, position] of eeg.entries()) {
      const trace = page.traces.find((each) => each.channels.length === 1 && each.channels[0] === position)!;
      expect(data.slice(trace.offset, trace.offset + trace.count), trace.label).toEqual(direct[at]);
    }
  });

  it('have no signal inside a gap, and the same page however it is reached', async () => {
    const { recordings } = await api.recordings.list();
    const { id } = recordings.find((row) => row.gaps > 0)!;
    const { spans } = await api.recordings.get({ id });
    const page = (startS: number, seconds: number) =>
      api.signals.window({
        recording: id,
        startS,
        seconds,
        montage: 'as-recorded',
        lffHz: 1,
        hffHz: 45,
        notchHz: 0,
        pixels: 0,
      });
    const gap = await page(spans[0]!.endS + 5, 10);
    const inside = await floats(gap.data);
    expect(inside.length).toBeGreaterThan(0);
    expect(inside.every(Number.isNaN)).toBe(true);
    const once = await floats((await page(4, 5)).data);
    await page(0, 5);
    expect(await floats((await page(4, 5)).data)).toEqual(once);
  });

  it('take marks, give them back, and say so to whoever listens', async () => {
    const { id } = (await api.recordings.list()).recordings[0]!;
    const before = (await api.recordings.get({ id })).marks;
    const told: string[] = [];
    const off = app.studies.changes.on(({ topics }) => told.push(...topics));
    const mark = await api.recordings.mark({
      recording: id,
      mark: { startS: 3, durationS: 1, text: 'spike', channel: null },
    });
    expect((await api.recordings.get({ id })).marks).toContainEqual(mark);
    expect(await api.recordings.unmark({ recording: id, id: mark.id })).toEqual({ removed: mark });
    expect((await api.recordings.get({ id })).marks).toEqual(before);
    await expect(api.recordings.unmark({ recording: id, id: mark.id })).rejects.toMatchObject({
      code: 'not-found',
    });
    off();
    expect(told).toEqual(['marks', 'marks']);
  });

  it('leave a channel out of the next preparation once it is marked bad', async () => {
    const { id } = (await api.recordings.list()).recordings.find((row) => row.file === 'H01_session1.edf')!;
    await api.recordings.setBad({ recording: id, channel: 0, bad: true });
    expect((await api.recordings.get({ id })).channelList[0]!.bad).toBe(true);
    await api.recordings.setBad({ recording: id, channel: 0, bad: false });
    expect((await api.recordings.get({ id })).channelList[0]!.bad).toBe(false);
    expect(app.studies.current().catalog.audit.firstBroken()).toBeNull();
  });

  it('are told apart from what is not there, with a code and a remedy', async () => {
    await expect(api.recordings.get({ id: 'nobody' })).rejects.toMatchObject({
      code: 'not-found',
    });
    await expect(api.datasets.distillate({ id: 'D-0000000000' })).rejects.toMatchObject({
      code: 'not-found',
    });
    await expect(
      api.datasets.explain({ id: made.distill!, index: 1_000_000, keep: 0.1 }),
    ).rejects.toMatchObject({ code: 'not-found' });
    await expect(api.jobs.start({ kind: 'prepare', datasets: ['Elsewhere'] } as never)).rejects.toMatchObject(
      { code: 'not-found', defined: true },
    );
    await expect(api.jobs.resume({ id: 'R-01' })).rejects.toMatchObject({ code: 'conflict' });
  });
});
