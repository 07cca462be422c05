import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jobInput } from '#shared/job-input.ts';
import type { RepairMessage } from '#shared/views.ts';
import { createApp, type App } from '#main/app.ts';
import { fileHash } from '#main/io/file-hash.ts';
import { runJob } from '#main/jobs/run.ts';
import { SettingsFile } from '#main/settings.ts';
import { createApi, type Api } from '#renderer/client.ts';
import { makeEdf, patch, temporaryFolder } from '../../make/edf-files.ts';

let folder: ReturnType<typeof temporaryFolder>;
let app: App;
let api: Api;
const at = (...parts: string[]) => join(folder.path, ...parts);

async function add(...paths: string[]): Promise<void> {
  const { queue } = app.studies.current();
  const { id } = queue.add(jobInput.parse({ kind: 'import', paths, dataset: 'Ward' }));
  await queue.finished(id);
}

function idOf(file: string): string {
  return app.studies
    .current()
    .catalog.recordings.list()
    .find(({ path }) => path.endsWith(file))!.id;
}

async function write(recordings: string[], to = ''): Promise<RepairMessage[]> {
  const told: RepairMessage[] = [];
  for await (const message of await api.repairs.write({ recordings, folder: to })) told.push(message);
  return told;
}

beforeAll(async () => {
  folder = temporaryFolder();
  mkdirSync(at('files', 'ward'), { recursive: true });
  const { path } = await makeEdf(at('healthy.edf'));
  await makeEdf(at('files', 'other.edf'), { annotations: [{ onsetS: 1, durationS: 0, text: 'other' }] });
  patch(path, at('files', 'ward', 'S01.edf'), 236, '-1      ');
  appendFileSync(at('files', 'ward', 'S01.edf'), 'x'.repeat(700));
  patch(path, at('files', 'S02.edf'), 236, '999     ');
  patch(path, at('files', 'S03.edf'), 236, '3       ');
  writeFileSync(at('files', 'note.edf'), 'no recording');
  app = createApp({ host: 'web', startJob: runJob, settings: new SettingsFile(at('settings')) });
  api = createApi('http://127.0.0.1', null, async (request, init) => app.fetch(new Request(request, init)));
  await app.studies.openAt(at('study'));
  await add(at('files'));
});
afterAll(async () => {
  await app.close();
  folder[Symbol.dispose]();
});

describe('repairing from the window', () => {
  it('says what a copy would change and where it would go before anything is written', async () => {
    const plan = await api.repairs.plan({ recording: idOf('S01.edf') });
    expect(plan.mends.map(({ code }) => code)).toEqual(['record-count-wrong', 'bytes-after-last-record']);
    expect(plan.mends[0]).toMatchObject({ bytes: [236, 243], before: '-1', after: '10' });
    expect(plan.copy).toBe(at('study', 'repaired', 'Ward', 'ward', 'S01.edf'));
    expect(plan).toMatchObject({ taken: false, copies: [], copyOf: null });
    expect(plan.bytes).toBe(readFileSync(at('healthy.edf')).length);
    expect(existsSync(at('study', 'repaired'))).toBe(false);
  });

  it('writes what the plan says, tells how far it is, and leaves the original byte for byte', async () => {
    const id = idOf('S01.edf');
    const source = at('files', 'ward', 'S01.edf');
    const before = await fileHash(source);
    const told = await write([id]);
    expect(told.some((message) => message.type === 'progress' && message.done === message.total)).toBe(true);
    const last = told.at(-1)!;
    expect(last).toMatchObject({ type: 'written', recording: id, remaining: [] });
    expect(await fileHash(source)).toBe(before);
    const copy = at('study', 'repaired', 'Ward', 'ward', 'S01.edf');
    expect(readFileSync(copy).equals(readFileSync(at('healthy.edf')))).toBe(true);
    const plan = await api.repairs.plan({ recording: id });
    expect(plan.taken).toBe(true);
    expect(plan.copies).toMatchObject([{ path: copy, there: true, recording: null }]);
    expect(await api.repairs.copies()).toEqual({ [id]: plan.copies });
    expect(app.studies.current().catalog.audit.list().at(-1)).toMatchObject({ what: 'repair' });
    expect(app.studies.current().catalog.audit.firstBroken()).toBeNull();
  });

  it('counts a copy and its original once, of the same person, when the copy is added', async () => {
    const id = idOf('files/ward/S01.edf');
    const [copy] = (await api.repairs.plan({ recording: id })).copies;
    app.studies.current().catalog.recordings.setSubject(id, 'Ward/Anna');
    await add(copy!.path);
    const { copies } = await api.repairs.plan({ recording: id });
    const { recordings } = await api.recordings.list();
    const row = recordings.find((each) => each.id === copies[0]!.recording)!;
    expect(row.duplicateOf).toBe(id);
    expect(row.subject).toBe('Ward/Anna');
    expect((await api.repairs.plan({ recording: row.id })).copyOf).toEqual({ id, file: 'S01.edf' });
  });

  it('tells copies apart that came out equal, by where they lie', async () => {
    const id = idOf('S02.edf');
    await write([id]);
    const [copy] = (await api.repairs.plan({ recording: id })).copies;
    await add(copy!.path);
    const added = (await api.repairs.plan({ recording: id })).copies[0]!.recording!;
    expect(await fileHash(copy!.path)).toBe(await fileHash(at('healthy.edf')));
    expect((await api.repairs.plan({ recording: added })).copyOf).toEqual({ id, file: 'S02.edf' });
  });

  it('goes on with the others when one cannot be written, and never writes over a file', async () => {
    const told = await write([idOf('files/ward/S01.edf'), idOf('note.edf'), idOf('S03.edf')]);
    const ends = told.filter(({ type }) => type !== 'progress');
    expect(ends).toMatchObject([
      { type: 'refused', code: 'conflict' },
      { type: 'refused', code: 'damaged-file' },
      { type: 'written', mended: [{ code: 'record-count-wrong', before: '3', after: '10' }] },
    ]);
  });

  it('refuses with words what cannot be repaired', async () => {
    await expect(api.repairs.plan({ recording: idOf('note.edf') })).rejects.toMatchObject({
      code: 'damaged-file',
      message: expect.stringContaining('cannot be repaired'),
    });
    await expect(api.repairs.plan({ recording: 'R000' })).rejects.toMatchObject({ code: 'not-found' });
    await expect(api.repairs.plan({ recording: idOf('S02.edf'), folder: 'somewhere' })).rejects.toMatchObject(
      { code: 'invalid-input' },
    );
    const told = await write([idOf('other.edf')], at('elsewhere'));
    expect(told).toMatchObject([{ type: 'refused', code: 'no-data' }]);
    expect(existsSync(at('elsewhere'))).toBe(false);
  });
});
