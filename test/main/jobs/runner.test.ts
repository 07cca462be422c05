import { fork } from 'node:child_process';
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobEvent } from '#shared/jobs.ts';
import type { JobOrder, WorkerMessage } from '#main/jobs/job.ts';
import { runJob } from '#main/jobs/run.ts';
import { followWorker, forkJob, writeOrder, type JobListener, type StartJob } from '#main/jobs/runner.ts';
import { temporaryFolder } from '../../make/edf-files.ts';
import { makeRecordings, makeStudy, orderOf, smallPretrain } from './small-study.ts';

interface Heard extends JobListener {
  events: { event: JobEvent; atMs: number }[];
  engines: string[];
  files: string[];
}

/** @param onEvent called after each event was noted */
function hear(onEvent: (event: JobEvent, heard: Heard) => void = () => undefined): Heard {
  const heard: Heard = {
    events: [],
    engines: [],
    files: [],
    event(event) {
      heard.events.push({ event, atMs: performance.now() });
      onEvent(event, heard);
    },
    engine: (name) => void heard.engines.push(name),
    recorded: (recordings) => void heard.files.push(...recordings.map((recording) => recording.relativePath)),
  };
  return heard;
}

const hosts: [string, StartJob][] = [
  ['inside this process', runJob],
  ['in a process of its own', forkJob],
];

let folder: ReturnType<typeof temporaryFolder>;
let study: string;
let importOrder: JobOrder;
beforeAll(async () => {
  folder = temporaryFolder();
  study = join(folder.path, 'study');
  await makeStudy(study);
  await makeRecordings(join(folder.path, 'many'), 45, 2);
  importOrder = orderOf(study, { kind: 'import', paths: [join(folder.path, 'many')] });
});
afterAll(() => folder[Symbol.dispose]());

const checkpoints = (dir: string) =>
  readdirSync(join(dir, 'work')).filter((name) =>
    existsSync(join(dir, 'work', name, 'checkpoint.safetensors')),
  );
const copyOfStudy = (name: string) => {
  const dir = join(folder.path, name);
  cpSync(study, dir, { recursive: true });
  return dir;
};
const elsewhere = (order: JobOrder, studyDir: string): JobOrder => ({ ...order, studyDir });

describe.each(hosts)('a job %s', (_, start) => {
  it('tells its phases first, then each phase in turn, and every recording once', async () => {
    const heard = hear();
    const output = await start(importOrder, heard).finished;
    const events = heard.events.map(({ event }) => event);
    expect(events[0]).toMatchObject({ type: 'phases', names: ['Look for recordings', 'Read'] });
    expect(events.filter((event) => event.type === 'phase')).toEqual(
      [0, 1].map((index) => ({ type: 'phase', index })),
    );
    const told = events.filter((event) => event.type === 'progress');
    expect(told.at(-1)).toMatchObject({ type: 'progress', done: 45, total: 45 });
    const verdicts = events.flatMap((event) => (event.type === 'files' ? event.files : []));
    expect(verdicts).toHaveLength(45);
    expect(heard.files).toHaveLength(45);
    expect(new Set(heard.files).size).toBe(45);
    expect(output).toMatchObject({ artifacts: [], result: expect.stringContaining('45') });
  });

  it('says which engine computes, and gives the artifact it made', async () => {
    const dir = copyOfStudy(`engine-${start.name}`);
    const heard = hear();
    const output = await start(elsewhere(orderOf(study, smallPretrain(1)), dir), heard).finished;
    expect(heard.engines[0]).toContain('wasm');
    expect(output.artifacts).toMatchObject([{ kind: 'model', engine: 'wasm' }]);
    expect(checkpoints(dir)).toEqual([]);
  });

  it('carries a refusal over with its code and its sentence', async () => {
    const order = {
      ...importOrder,
      spec: { ...(importOrder.spec as object), paths: [join(folder.path, 'nothing')] },
    };
    await expect(start(order, hear()).finished).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('nothing'),
    });
  });

  it.each(['pause', 'discard'] as const)(
    'gives up when told to %s, and the checkpoint is there only after a pause',
    async (how) => {
      const dir = copyOfStudy(`${how}-${start.name}`);
      const order = elsewhere(orderOf(study, smallPretrain(1000)), dir);
      const running = start(
        order,
        hear((event) => {
          if (event.type === 'metric' && event.x >= 2) running.stop(how);
        }),
      );
      await expect(running.finished).rejects.toMatchObject({ code: 'cancelled' });
      expect(checkpoints(dir)).toHaveLength(how === 'pause' ? 1 : 0);
      expect(existsSync(join(dir, 'artifacts', 'model'))).toBe(false);
    },
  );

  it('keeps what it has when told to, under a key of its own, and the same request goes on to its end', async () => {
    const dir = copyOfStudy(`keep-${start.name}`);
    const order = elsewhere(orderOf(study, smallPretrain(12)), dir);
    const whole = await start(elsewhere(order, copyOfStudy(`whole-${start.name}`)), hear()).finished;
    const running = start(
      order,
      hear((event) => {
        if (event.type === 'metric' && event.x >= 2) running.stop('keep');
      }),
    );
    const kept = await running.finished;
    expect(kept.artifacts[0]!.summary).toMatchObject({ stoppedEarly: true });
    expect(kept.artifacts[0]!.id).not.toBe(whole.artifacts[0]!.id);
    const later = await start(order, hear()).finished;
    expect(later.artifacts[0]).toMatchObject({ id: whole.artifacts[0]!.id, hash: whole.artifacts[0]!.hash });
  });
});

