import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runJob } from '#main/jobs/run.ts';
import { Studies } from '#main/services/study.ts';
import { SettingsFile } from '#main/settings.ts';
import { findArtifact } from '#main/store/artifact.ts';
import { putAside } from '#main/store/aside.ts';
import { temporaryFolder } from '../../make/edf-files.ts';
import { makeStudy } from '../jobs/small-study.ts';

let folder: ReturnType<typeof temporaryFolder>;
let study: string;
let settings: SettingsFile;
const studies = () => new Studies(settings, runJob);
beforeAll(async () => {
  folder = temporaryFolder();
  study = join(folder.path, 'study');
  settings = new SettingsFile(join(folder.path, 'settings'));
  await makeStudy(study);
});
afterAll(() => folder[Symbol.dispose]());

describe('a study', () => {
  it('is opened, counted and remembered; a new folder becomes one', async () => {
    const all = studies();
    const told: string[] = [];
    all.changes.on(({ topics }) => told.push(...topics));
    expect(await all.openAt(study)).toMatchObject({ name: 'study', recordings: 3, subjects: 3, runs: 2 });
    expect(await all.openAt(join(folder.path, 'new', 'below'))).toMatchObject({
      name: 'below',
      recordings: 0,
    });
    expect(settings.read().recent.map(({ name }) => name)).toEqual(['below', 'study']);
    expect(told).toContain('study');
    await all.close();
    expect(() => all.current()).toThrow(/No study is open/);
  });

  it('stays as it was when another cannot be opened', async () => {
    const all = studies();
    await all.openAt(study);
    mkdirSync(join(folder.path, 'other'), { recursive: true });
    writeFileSync(join(folder.path, 'other', 'holiday.jpg'), '');
    await expect(all.openAt(join(folder.path, 'other'))).rejects.toMatchObject({ code: 'conflict' });
    expect(all.current().dir).toBe(study);
    expect(existsSync(join(folder.path, 'other', 'study.sqlite'))).toBe(false);
    await all.close();
  });

  it('is held against a second opening, and let go when closed', async () => {
    const first = studies();
    const second = studies();
    await first.openAt(study);
    await expect(second.openAt(study)).rejects.toMatchObject({ code: 'locked' });
    await first.close();
    await second.openAt(study);
    await second.close();
  });

  it('gets back what a killed "reproduce" had put aside, also in the place of what that one made', async () => {
    const all = studies();
    await all.openAt(study);
    const { id, hash } = all.current().catalog.artifacts.list('segments')[0]!;
    const artifact = (await findArtifact(study, id))!;
    await putAside(study, artifact);
    expect(await findArtifact(study, id)).toBeNull();
    mkdirSync(artifact.dir);
    writeFileSync(join(artifact.dir, 'manifest.json'), 'half');
    await all.close();
    await all.openAt(study);
    expect((await findArtifact(study, id))!.manifest.hash).toBe(hash);
    expect(existsSync(join(study, 'artifacts', '.aside'))).toBe(false);
    await all.close();
  });

  it('tells of recordings that are not at their place, and finds them again', async () => {
    const all = studies();
    await all.openAt(study);
    const { path } = all.current().catalog.recordings.list()[0]!;
    renameSync(path, `${path}.away`);
    await expect(
      all.current().files.get(all.current().catalog.recordings.list()[0]!.id),
    ).rejects.toMatchObject({ code: 'not-found' });
    renameSync(`${path}.away`, path);
    expect(
      (await all.current().files.get(all.current().catalog.recordings.list()[0]!.id)).header.durationS,
    ).toBe(60);
    await all.close();
  });
});
