import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileHash } from '#main/io/file-hash.ts';
import { findRecordings } from '#main/io/files.ts';
import { inspectRecording, openRecording } from '#main/io/readers.ts';
import { makeEdf, temporaryFolder } from '../../make/edf-files.ts';

describe('opening by path', () => {
  it('goes by content when the name misleads', async () => {
    using folder = temporaryFolder();
    await makeEdf(join(folder.path, 'a.edf'), { annotations: [{ onsetS: 1, durationS: 2, text: 'T1' }] });
    await makeEdf(join(folder.path, 'renamed.csv'));
    await using renamed = await openRecording(join(folder.path, 'renamed.csv'));
    expect(renamed.header.format).toBe('EDF+C');
    const inspection = await inspectRecording(join(folder.path, 'a.edf'));
    expect(inspection).toMatchObject({
      path: join(folder.path, 'a.edf'),
      format: 'EDF+C',
      durationS: 10,
      annotations: [{ onsetS: 1, durationS: 2, text: 'T1' }],
      findings: [],
    });
    expect(inspection.channels.map(({ kind }) => kind)).toEqual(['eeg', 'eeg', 'resp', 'annotations']);
  });

  it('says what a file of a known other format is', async () => {
    using folder = temporaryFolder();
    for (const [name, word] of [
      ['a.vhdr', /BrainVision/],
      ['a.set', /EEGLAB/],
      ['a.xyz', /not a recording/],
    ] as const) {
      writeFileSync(join(folder.path, name), 'something');
      await expect(openRecording(join(folder.path, name))).rejects.toThrow(word);
    }
    await expect(openRecording(join(folder.path, 'none.edf'))).rejects.toMatchObject({ code: 'not-found' });
    await expect(openRecording(folder.path)).rejects.toMatchObject({ code: 'invalid-input' });
  });
});

describe('finding recordings', () => {
  it('walks folders in order, counts what it passes over, takes named files as they are', async () => {
    using folder = temporaryFolder();
    mkdirSync(join(folder.path, 'b/deep'), { recursive: true });
    mkdirSync(join(folder.path, '.hidden'));
    await makeEdf(join(folder.path, 'b/deep/z.edf'));
    await makeEdf(join(folder.path, 'b/a.EDF'));
    await makeEdf(join(folder.path, '.hidden/h.edf'));
    writeFileSync(join(folder.path, 'eeg.csv'), 'Cz,Pz\n1,2\n3,4\n');
    writeFileSync(join(folder.path, 'participants.tsv'), 'participant_id\tage\nsub-1\t3\n');
    writeFileSync(join(folder.path, 'readme.md'), 'x');
    const found = await findRecordings([
      folder.path,
      join(folder.path, 'b/a.EDF'),
      join(folder.path, 'readme.md'),
    ]);
    expect(found.files.map(({ relativePath }) => relativePath)).toEqual([
      'b/a.EDF',
      'b/deep/z.edf',
      'eeg.csv',
      'readme.md',
    ]);
    expect(found.ignored).toEqual({ '.tsv': 1, '.md': 1 });
    await expect(findRecordings([join(folder.path, 'nowhere')])).rejects.toMatchObject({ code: 'not-found' });
  });

  it('knows a file by its content', async () => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, 'a'), 'abc');
    expect(await fileHash(join(folder.path, 'a'))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });
});
