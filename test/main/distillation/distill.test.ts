import { beforeAll, describe, expect, it } from 'vitest';
import { flagRows, selectRows } from '#main/distillation/any-table.ts';
import { backToBackDistance, distanceBetween } from '#main/distillation/difference.ts';
import { distil, distilGroup, type DistillChoices, type DistillInput } from '#main/distillation/distill.ts';
import { decodeDistillate, encodeDistillate } from '#main/distillation/distillate-files.ts';
import { judgeEmbeddings, judgeSubjects } from '#main/distillation/health.ts';
import { explainSegment, nearestKept, viewKept } from '#main/distillation/reasons.ts';
import { compareMethods, countRetention, coverageCurves, shareGrid } from '#main/distillation/report.ts';
import { kCenter } from '#main/distillation/selection/k-center.ts';
import { keptAt, keptIndices, overlap, positionsOf, type Distillate } from '#shared/eeg/distillate.ts';
import type { Segment, SegmentGroup, SegmentSource } from '#shared/eeg/segment.ts';
import type { Progress } from '#shared/jobs.ts';
import { createRandom } from '#shared/random.ts';

const d = 12;
const progress: Progress = {
  signal: new AbortController().signal,
  stopRequested: () => false,
  report: () => undefined,
};
const choices: DistillChoices = {
  keep: 0.05,
  orderUpTo: 0.25,
  outliers: 0.01,
  outlierMode: 'exact',
  bins: 'auto',
  method: 'k-center',
  compare: true,
  seed: 0,
};

/** Recordings that drift through a few states; every 50th segment is an artefact far from everything. */
function world() {
  const random = createRandom(7);
  const segments: Segment[] = [];
  const groups: SegmentGroup[] = [];
  const tables: Float32Array[] = [];
  const artefacts = new Set<number>();
  for (const [g, [name, count]] of (
    [
      ['ward', 600],
      ['lab', 400],
    ] as const
  ).entries()) {
    const first = segments.length;
    const embeddings = new Float32Array(count * d);
    const state = new Float64Array(d);
    for (let row = 0; row < count; row++) {
      const recording = Math.floor(row / 100);
      if (row % 100 === 0) for (let j = 0; j < d; j++) state[j] = 5 * random.normal();
      const artefact = row % 100 === 50;
      if (artefact) artefacts.add(first + row);
      for (let j = 0; j < d; j++) {
        state[j]! += 0.2 * random.normal();
        embeddings[row * d + j] = state[j]! + (artefact ? 40 * random.normal() : 0.1 * random.normal());
      }
      segments.push({
        index: first + row,
        group: g,
        recording: `${name}-${recording}`,
        subject: `${name}-S${recording % 4}`,
        startS: (row % 100) * 60,
        durationS: 60,
      });
    }
    groups.push({ name, electrodes: ['C3', 'C4', 'Cz'], sfreqHz: 64, samples: 128, first, count });
    tables.push(embeddings);
  }
  const source: SegmentSource = {
    groups,
    segments,
    present: () => Uint8Array.of(1, 1, 1),
    read: async (indices) => {
      const values = new Float32Array(indices.length * 3 * 128);
      Array.from(indices).forEach((index, at) => {
        const own = createRandom(index);
        const tone = 4 + segments[index]!.recording.length + (index % 5);
        for (let t = 0; t < 3 * 128; t++)
          values[at * 384 + t] = 30 * Math.sin((2 * Math.PI * tone * t) / 64) + own.normal();
      });
      return values;
    },
  };
  const inputs: DistillInput[] = groups.map((group, g) => ({
    group,
    segments: segments.slice(group.first, group.first + group.count),
    embeddings: tables[g]!,
    dimensions: d,
  }));
  return { inputs, source, segments, artefacts };
}

