/** What people say of automatic marks, and the way back from it; every step leaves an entry behind. */
import { join } from 'node:path';
import { createRouterClient } from '@orpc/server';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { jobInput } from '#shared/job-input.ts';
import type { MarkView } from '#shared/views.ts';
import { runJob } from '#main/jobs/run.ts';
import { recordingService } from '#main/services/recordings.ts';
import { Studies } from '#main/services/study.ts';
import { SettingsFile } from '#main/settings.ts';
import { temporaryFolder } from '../../make/edf-files.ts';
import { makeRecordings, openQueue } from '../jobs/small-study.ts';

const folder = temporaryFolder();
let studies: Studies;
let recording: string;
let round = 0;

beforeEach(async () => {
  const dir = join(folder.path, `study-${++round}`);
  await makeRecordings(`${dir}-recordings`, 1, 2);
  const { catalog, queue } = openQueue(dir);
  await queue.finished(queue.add(jobInput.parse({ kind: 'import', paths: [`${dir}-recordings`] })).id);
  recording = catalog.recordings.list()[0]!.id;
  for (const [id, channel] of [
    ['muscle', 'Fp1'],
    ['blink', 'Fp2'],
    ['movement', null],
  ] as const)
    catalog.marks.add(
      recording,
      { id, source: 'automatic', startS: 1, durationS: 0, text: id, channel },
      '2024-01-01T00:00:00Z',
    );
  catalog.close();
  await studies?.close();
  studies = new Studies(new SettingsFile(join(folder.path, 'settings')), runJob);
  await studies.openAt(dir);
});
afterAll(async () => {
  await studies.close();
  folder[Symbol.dispose]();
});

const client = () => createRouterClient(recordingService(studies), { context: {} });
const automatic = async (): Promise<string[]> =>
  (await client().get({ id: recording })).marks
    .filter(({ source }) => source === 'automatic')
    .map(({ id }) => id)
    .sort();
const entries = (): string[] =>
  studies
    .current()
    .catalog.audit.list()
    .map(({ what }) => what);
const answer = (id: string, to: 'accepted' | 'rejected' | null) =>
  client().answer({ recording, answers: [{ id, answer: to }] });

describe('automatic marks', () => {
  it('become marks by hand or vanish from the page, and are still known as found', async () => {
    await answer('muscle', 'accepted');
    await client().unmark({ recording, id: 'blink' });
    const { marks, answered } = await client().get({ id: recording });
    const shown = (id: string): MarkView | undefined => marks.find((mark) => mark.id === id);
    expect(shown('muscle')).toMatchObject({ source: 'human', found: true });
    expect(shown('blink')).toBeUndefined();
    expect(answered.map(({ mark, answer: said }) => [mark.id, said])).toEqual([
      ['blink', 'rejected'],
      ['muscle', 'accepted'],
    ]);
  });

  it('are as they were found after going back, for one channel or for all', async () => {
    for (const id of ['muscle', 'blink', 'movement']) await answer(id, 'rejected');
    await client().setBad({ recording, channel: 0, bad: true });
    await client().setBad({ recording, channel: 1, bad: true });
    expect(await client().backToAutomatic({ recording, channel: 0 })).toEqual({
      answers: [{ id: 'muscle', answer: 'rejected' }],
      bad: [0],
    });
    expect(await automatic()).toEqual(['muscle']);
    const taken = await client().backToAutomatic({ recording, channel: null });
    expect(taken.bad).toEqual([1]);
    expect(await automatic()).toEqual(['blink', 'movement', 'muscle']);
    expect(entries().filter((what) => what === 'back to automatic')).toHaveLength(2);

    // The way back again, as undo takes it.
    await client().answer({ recording, ...taken });
    expect(await automatic()).toEqual(['muscle']);
    expect(studies.current().catalog.marks.badChannels(recording)).toEqual(new Set([1]));
    expect(entries().at(-1)).toBe('automatic marks answered');
    expect(studies.current().catalog.audit.firstBroken()).toBeNull();
  });

  it('stay beside marks that people made themselves', async () => {
    const mark = { startS: 0.5, durationS: 0, text: 'Eyes closed', channel: null };
    const own = await client().mark({ recording, mark });
    await client().backToAutomatic({ recording, channel: null });
    const { marks } = await client().get({ id: recording });
    expect(marks.find(({ id }) => id === own.id)).toMatchObject(mark);
    expect(entries()).not.toContain('back to automatic');
  });

  it('are answered all together or not at all', async () => {
    const answers = [
      { id: 'muscle', answer: 'accepted' as const },
      { id: 'gone', answer: 'accepted' as const },
    ];
    await expect(client().answer({ recording, answers })).rejects.toThrow(/gone/);
    expect(await automatic()).toEqual(['blink', 'movement', 'muscle']);
  });
});
