import { appendFile, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  artifactKey,
  findArtifact,
  listArtifacts,
  openArtifact,
  removeArtifact,
  verifyArtifact,
  type ArtifactIdentity,
} from '#main/store/artifact.ts';
import { openDraft } from '#main/store/draft.ts';

let study: string;
beforeEach(async () => {
  study = await mkdtemp(join(tmpdir(), 'limbeck-artifact-'));
});
afterEach(() => rm(study, { recursive: true }));

const identity: ArtifactIdentity & { letter: string } = {
  kind: 'segments',
  letter: 'S',
  method: 'prepare',
  params: { highPassHz: 0.5, lowPassHz: 45 },
  seed: 1,
  engine: '',
  inputs: [
    { role: 'recording', id: 'R1', hash: 'aa' },
    { role: 'recording', id: 'R2', hash: 'bb' },
  ],
};
const end = { createdAt: '2026-01-02T03:04:05Z', seconds: 1, limbeck: '0.1.0', summary: { segments: 2 } };

async function make(content = 'hello') {
  const draft = await openDraft(study, identity);
  await draft.write('facts.json', JSON.stringify({ content }));
  await draft.append('data/rows.bin', new Uint8Array([1, 2]));
  await draft.append('data/rows.bin', new Uint8Array([3]));
  return draft;
}
const placeOf = (id: string) => join(study, 'artifacts', 'segments', id);

describe('the key of an artifact', () => {
  it('depends on the facts, not on how they are written down or named', () => {
    const key = artifactKey(identity);
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(artifactKey({ ...identity, params: { lowPassHz: 45, highPassHz: 0.5 } })).toBe(key);
    expect(
      artifactKey({ ...identity, inputs: identity.inputs.map((input) => ({ ...input, id: 'renamed' })) }),
    ).toBe(key);
  });

  it('changes with every fact', () => {
    const variants: ArtifactIdentity[] = [
      { ...identity, kind: 'model' },
      { ...identity, method: 'prepare/2' },
      { ...identity, params: { highPassHz: 0.5, lowPassHz: 46 } },
      { ...identity, seed: 2 },
      { ...identity, engine: 'wasm' },
      { ...identity, inputs: identity.inputs.toReversed() },
      { ...identity, inputs: [] },
    ];
    expect(new Set([identity, ...variants].map(artifactKey)).size).toBe(variants.length + 1);
  });

  it('refuses parameters that JSON would change silently', () => {
    expect(() => artifactKey({ ...identity, params: { rate: Number.NaN } })).toThrow(/NaN/);
  });
});

describe('a draft', () => {
  it('becomes visible with commit, whole and verified', async () => {
    const draft = await make();
    expect(await findArtifact(study, draft.key)).toBeNull();
    const manifest = await draft.commit(end);
    expect(manifest.id).toBe(`S-${draft.key.slice(0, 10)}`);
    expect(manifest.files.map(({ path, bytes }) => [path, bytes])).toEqual([
      ['data/rows.bin', 3],
      ['facts.json', 19],
    ]);
    const found = await findArtifact(study, draft.key);
    expect(found?.manifest).toEqual(manifest);
    expect((await findArtifact(study, manifest.id))?.manifest).toEqual(manifest);
    expect([...(await found!.bytes('data/rows.bin'))]).toEqual([1, 2, 3]);
    expect(await found!.json('facts.json')).toEqual({ content: 'hello' });
    expect(await verifyArtifact(placeOf(manifest.id))).toEqual([]);
    expect(await readdir(join(study, 'artifacts', '.writing'))).toEqual([]);
  });

  it('that dies at any moment leaves nothing visible, and its leftovers go with the next attempt', async () => {
    const abandoned = await make('half');
    await abandoned.write('stray.bin', 'x');
    expect((await listArtifacts(study)).artifacts).toEqual([]);
    const manifest = await (await make()).commit(end);
    expect(manifest.files.map(({ path }) => path)).toEqual(['data/rows.bin', 'facts.json']);
    await abandoned.discard();
    expect(await verifyArtifact(placeOf(manifest.id))).toEqual([]);
  });

  it('is gone after discard and refuses more content', async () => {
    const draft = await make();
    await draft.discard();
    expect(await readdir(join(study, 'artifacts', '.writing'))).toEqual([]);
    await expect(draft.write('late.txt', 'x')).rejects.toThrow(/finished/);
  });

  it('with the same content gives the same hash, at any time', async () => {
    const first = await (await make()).commit(end);
    await removeArtifact(study, first.id);
    expect(await findArtifact(study, first.id)).toBeNull();
    const second = await (await make()).commit({ ...end, createdAt: '2027-01-01T00:00:00Z', seconds: 99 });
    expect(second.hash).toBe(first.hash);
  });

  it('keeps a finished twin, and says so when the twin differs', async () => {
    const first = await (await make()).commit(end);
    expect(await (await make()).commit({ ...end, seconds: 7 })).toEqual(first);
    await expect((await make('other')).commit(end)).rejects.toMatchObject({ code: 'conflict' });
    expect(await verifyArtifact(placeOf(first.id))).toEqual([]);
  });

  it.each(['../out', '/etc/x', 'a/../../b', 'manifest.json', 'a\\b'])('refuses the name %s', async (path) => {
    const draft = await openDraft(study, identity);
    await expect(draft.write(path, 'x')).rejects.toThrow(/not a file name/);
  });
});

describe('verification', () => {
  it('names a changed, a longer, a missing and an added file', async () => {
    const { id } = await (await make()).commit(end);
    const dir = placeOf(id);
    await writeFile(join(dir, 'data/rows.bin'), new Uint8Array([1, 2, 4]));
    await appendFile(join(dir, 'facts.json'), ' ');
    await writeFile(join(dir, 'new.txt'), '');
    expect(await verifyArtifact(dir)).toEqual([
      'data/rows.bin has other content than when it was made.',
      'facts.json has 20 bytes instead of 19.',
      'new.txt was added later.',
    ]);
    await rm(join(dir, 'facts.json'));
    expect(await verifyArtifact(dir)).toContain('facts.json is missing.');
  });

  it('tells a damaged manifest from a newer one and from none, and lists the rest', async () => {
    const { id } = await (await make()).commit(end);
    const path = join(placeOf(id), 'manifest.json');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.slice(0, 50));
    await expect(openArtifact(placeOf(id))).rejects.toMatchObject({ code: 'damaged-file' });
    expect((await listArtifacts(study)).damaged).toHaveLength(1);
    await writeFile(path, text.replace('"manifestVersion": 1', '"manifestVersion": 2'));
    await expect(openArtifact(placeOf(id))).rejects.toMatchObject({ code: 'newer-version' });
    await rm(path);
    await expect(openArtifact(placeOf(id))).rejects.toMatchObject({ code: 'not-found' });
  });
});