describe('distilling', () => {
  const { inputs, source, segments, artefacts } = world();
  let result: Distillate;
  beforeAll(async () => {
    result = await distil(inputs, choices, { progress, source });
  });

  it('keeps floor(share · segments before rejecting) of every group, as store indices of that group', () => {
    expect(result.groups.map(({ kept }) => kept)).toEqual([30, 20]);
    expect(result.groups.map(({ chosen }) => chosen.order.length)).toEqual([150, 100]);
    for (const group of result.groups) {
      expect(new Set(group.chosen.order).size).toBe(group.chosen.order.length);
      for (const index of group.chosen.order) expect(Math.floor((index - group.first) / group.count)).toBe(0);
    }
    expect(keptIndices(result).length).toBe(50);
    expect([...keptIndices(result, 0.01)]).toEqual([
      ...result.groups[0]!.chosen.order.slice(0, 6),
      ...result.groups[1]!.chosen.order.slice(0, 4),
    ]);
  });

  it('rejects the planted artefacts first and never keeps what it rejected', () => {
    for (const group of result.groups) {
      const rejected = new Set(group.rejected.map(({ index }) => index));
      expect(rejected.size).toBe(Math.floor(0.01 * group.count));
      for (const index of rejected) expect(artefacts.has(index)).toBe(true);
      expect([...group.chosen.order].some((index) => rejected.has(index))).toBe(false);
      expect(group.rejected[0]!.rareDimensions).toBeGreaterThan(3);
    }
  });

  it('covers better than chance at every share, in the same space', () => {
    for (const share of [0.02, 0.05, 0.2]) {
      const rows = Object.fromEntries(compareMethods(result, share).map((row) => [row.name, row]));
      expect(Object.keys(rows)).toEqual(['k-center', 'random', 'pca', 'raw']);
      expect(rows['k-center']!.radius).toBeLessThanOrEqual(rows['random']!.radiusRange![0]);
      expect(rows['k-center']!.radius).toBeLessThanOrEqual(rows['pca']!.radius);
      for (const name of ['random', 'pca', 'raw']) expect(rows[name]!.overlap).toBeGreaterThanOrEqual(0);
      expect(rows['random']!.kept).toBe(rows['k-center']!.kept);
    }
  });

  it('measures another method as brute force does', () => {
    const group = result.groups[0]!;
    const { embeddings } = inputs[0]!;
    const rejected = new Set(group.rejected.map(({ index }) => index));
    for (const method of group.others) {
      expect(new Set(method.order).size).toBe(method.order.length);
      let worst = 0;
      for (let row = 0; row < group.count; row++)
        if (!rejected.has(row))
          worst = Math.max(worst, nearestKept(embeddings, d, method.order, group.kept, row).distance);
      expect(method.coverage[group.kept - 1]! / worst).toBeCloseTo(1, 5);
    }
    expect(overlap(group.chosen, group.chosen, 30)).toBe(1);
  });

  it('gives curves that never rise, whose budget point agrees with the table', () => {
    const shares = shareGrid(result);
    expect(shares).toContain(0.05);
    expect(shares.at(-1)).toBe(0.25);
    const [ours, chance] = coverageCurves(result, shares);
    ours!.radius.forEach((value, i) => expect(value).toBeLessThanOrEqual(ours!.radius[i - 1] ?? Infinity));
    expect(ours!.radius[shares.indexOf(0.05)]).toBeCloseTo(compareMethods(result, 0.05)[0]!.radius, 9);
    chance!.low!.forEach((low, i) => expect(low).toBeLessThanOrEqual(chance!.high![i]!));
  });

  it('gives the same result again, and another start for another seed', async () => {
    expect(await distil(inputs, choices, { progress, source })).toEqual(result);
    const other = await distilGroup(inputs[0]!, { ...choices, seed: 1, compare: false }, { progress });
    expect(other.chosen.order[0]).not.toBe(result.groups[0]!.chosen.order[0]);
    expect(other.others).toEqual([]);
  });

  it('survives being written and read', async () => {
    const files = encodeDistillate(result);
    const read = async (path: string) => {
      const content = files[path]!;
      return typeof content === 'string' ? new TextEncoder().encode(content) : content;
    };
    expect(await decodeDistillate(read)).toEqual(result);
    files['group-1/order-0.i32'] = new Uint8Array(8);
    await expect(decodeDistillate(read)).rejects.toMatchObject({ code: 'damaged-file' });
  });

  it('explains every segment in agreement with the descriptions', () => {
    const group = result.groups[1]!;
    const { embeddings } = inputs[1]!;
    const name = (index: number) => `no. ${index}`;
    for (const share of [0.02, 0.05, 0.15]) {
      const kept = keptAt(group, share);
      const view = viewKept(group, kept);
      const order = group.chosen.order.map((index) => index - group.first);
      let stoodFor = 0;
      for (let row = 0; row < group.count; row++) {
        const reasons = explainSegment(view, group.first + row, name);
        const position = positionsOf(group)[row]!;
        if (position >= 0 && position < kept) {
          expect(reasons.fate).toBe('kept');
          stoodFor += 1 + reasons.standsFor.length;
          if (position > 0) {
            const before = nearestKept(embeddings, d, order, position, row);
            expect(reasons.nearest!.index).toBe(order[before.position]! + group.first);
            expect(reasons.nearest!.distance * group.unit!).toBeCloseTo(before.distance, 3);
            expect(before.distance).toBeCloseTo(group.chosen.coverage[position - 1]!, 3);
          }
        } else if (position === -2) {
          expect(reasons.sentences[0]).toMatch(/^Rejected: in \d+ of 12 descriptions/);
        } else {
          const nearest = nearestKept(embeddings, d, order, kept, row);
          expect(reasons.nearest!.index).toBe(order[nearest.position]! + group.first);
          expect(reasons.nearest!.distance * group.unit!).toBeCloseTo(nearest.distance, 3);
          expect(reasons.entersAt).toBe(position < 0 ? null : (position + 1) / group.count);
          expect(reasons.sentences[0]).toMatch(
            /^Left out: [\d.,]+ from the \d+(st|nd|rd|th) kept \(no\. \d+\)\.$/,
          );
        }
      }
      expect(stoodFor).toBe(group.count - group.rejected.length);
      const next = explainSegment(view, group.chosen.order[kept]!, name);
      expect(next.sentences[1]).toContain(((100 * (kept + 1)) / group.count).toFixed(share < 0.1 ? 2 : 1));
      expect(next.nearest!.distance * group.unit!).toBeCloseTo(group.chosen.coverage[kept - 1]!, 3);
    }
  });

  it('counts before and after per subject, label, data set and hour', () => {
    const labelled = segments.slice(0, 50).map((segment) => ({
      ...{ index: segment.index, label: 'calm', subject: segment.subject, recording: segment.recording },
      ...{ session: '', trial: '' },
    }));
    const shares = [0.05, 0.25];
    const tables = countRetention(result, segments, labelled, shares);
    const byName = Object.fromEntries(tables.map(({ by, rows }) => [by, rows]));
    expect(byName['group']).toEqual([
      { name: 'lab', before: 400, kept: [20, 100] },
      { name: 'ward', before: 600, kept: [30, 150] },
    ]);
    expect(byName['hour']!.map(({ name }) => name)).toEqual(['hour 1', 'hour 2']);
    for (const by of ['subject', 'hour']) {
      expect(byName[by]!.reduce((sum, { before }) => sum + before, 0)).toBe(1000);
      expect(byName[by]!.reduce((sum, { kept }) => sum + kept[1]!, 0)).toBe(250);
    }
    expect(byName['label']!.map(({ before }) => before)).toEqual([50]);
  });

  it('keeps protected segments first, even odd ones, and continues an earlier order', async () => {
    const [input] = inputs;
    const odd = result.groups[0]!.rejected[0]!.index;
    const guarded = await distilGroup(
      { ...input!, pinned: [odd, 3, odd] },
      { ...choices, compare: false },
      { progress },
    );
    expect([...guarded.chosen.order.slice(0, 2)]).toEqual([odd, 3]);
    expect(guarded.rejected.some(({ index }) => index === odd)).toBe(false);
    const earlier = Array.from(result.groups[0]!.chosen.order.slice(0, 20));
    const extended = await distilGroup(
      { ...input!, pinned: earlier },
      { ...choices, compare: false },
      { progress },
    );
    expect(extended.chosen.order).toEqual(result.groups[0]!.chosen.order);
    await expect(
      distilGroup({ ...input!, pinned: earlier }, { ...choices, keep: 0.01 }, { progress }),
    ).rejects.toMatchObject({ code: 'invalid-input' });
  });

  it('orders by another method when asked, and explains that too', async () => {
    for (const method of ['random', 'pca', 'raw'] as const) {
      const group = await distilGroup(inputs[0]!, { ...choices, method }, { progress, source });
      expect(group.chosen.name).toBe(method === 'random' ? 'random-0' : method);
      expect(group.others.map(({ name }) => name)).toContain('k-center');
      const [first] = group.chosen.order.slice(5);
      expect(explainSegment(viewKept(group, 30), first!, String).fate).toBe('kept');
    }
  });

  it('says when a share is less than one segment', async () => {
    const few = distilGroup(inputs[0]!, { ...choices, keep: 0.001 }, { progress });
    await expect(few).rejects.toMatchObject({ code: 'no-data' });
  });

  it('measures one difference on back-to-back segments, also where windows overlap', () => {
    const { embeddings } = inputs[0]!;
    const pairs: number[] = [];
    for (let row = 0; row + 1 < 600; row++)
      if (row % 100 !== 99) pairs.push(distanceBetween(embeddings, d, row, row + 1));
    pairs.sort((a, b) => a - b);
    const median = (pairs[pairs.length / 2 - 1]! + pairs[pairs.length / 2]!) / 2;
    expect(backToBackDistance(inputs[0]!.segments, embeddings, d)).toBeCloseTo(median, 9);
    const overlapping = inputs[0]!.segments.slice(0, 100).map((segment) => ({ ...segment, durationS: 150 }));
    expect(backToBackDistance(overlapping, embeddings.subarray(0, 100 * d), d)).toBeGreaterThan(0);
    expect(backToBackDistance(overlapping.slice(0, 1), embeddings.subarray(0, d), d)).toBeNull();
  });
});