describe('distilling', () => {
  it('that was left between describing and choosing goes on to the very result of an undisturbed run', async () => {
    const order = orderOf(study, { kind: 'distill', params: { passes: 2, keep: 0.2, compare: false } });
    const dir = copyOfStudy('left');
    const running = runJob(
      elsewhere(order, dir),
      hear((event) => {
        if (event.type === 'phase' && event.index === 2) running.stop('pause');
      }),
    );
    await expect(running.finished).rejects.toMatchObject({ code: 'cancelled' });
    expect(checkpoints(dir).some((name) => name.endsWith('-described'))).toBe(true);
    const again = hear();
    const output = await runJob(elsewhere(order, dir), again).finished;
    expect(again.events.some(({ event }) => event.type === 'metric')).toBe(false);
    const undisturbed = await runJob(order, hear()).finished;
    expect(output.artifacts[0]).toMatchObject({
      id: undisturbed.artifacts[0]!.id,
      hash: undisturbed.artifacts[0]!.hash,
    });
    expect(checkpoints(dir)).toEqual([]);
  });
});

describe('progress', () => {
  it('is told at most ten times a second, and its last word is never lost', async () => {
    const heard = hear();
    await runJob(importOrder, heard).finished;
    const { events } = heard;
    for (let at = 1; at < events.length - 1; at++) {
      const [before, now, after] = [events[at - 1]!, events[at]!, events[at + 1]!];
      // Between other events; the one that another event or the end pushed out comes when it must.
      if (
        before.event.type !== 'progress' ||
        now.event.type !== 'progress' ||
        after.event.type !== 'progress'
      )
        continue;
      expect(now.atMs - before.atMs).toBeGreaterThan(95);
    }
    const told = events.filter(({ event }) => event.type === 'progress');
    expect(told.at(-1)!.event).toMatchObject({ done: 45 });
  });
});

describe('a worker that is killed', () => {
  it('fails with a remedy, and the same order goes on to the very result of an undisturbed run', async () => {
    const dir = copyOfStudy('killed');
    const order = elsewhere(orderOf(study, smallPretrain(12)), dir);
    const undisturbed = await runJob(elsewhere(order, copyOfStudy('undisturbed')), hear()).finished;
    const { running, child } = follow(
      order,
      hear((event) => {
        if (event.type === 'metric' && event.x >= 3) child.kill('SIGKILL');
      }),
    );
    await expect(running.finished).rejects.toMatchObject({
      code: 'engine-failed',
      message: expect.stringMatching(/SIGKILL.*goes on from its last checkpoint/),
    });
    expect(checkpoints(dir)).toHaveLength(1);
    const points: number[] = [];
    const again = await runJob(
      order,
      hear((event) => {
        if (event.type === 'progress' && event.unit === 'steps') points.push(event.done);
      }),
    ).finished;
    expect(points[0]).toBeGreaterThan(2);
    expect(again.artifacts[0]).toMatchObject({
      id: undisturbed.artifacts[0]!.id,
      hash: undisturbed.artifacts[0]!.hash,
    });
  });
});

/** As forkJob does, with the process in hand. */
function follow(order: JobOrder, listener: JobListener) {
  const child = fork(
    fileURLToPath(new URL('../../../src-main/worker.ts', import.meta.url)),
    [writeOrder(order)],
    {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
    },
  );
  const running = followWorker(order, listener, {
    onMessage: (handle) => child.on('message', (message) => handle(message as WorkerMessage)),
    onExit: (handle) => child.on('close', (code, signal) => handle(signal ?? `code ${code}`)),
    onLog: (handle) => child.stderr!.on('data', (chunk) => handle(String(chunk))),
    send: (how) => child.send({ type: 'stop', how }),
    kill: () => child.kill('SIGKILL'),
  });
  return { running, child };
}
