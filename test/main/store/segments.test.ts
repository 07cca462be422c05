import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRandom } from '#shared/random.ts';
import { openDraft } from '#main/store/draft.ts';
import { createSegmentWriter } from '#main/store/segment-writer.ts';
import { openSegmentStore } from '#main/store/segments.ts';

let study: string;
beforeEach(async () => {
  study = await mkdtemp(join(tmpdir(), 'limbeck-segments-'));
});
afterEach(() => rm(study, { recursive: true }));

const open = () =>
  openDraft(study, {
    kind: 'segments',
    letter: 'S',
    method: 'prepare',
    params: {},
    seed: 0,
    engine: '',
    inputs: [],
  });
const end = { createdAt: '2026-01-01T00:00:00Z', seconds: 0, limbeck: '0', summary: {} };

const groups = [
  {
    name: 'a',
    electrodes: ['Fp1', 'Fp2', 'Cz'],
    sfreqHz: 4,
    samples: 8,
    recordings: [3, 0, 9],
    own: ['Cz', 'Fp1'],
  },
  { name: 'b', electrodes: ['O1', 'O2'], sfreqHz: 5, samples: 5, recordings: [11], own: ['O1', 'O2'] },
];

/** Value of group electrode `name` at sample t of segment `index`. */
const value = (index: number, name: string, t: number) => index * 1000 + name.charCodeAt(0) * 10 + t / 8;

/** Shards of three rows of group a, so that runs cross shards. */
async function write(): Promise<string> {
  const draft = await open();
  const writer = createSegmentWriter(draft, 3 * 3 * 8 * 4);
  let index = 0;
  for (const { recordings, own, ...group } of groups) {
    writer.beginGroup(group);
    for (const [r, count] of recordings.entries()) {
      writer.beginRecording({ recording: `${group.name}${r}`, subject: `s${r}`, electrodes: own });
      for (let k = 0; k < count; k++, index++) {
        const values = Float32Array.from({ length: own.length * group.samples }, (_, i) =>
          value(index, own[Math.floor(i / group.samples)]!, i % group.samples),
        );
        expect(await writer.add(k * 2, values, k === 1 ? [0] : [])).toBe(index);
      }
    }
  }
  const done = await writer.finish();
  expect(done.segments).toBe(23);
  const manifest = await draft.commit(end);
  return join(study, 'artifacts', 'segments', manifest.id);
}

function expected(index: number): number[] {
  const group = groups[index < 12 ? 0 : 1]!;
  return group.electrodes.flatMap((name) =>
    Array.from({ length: group.samples }, (_, t) => (group.own.includes(name) ? value(index, name, t) : 0)),
  );
}

describe('a segment store', () => {
  it('gives every row back, whatever the order, repeats and shard borders', async () => {
    await using store = await openSegmentStore(await write());
    expect(store.groups.map(({ first, count }) => [first, count])).toEqual([
      [0, 12],
      [12, 11],
    ]);
    const random = createRandom(3);
    const cases = [[...Array(12).keys()], [11, 10, 9, 0, 1, 2], [5, 5, 4, 5], [7], []];
    for (let n = 0; n < 40; n++)
      cases.push(Array.from({ length: 1 + random.below(15) }, () => random.below(12)));
    for (const indices of cases)
      expect([...(await store.read(indices))], `${indices}`).toEqual(
        indices.flatMap(expected).map(Math.fround),
      );
    expect([...(await store.read(Uint32Array.of(22, 12)))]).toEqual(
      [...expected(22), ...expected(12)].map(Math.fround),
    );
  });

  it('knows for each row its recording, time, electrodes and bad electrodes', async () => {
    await using store = await openSegmentStore(await write());
    expect(store.segments[3]).toEqual({
      index: 3,
      group: 0,
      recording: 'a2',
      subject: 's2',
      startS: 0,
      durationS: 2,
    });
    expect([...store.present(3)]).toEqual([1, 0, 1]);
    expect(store.badChannels(1)).toEqual([2]);
    expect(store.badChannels(2)).toEqual([]);
    expect(store.segments).toHaveLength(23);
  });

  it('refuses rows of two groups at once and rows that do not exist', async () => {
    await using store = await openSegmentStore(await write());
    await expect(store.read([3, 13])).rejects.toMatchObject({ code: 'invalid-input' });
    await expect(store.read([13, 3])).rejects.toMatchObject({ code: 'invalid-input' });
  });

  it('keeps shards bounded', async () => {
    const names = await readdir(join(await write(), 'segments'));
    expect(names.filter((name) => name.startsWith('0-'))).toHaveLength(4);
  });

  it('says so when a shard or the index lost its end', async () => {
    const dir = await write();
    const store = await openSegmentStore(dir);
    await truncate(join(dir, 'segments', '0-0003.f32'), 10);
    await expect(store.read([11])).rejects.toMatchObject({ code: 'damaged-file' });
    await store.close();
    await writeFile(join(dir, 'segments.ndjson'), '{"r":0,"s":0}\n');
    await expect(openSegmentStore(dir)).rejects.toMatchObject({ code: 'damaged-file' });
  });

  it('is empty when nothing was good enough', async () => {
    const draft = await open();
    expect(await createSegmentWriter(draft).finish()).toEqual({ groups: [], segments: 0 });
    const { id } = await draft.commit(end);
    await using store = await openSegmentStore(join(study, 'artifacts', 'segments', id));
    expect(store.segments).toEqual([]);
  });

  it('refuses electrodes that are not in the group and values of another size', async () => {
    const writer = createSegmentWriter(await open());
    writer.beginGroup({ name: 'a', electrodes: ['Cz'], sfreqHz: 4, samples: 4 });
    expect(() => writer.beginRecording({ recording: 'r', subject: 's', electrodes: ['Oz'] })).toThrow(/Oz/);
    writer.beginRecording({ recording: 'r', subject: 's', electrodes: ['Cz'] });
    await expect(writer.add(0, new Float32Array(3))).rejects.toThrow(/3 values/);
  });
});