describe('signs of failure', () => {
  it('names collapsed descriptions', () => {
    const random = createRandom(1);
    const level = (x: Float32Array) => judgeEmbeddings(x, 10).health[0]!.level;
    const healthy = Float32Array.from({ length: 3000 }, () => random.normal());
    expect(level(healthy)).toBe('ok');
    expect(level(healthy.map((value, at) => (at % 10 < 3 ? value * 1e-5 : value)))).toBe('error');
    expect(level(healthy.map((value, at) => (at % 10 === 0 ? 50 * value : value)))).toBe('warning');
    expect(level(new Float32Array(3000).fill(3))).toBe('error');
  });

  it('names a subject who takes far more than a fair share', () => {
    const subjects = Array.from({ length: 1000 }, (_, i) => `S${i % 10}`);
    const even = Array.from({ length: 50 }, (_, i) => i);
    expect(judgeSubjects(subjects, even)).toEqual([]);
    const [note] = judgeSubjects(subjects, [
      ...even.slice(0, 20),
      ...even.map((i) => i * 10 + 3).slice(0, 40),
    ]);
    expect(note!.text).toContain('S3');
  });
});

describe('any table', () => {
  it('is selected as k-center does on the rows that are not odd', async () => {
    const { inputs } = world();
    const x = inputs[0]!.embeddings;
    const flagged = flagRows(x, d, { bins: 'auto', share: 0.01, mode: 'exact' });
    const chosen = await selectRows(x, d, { keep: 0.05, outliers: 0.01 });
    expect(chosen.rejected).toEqual(flagged.rows);
    expect(chosen.order.length).toBe(30);
    const excluded = new Uint8Array(600);
    for (const row of flagged.rows) excluded[row] = 1;
    const reference = await kCenter(x, d, { k: 30, excluded, start: 0 });
    expect(chosen.order).toEqual(reference.order);
    expect(chosen.atLeast).toBeCloseTo(chosen.radius.at(-1)! / 2, 12);
    await expect(selectRows(x, d, { keep: 0.0001 })).rejects.toMatchObject({ code: 'invalid-input' });
  });
});
