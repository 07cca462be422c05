import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openCheckpoints } from '#main/store/checkpoint.ts';

let study: string;
beforeEach(async () => {
  study = await mkdtemp(join(tmpdir(), 'limbeck-checkpoint-'));
});
afterEach(() => rm(study, { recursive: true }));

const checkpoint = (step: number) => ({
  tensors: {
    'encoder/kernel': { shape: [2, 3], data: Float32Array.from([1, 2, 3, 4, 5, step]) },
    scalar: { shape: [], data: Float32Array.from([-0.1]) },
  },
  state: { step, random: [1, 2, 3], history: [{ x: 1, loss: 0.25 }], text: 'µV' },
});

it('gives nothing before the first save, and creates nothing', async () => {
  expect(await openCheckpoints(study, 'k').load()).toBeNull();
  expect(await readdir(study)).toEqual([]);
});

it('gives back exactly what was saved last, to another store of the same key', async () => {
  const store = openCheckpoints(study, 'k');
  await store.save(checkpoint(1));
  await store.save(checkpoint(2));
  expect(await openCheckpoints(study, 'k').load()).toEqual(checkpoint(2));
  expect(await openCheckpoints(study, 'other').load()).toBeNull();
  expect(await readdir(join(study, 'work', 'k'))).toEqual(['checkpoint.safetensors']);
});

it('is not disturbed by a write that was cut off', async () => {
  const store = openCheckpoints(study, 'k');
  await store.save(checkpoint(1));
  await writeFile(join(study, 'work', 'k', 'checkpoint.safetensors.part'), 'torn');
  expect(await store.load()).toEqual(checkpoint(1));
  await store.save(checkpoint(2));
  expect(await store.load()).toEqual(checkpoint(2));
});

it('refuses a state that would come back changed', async () => {
  const store = openCheckpoints(study, 'k');
  await store.save(checkpoint(1));
  await expect(store.save({ tensors: {}, state: { best: Infinity } })).rejects.toThrow(/Infinity/);
  expect(await store.load()).toEqual(checkpoint(1));
});

it('can be removed when the run is done', async () => {
  const store = openCheckpoints(study, 'k');
  await store.save(checkpoint(1));
  await store.remove();
  expect(await store.load()).toBeNull();
});
