import { spawn } from 'node:child_process';
import { cpSync, existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AppError } from '#shared/errors.ts';
import { jobInput, type JobMessage, type JobRequest } from '#shared/job-input.ts';
import { runJob } from '#main/jobs/run.ts';
import type { StartJob } from '#main/jobs/runner.ts';
import { temporaryFolder } from '../../make/edf-files.ts';
import { makeStudy, openQueue, smallPretrain } from './small-study.ts';

let folder: ReturnType<typeof temporaryFolder>;
let study: string;
beforeAll(async () => {
  folder = temporaryFolder();
  study = join(folder.path, 'study');
  await makeStudy(study);
});
afterAll(() => folder[Symbol.dispose]());

let copies = 0;
/** A study of its own for each test. */
function open(start: StartJob = runJob) {
  const dir = join(folder.path, `copy-${copies++}`);
  cpSync(study, dir, { recursive: true });
  const opened = openQueue(dir, start);
  const messages: JobMessage[] = [];
  opened.queue.messages.on((message) => messages.push(message));
  return {
    dir,
    ...opened,
    messages,
    add: (request: JobRequest) => opened.queue.add(jobInput.parse(request), { engine: 'wasm' }),
  };
}
const full = () => new AppError('disk-full', 'The disk is full; free some space.');

describe('the queue', () => {
  it('runs one at a time, in the order asked for, and each ends with its last word', async () => {
    const { queue, catalog, add, messages } = open();
    const ids = [add(smallPretrain(2)).id, add(smallPretrain(1)).id, add({ kind: 'prepare' }).id];
    expect(ids.map((id) => queue.get(id).status)).toEqual(['running', 'queued', 'queued']);
    for (const id of ids) await queue.finished(id);
    const running = messages
      .filter(({ job, event }) => job.status === 'running' && event?.type === 'phases')
      .map(({ job }) => job.id);
    expect(running).toEqual(ids);
    for (const id of ids) {
      expect(messages.findLast(({ job }) => job.id === id)!.job).toMatchObject({
        status: 'done',
        endedAt: expect.any(String),
        artifact: expect.any(String),
      });
      expect(catalog.jobs.events(id).at(-1)!.event).toMatchObject({ type: 'note', level: 'ok' });
    }
    catalog.close();
  });

  it('writes the outcome in one transaction: all of it, or nothing and the run has failed', async () => {
    const { queue, catalog, add } = open();
    const before = catalog.artifacts.list().length;
    const audited = catalog.audit.list().length;
    vi.spyOn(catalog.audit, 'append').mockImplementationOnce(() => {
      throw full();
    });
    const { id } = add(smallPretrain(1));
    await expect(queue.finished(id)).rejects.toMatchObject({ code: 'disk-full' });
    expect(queue.get(id)).toMatchObject({ status: 'failed', artifact: null, error: { code: 'disk-full' } });
    expect(catalog.artifacts.list()).toHaveLength(before);
    expect(catalog.audit.list()).toHaveLength(audited);
    expect(catalog.jobs.events(id).some(({ event }) => event.type === 'note' && event.level === 'ok')).toBe(
      false,
    );
    catalog.close();
  });

  it('finds what was made but not written down, and does not make it again', async () => {
    const { dir, queue, catalog, add } = open();
    vi.spyOn(catalog.audit, 'append').mockImplementationOnce(() => {
      throw full();
    });
    const { id } = add(smallPretrain(1));
    await expect(queue.finished(id)).rejects.toThrow();
    const [name] = readdirSync(join(dir, 'artifacts', 'model'));
    const made = statSync(join(dir, 'artifacts', 'model', name!, 'manifest.json')).mtimeMs;
    queue.resume(id);
    const output = await queue.finished(id);
    expect(output.artifacts[0]!.id).toBe(name);
    expect(queue.get(id)).toMatchObject({ status: 'done', artifact: name, error: null });
    expect(statSync(join(dir, 'artifacts', 'model', name!, 'manifest.json')).mtimeMs).toBe(made);
    expect(catalog.audit.firstBroken()).toBeNull();
    catalog.close();
  });

  it('ends a run whose catalog cannot be written any more, and the application goes on', async () => {
    const { queue, catalog, add, messages } = open();
    const update = vi.spyOn(catalog.jobs, 'update');
    const { id } = add(smallPretrain(1000));
    update.mockImplementation(() => {
      throw full();
    });
    await expect(queue.finished(id)).rejects.toMatchObject({ code: 'disk-full' });
    expect(queue.get(id)).toMatchObject({ status: 'failed', error: { code: 'disk-full' } });
    expect(messages.at(-1)!.job.status).toBe('failed');
    update.mockRestore();
    queue.resume(id);
    queue.stop(id, 'discard');
    await expect(queue.finished(id)).rejects.toMatchObject({ code: 'cancelled' });
    expect(queue.get(id).status).toBe('discarded');
    catalog.close();
  });

  it('stops: pause leaves it to be taken up, discard throws it away, keep makes a result', async () => {
    for (const [how, status] of [
      ['pause', 'interrupted'],
      ['discard', 'discarded'],
      ['keep', 'stopped'],
    ] as const) {
      const { queue, catalog, add, messages } = open();
      const { id } = add(smallPretrain(1000));
      queue.messages.on(({ event }) => {
        if (
          event?.type === 'metric' &&
          event.x >= 1 &&
          messages.filter((message) => message.event?.type === 'metric').length === 5
        )
          queue.stop(id, how);
      });
      await queue.finished(id).catch((error: unknown) => expect(error).toMatchObject({ code: 'cancelled' }));
      const job = queue.get(id);
      expect(job).toMatchObject({ status, error: null });
      expect(job.artifact === null).toBe(how !== 'keep');
      if (how === 'keep') expect(() => queue.resume(id)).toThrow(/only an interrupted or failed run/);
      catalog.close();
    }
  });

  it('tells one truth of a request that ended early and was made again: the latest run goes on, the others point to it', async () => {
    const { dir, queue, catalog, add } = open();
    const first = add(smallPretrain(1000)).id;
    const other = add(smallPretrain(3)).id;
    queue.stop(first, 'pause');
    await expect(queue.finished(first)).rejects.toMatchObject({ code: 'cancelled' });
    const second = add(smallPretrain(1000)).id;
    queue.stop(second, 'discard');
    await queue.finished(other);
    const third = add(smallPretrain(1000));
    expect(third.supersededBy).toBeNull();
    expect([first, second, other].map((id) => queue.get(id).supersededBy)).toEqual([
      third.id,
      third.id,
      null,
    ]);
    expect(() => queue.resume(first)).toThrow(new RegExp(`asked for again as ${third.id}`));
    await queue.close();
    catalog.close();
    const later = openQueue(dir);
    expect(later.queue.get(first).supersededBy).toBe(third.id);
    later.queue.resume(third.id);
    later.queue.stop(third.id, 'discard');
    expect(later.queue.get(third.id).supersededBy).toBeNull();
    await later.queue.close();
    later.catalog.close();
  });

  it('takes a waiting run out when it is stopped before its turn', async () => {
    const { queue, catalog, add } = open();
    const first = add(smallPretrain(3)).id;
    const waiting = add(smallPretrain(4)).id;
    expect(queue.stop(waiting, 'discard').status).toBe('discarded');
    await queue.finished(first);
    expect(() => queue.stop(first, 'discard')).toThrow(/not running any more/);
    expect(catalog.artifacts.list('model')).toHaveLength(1);
    catalog.close();
  });

  it('lets go of the running job when the study is closed; it and those waiting can be taken up later', async () => {
    const { dir, queue, catalog, add } = open();
    const first = add(smallPretrain(1000)).id;
    const second = add(smallPretrain(2)).id;
    await queue.close();
    catalog.close();
    const later = openQueue(dir);
    expect([first, second].map((id) => later.queue.get(id).status)).toEqual(['interrupted', 'interrupted']);
    later.queue.resume(second);
    await later.queue.finished(second);
    later.catalog.close();
  });

  it('refuses a request at once when what it needs is not there', () => {
    const { queue, catalog, add } = open();
    expect(() => add({ kind: 'distill', segments: 'S-0000000000' })).toThrow(
      /There is no set of segments S-0000000000/,
    );
    expect(() => add({ kind: 'finetune', model: 'none', labels: ['joy'] })).toThrow(/two different labels/);
    expect(queue.list()).toHaveLength(2);
    catalog.close();
  });
});

