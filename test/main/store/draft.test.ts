import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRandom } from '#shared/random.ts';
import { openArtifact, verifyArtifact } from '#main/store/artifact.ts';
import {
  openDraft,
  removeDraft,
  takeUpDraft,
  type DraftIdentity,
  type LastingDraft,
} from '#main/store/draft.ts';

let study: string;
beforeEach(() => {
  study = mkdtempSync(join(tmpdir(), 'limbeck-draft-'));
});
afterEach(() => rmSync(study, { recursive: true }));

const identity: DraftIdentity = {
  kind: 'segments',
  letter: 'S',
  method: 'prepare',
  params: {},
  seed: 0,
  engine: '',
  inputs: [],
};
const end = { createdAt: '2026-01-01T00:00:00Z', seconds: 0, limbeck: '0', summary: {} };
const writing = () => join(study, 'artifacts', '.writing');

/** Step `step` of a work: it grows some files, replaces another; the same in every attempt. */
async function doStep(draft: LastingDraft, step: number): Promise<void> {
  const random = createRandom(`step ${step}`);
  for (let n = random.below(5); n > 0; n--)
    await draft.append(
      `data/${random.below(3)}.bin`,
      Uint8Array.from({ length: random.below(5000) }, () => random.below(256)),
    );
  if (step % 3 === 0) await draft.write('latest.json', JSON.stringify({ step }));
}

const steps = 12;
/** Goes on from wherever the draft is to the end, or to a sudden end within a step. */
async function work(dieIn = Infinity): Promise<string | null> {
  const { draft, notes } = await takeUpDraft(study, identity, 'the same');
  expect(notes).toEqual(Array.from({ length: notes.length }, (_, step) => ({ step })));
  for (let step = notes.length; step < steps; step++) {
    await doStep(draft, step);
    if (step >= dieIn) {
      await draft.leave();
      return null;
    }
    await draft.mark({ step });
  }
  return (await draft.commit(end)).hash;
}

describe('a draft that is marked', () => {
  it('comes to the same end however often and wherever it was interrupted', async () => {
    const undisturbed = await work();
    for (let seed = 0; seed < 8; seed++) {
      rmSync(join(study, 'artifacts'), { recursive: true });
      const random = createRandom(seed);
      for (let at = 0; (at += random.below(5)) < steps;) {
        expect(await work(at)).toBeNull();
        const [key] = readdirSync(writing());
        const torn = ['journal.ndjson', 'latest.json', 'data/0.bin', 'data/9.bin'][random.below(4)]!;
        mkdirSync(join(writing(), key!, 'data'), { recursive: true });
        appendFileSync(join(writing(), key!, torn), '{"note":{"step":99},"fi');
      }
      expect(await work(), `seed ${seed}`).toBe(undisturbed);
      const [id] = readdirSync(join(study, 'artifacts', 'segments'));
      expect(await verifyArtifact(join(study, 'artifacts', 'segments', id!))).toEqual([]);
    }
  });

  it('takes up nothing that was made for something else, or that was not marked', async () => {
    const { draft } = await takeUpDraft(study, identity, 'this');
    await draft.append('rows.bin', 'abc');
    await draft.mark(1);
    await draft.leave();
    expect((await takeUpDraft(study, { ...identity, seed: 1 }, 'this')).notes).toEqual([]);
    expect((await takeUpDraft(study, identity, 'this')).notes).toEqual([1]);
    expect((await takeUpDraft(study, identity, 'that')).notes).toEqual([]);
    const fresh = await takeUpDraft(study, identity, 'this');
    await fresh.draft.append('rows.bin', 'x');
    await fresh.draft.leave();
    expect((await takeUpDraft(study, identity, 'this')).notes).toEqual([]);
    expect(existsSync(join(fresh.draft.dir, 'rows.bin'))).toBe(false);
  });

  it('can become something else than was begun', async () => {
    const { draft } = await takeUpDraft(study, identity, 'this');
    await draft.write('facts.json', '{}');
    const manifest = await draft.commit(end, { ...identity, params: { stopped: 1 }, letter: 'D' });
    expect(manifest.id).toMatch(/^D-/);
    expect(manifest.key).not.toBe(draft.key);
    const opened = await openArtifact(join(study, 'artifacts', 'segments', manifest.id));
    expect(opened.manifest.params).toEqual({ stopped: 1 });
  });

  it('keeps its journal to itself', async () => {
    const { draft } = await takeUpDraft(study, identity, 'this');
    await expect(draft.write('journal.ndjson', 'x')).rejects.toThrow(/not a file name/);
    await draft.write('facts.json', '{}');
    await draft.mark(1);
    expect((await draft.commit(end)).files.map(({ path }) => path)).toEqual(['facts.json']);
  });

  it('is removed by its key, or when nobody took it up for a month', async () => {
    const { draft } = await takeUpDraft(study, identity, 'this');
    await draft.leave();
    cpSync(draft.dir, join(writing(), 'old'), { recursive: true });
    cpSync(draft.dir, join(writing(), 'recent'), { recursive: true });
    writeFileSync(join(writing(), 'old', 'rows.bin'), 'x');
    const day = 24 * 3600;
    const now = Date.now() / 1000;
    utimesSync(join(writing(), 'old'), now, now - 31 * day);
    utimesSync(join(writing(), 'recent'), now, now - 29 * day);
    const next = await openDraft(study, { ...identity, seed: 2 });
    expect(readdirSync(writing()).sort()).toEqual([draft.key, next.key, 'recent'].sort());
    await removeDraft(study, draft.key);
    expect(readdirSync(writing()).sort()).toEqual([next.key, 'recent'].sort());
  });
});
