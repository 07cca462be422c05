import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exportSubset } from '#main/export/export-subset.ts';
import { parseCsv } from '#main/export/csv.ts';
import { decodeNpz } from '#main/export/npz.ts';
import { handedOver } from '#main/export/segment-row.ts';
import { openEdf } from '#main/io/edf/edf.ts';
import type { JobEvent } from '#shared/jobs.ts';
import { folder, frame, people, quiet, sampleStudy } from './sample.ts';

const everything = ['npz', 'parquet', 'edf'] as const;

describe('a subset handed over', () => {
  it('is read back equal, holds no name of the sources, and counts what the rows say', async () => {
    const { source, rows } = sampleStudy();
    const out = folder();
    const events: JobEvent[] = [];
    const result = await exportSubset({ ...frame(out, events), source, rows, formats: everything });
    expect(result).toMatchObject({ readBack: 'equal', identifiersFound: 0, clipped: 0 });
    expect(result.searched).toBeGreaterThan(10);
    expect(result.edfDifferenceUv!).toBeGreaterThan(0);
    expect(existsSync(`${out}.writing`)).toBe(false);
    const kept = rows.filter(({ fate }) => fate === 'kept' || fate === 'pinned');
    const card = readFileSync(join(out, 'README.md'), 'utf8');
    expect(card).toContain(`${kept.length} of ${rows.length} segments`);
    expect(card).toContain('Research use — not for diagnosis');
    expect(card).toContain('license: "CC-BY-4.0"');
    expect(parseCsv(readFileSync(join(out, 'segments.csv'), 'utf8')).length).toBe(rows.length + 1);
    const rejected = parseCsv(readFileSync(join(out, 'rejected.csv'), 'utf8')).slice(1);
    expect(rejected.length).toBe(rows.filter(({ fate }) => fate === 'rejected').length);
    expect(rejected[0]![9]).toMatch(/^Oddest, "rarest 0.05 %", R-\d{3}$/);
    expect(events.filter(({ type }) => type === 'phase').length).toBe(3);
    const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'));
    expect(manifest.segments).toEqual({ all: rows.length, kept: kept.length, rejected: rejected.length });
    expect(manifest.lineage[0].params).toEqual({ keep: 0.5, labels: '(path removed)' });
  });

  it('lists every file with the hash it has', async () => {
    const { source, rows } = sampleStudy(3);
    const out = folder();
    const { files } = await exportSubset({ ...frame(out), source, rows, formats: everything });
    const lines = readFileSync(join(out, 'checksums.sha256'), 'utf8').trimEnd().split('\n');
    expect(lines.length).toBe(files.length - 1);
    for (const line of lines) {
      const [sha256, path] = line.split('  ');
      expect(
        createHash('sha256')
          .update(readFileSync(join(out, path!)))
          .digest('hex'),
      ).toBe(sha256);
    }
    const found = readdirSync(out, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    expect(found.length).toBe(files.length);
  });

  it('keeps signals bit for bit in the order of choosing', async () => {
    const { source, rows } = sampleStudy(4);
    const out = folder();
    await exportSubset({ ...frame(out), source, rows, formats: ['npz'] });
    for (const [group, mine] of handedOver(rows)) {
      const arrays = decodeNpz(readFileSync(join(out, `signals/D-0${group + 1}.npz`)));
      const meant = await source.read(mine.map(({ index }) => index));
      expect(Buffer.from((arrays['signals']!.data as Float32Array).buffer)).toEqual(
        Buffer.from(meant.buffer),
      );
      expect([...(arrays['index']!.data as Int32Array)]).toEqual(mine.map(({ index }) => index));
      const orders = [...(arrays['order']!.data as Int32Array)].filter((order) => order >= 0);
      expect(orders).toEqual([...orders].sort((a, b) => a - b));
      expect(arrays['electrodes']!.data).toEqual(source.groups[group]!.electrodes);
    }
  });

  it('splits signals that are large into shards that hold the same', async () => {
    const { source, rows } = sampleStudy(4);
    const out = folder();
    const limitBytes = 5 * 3 * 512 * 4;
    await exportSubset({ ...frame(out), source, rows, formats: ['npz'], limitBytes });
    const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'));
    expect(manifest.groups[0].shards.length).toBeGreaterThan(1);
    for (const { path } of manifest.groups[0].shards)
      expect(readFileSync(join(out, path)).length).toBeLessThanOrEqual(limitBytes + 128);
    const [header, ...lines] = parseCsv(readFileSync(join(out, 'segments.csv'), 'utf8'));
    const placed = lines.filter(
      (line) => line[header!.indexOf('file')] === manifest.groups[0].shards[1].path,
    );
    expect(placed.map((line) => Number(line[header!.indexOf('row')])).sort()).toEqual([
      ...Array(manifest.groups[0].shards[1].count).keys(),
    ]);
  });

  it('writes reels any EDF reader opens without a finding, marks at every joint, no name and no date', async () => {
    const { source, rows } = sampleStudy();
    const out = folder();
    const annotations = {
      Haagse_Harry_ruhe_0: [{ onsetS: 5, durationS: 0, text: 'eyes closed' }],
    };
    const kept = rows.map((row) =>
      row.recording === 'Haagse_Harry_ruhe_0' ? { ...row, fate: 'kept' as const } : row,
    );
    await exportSubset({ ...frame(out), source, rows: kept, formats: ['edf'], annotations });
    const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'));
    let carried = 0;
    for (const { path, segments, joints, clipped, electrodes } of manifest.groups[0].edf) {
      await using recording = await openEdf(join(out, path));
      expect(recording.header.format).toBe('EDF+C');
      expect(recording.header.startedAt ?? '1985-01-01T00:00:00').toMatch(/^1985-01-01T00:00:00/);
      expect(recording.header.durationS).toBeCloseTo(segments * 4, 9);
      expect(recording.header.channels.filter(({ kind }) => kind !== 'annotations').length).toBe(
        electrodes.length,
      );
      expect(clipped).toBe(0);
      const marks = await recording.annotations();
      expect(marks.filter(({ text }) => /^R-\d{3} from \d+ s$/.test(text)).length).toBe(joints);
      carried += marks.filter(({ text }) => text === 'eyes closed').length;
      expect(recording.findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
    }
    expect(carried).toBe(1);
    // the person whose recording lacks Fp1 gets a reel without it
    expect(
      manifest.groups[0].edf.map((reel: { electrodes: string[] }) => reel.electrodes.length).sort(),
    ).toEqual([2, 3, 3]);
  });

  it('is byte for byte the same when done again, and keeps new names when given the key', async () => {
    const { source, rows } = sampleStudy(3);
    const [first, second, third] = [folder(), folder(), folder()];
    const one = await exportSubset({ ...frame(first), source, rows, formats: everything });
    const two = await exportSubset({ ...frame(second), source, rows, formats: everything });
    expect(two.files).toEqual(one.files);
    const key = { subjects: { 'sub-004711': 'S-007' }, recordings: {} };
    const three = await exportSubset({ ...frame(third), source, rows, formats: ['npz'], key });
    expect(three.key.subjects['sub-004711']).toBe('S-007');
    expect(Object.values(three.key.subjects).sort()).toEqual(['S-007', 'S-008', 'S-009']);
  });
});

describe('an export that must not be', () => {
  it('is removed when a name is found, and says where without saying it', async () => {
    const { source, rows } = sampleStudy(3);
    const out = folder();
    const annotations = {
      Haagse_Harry_ruhe_0: [{ onsetS: 1, durationS: 0, text: 'Fr. Müller-Lüdenscheidt im Raum' }],
    };
    const kept = rows.map((row) => ({ ...row, fate: 'kept' as const }));
    const refused = exportSubset({ ...frame(out), source, rows: kept, formats: ['edf'], annotations });
    await expect(refused).rejects.toMatchObject({ code: 'not-verified' });
    await expect(refused).rejects.toThrow(/edf\/S-00\d_D-01\.edf/);
    await expect(refused).rejects.not.toThrow(/denscheidt/);
    expect(existsSync(out)).toBe(false);
    expect(existsSync(`${out}.writing`)).toBe(false);
  });

  it.each(['label', 'reason'] as const)('is removed when a name stands in a %s', async (field) => {
    const { source, rows } = sampleStudy(2);
    const named = rows.map((row, i) => (i === 1 ? { ...row, [field]: 'as agathe saw' } : row));
    const out = folder();
    await expect(
      exportSubset({
        ...frame(out),
        identifiers: { people: ['Schwester Agathe Bauer'], files: [] },
        source,
        rows: named,
        formats: ['parquet'],
      }),
    ).rejects.toMatchObject({ code: 'not-verified' });
  });

  it('is removed when the source changes between writing and reading back', async () => {
    const { source, rows } = sampleStudy(3);
    const out = folder();
    let reads = 0;
    const shaky = {
      ...source,
      async read(indices: ArrayLike<number>) {
        const values = await source.read(indices);
        if (++reads > 2) values[7]! += 1e-3;
        return values;
      },
    };
    await expect(
      exportSubset({ ...frame(out), source: shaky, rows, formats: ['npz'] }),
    ).rejects.toMatchObject({ code: 'not-verified' });
    expect(existsSync(out)).toBe(false);
  });

  it('never touches a folder that holds something, nor one aside that is not its own', async () => {
    const { source, rows } = sampleStudy(2);
    const out = folder();
    mkdirSync(out);
    writeFileSync(join(out, 'thesis.txt'), 'mine');
    const again = () => exportSubset({ ...frame(out), source, rows, formats: ['npz'] });
    await expect(again()).rejects.toMatchObject({ code: 'conflict' });
    const other = folder();
    mkdirSync(`${other}.writing`);
    writeFileSync(join(`${other}.writing`, 'thesis.txt'), 'mine');
    await expect(exportSubset({ ...frame(other), source, rows, formats: ['npz'] })).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(existsSync(join(`${other}.writing`, 'thesis.txt'))).toBe(true);
  });

  it('leaves nothing behind when stopped, and refuses an empty choice', async () => {
    const { source, rows } = sampleStudy(2);
    const out = folder();
    const progress = { ...quiet(), signal: AbortSignal.abort() };
    await expect(
      exportSubset({ ...frame(out), progress, source, rows, formats: ['npz'] }),
    ).rejects.toMatchObject({ code: 'cancelled' });
    expect(existsSync(`${out}.writing`)).toBe(false);
    const none = rows.map((row) => ({ ...row, fate: 'left out' as const }));
    await expect(exportSubset({ ...frame(out), source, rows: none, formats: ['npz'] })).rejects.toMatchObject(
      {
        code: 'no-data',
      },
    );
  });
});

describe('an export of a study with ordinary names', () => {
  it('is not refused because a file is called like a word of the card, nor for a data set among the parameters', async () => {
    const { source, rows } = sampleStudy(2);
    const plain = rows.map((row) => ({
      ...row,
      recording: row.recording.replace('Haagse_Harry', 'difference'),
      reason: row.reason.replace('Haagse_Harry', 'difference'),
    }));
    const out = folder();
    const told = frame(out);
    await exportSubset({
      ...told,
      manifests: [{ ...told.manifests[0]!, params: { datasets: ['Waldklinik'], by: { Waldklinik: 1 } } }],
      identifiers: { people, files: ['/data/Waldklinik/segments order.edf'] },
      source,
      rows: plain,
      formats: ['npz', 'parquet'],
    });
    const { lineage } = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'));
    expect(lineage[0].params).toEqual({ datasets: ['(name removed)'], by: { '1': 1 } });
  });
});