describe('a killed application', () => {
  it('leaves an interrupted run that goes on from its checkpoint, and a worker that ends by itself', async () => {
    const { dir, catalog } = open();
    catalog.close();
    const cli = fileURLToPath(new URL('../../../src-main/cli.ts', import.meta.url));
    const words = [
      'pretrain',
      '--study',
      dir,
      '--subset',
      'full',
      '--passes',
      '1000',
      '--patience',
      '0',
      '--samples-per-pass',
      '16',
      '--batch',
      '8',
      '--hold-out',
      '0',
      '--engine',
      'wasm',
      '--quiet',
    ];
    const child = spawn(process.execPath, [cli, ...words], {
      stdio: 'ignore',
      env: { ...process.env, LIMBECK_SETTINGS: dir },
    });
    const ended = new Promise((resolve) => child.on('exit', resolve));
    const checkpoint = () =>
      existsSync(join(dir, 'work')) &&
      readdirSync(join(dir, 'work'))
        .map((name) => join(dir, 'work', name, 'checkpoint.safetensors'))
        .find((path) => existsSync(path));
    await expect.poll(checkpoint, { timeout: 50_000, interval: 20 }).toBeTruthy();
    child.kill('SIGKILL');
    await ended;
    const { queue, catalog: again } = openQueue(dir);
    const [job] = queue.list();
    expect(job).toMatchObject({ kind: 'pretrain', status: 'interrupted', artifact: null });
    // The orphan writes no more: its checkpoint stays as it is.
    const path = String(checkpoint());
    await expect
      .poll(() => Date.now() - statSync(path).mtimeMs, { timeout: 20_000, interval: 100 })
      .toBeGreaterThan(1000);
    const steps: number[] = [];
    queue.messages.on(({ event }) => {
      if (event?.type !== 'progress' || event.unit !== 'steps') return;
      steps.push(event.done);
      queue.stop(job!.id, 'keep');
    });
    queue.resume(job!.id);
    await queue.finished(job!.id);
    expect(steps[0]).toBeGreaterThan(2);
    expect(queue.get(job!.id)).toMatchObject({ status: 'stopped', artifact: expect.stringMatching(/^P-/) });
    again.close();
  });
});
