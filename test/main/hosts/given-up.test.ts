import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { jobInput } from '#shared/job-input.ts';
import { createApp } from '#main/app.ts';
import { runJob } from '#main/jobs/run.ts';
import { SettingsFile } from '#main/settings.ts';
import { createApi } from '#renderer/client.ts';
import { makeEdf, temporaryFolder } from '../../make/edf-files.ts';

it('survives a page that no longer wants its answer: what is given up half-way ends nothing else', async () => {
  using folder = temporaryFolder();
  const { path } = await makeEdf(join(folder.path, 'a.edf'));
  const app = createApp({
    host: 'web',
    startJob: runJob,
    settings: new SettingsFile(join(folder.path, 'settings')),
  });
  const broken: unknown[] = [];
  const note = (error: unknown) => void broken.push(error);
  process.on('unhandledRejection', note);
  try {
    await app.studies.openAt(join(folder.path, 'study'));
    const { queue, catalog } = app.studies.current();
    await queue.finished(queue.add(jobInput.parse({ kind: 'import', paths: [path] })).id);
    const api = createApi('http://127.0.0.1', null, async (request, init) => {
      const response = await app.fetch(new Request(request, init));
      await response.body!.cancel();
      return new Response('given up', { status: 500 });
    });
    const recording = catalog.recordings.list()[0]!.id;
    for (let again = 0; again < 20; again++)
      await api.signals.window({ recording, startS: 0, seconds: 10 }).catch(() => undefined);
    await setTimeout(20);
    expect(broken).toEqual([]);
  } finally {
    process.off('unhandledRejection', note);
    await app.close();
  }
});
