import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openEdf } from '#main/io/edf/edf.ts';
import { formatNumber } from '#main/io/edf/fields.ts';
import { createEdfWriter, type EdfWriteFormat } from '#main/io/edf/write.ts';
import { makeEdf, temporaryFolder, uvChannel } from '../../../make/edf-files.ts';

const formats: EdfWriteFormat[] = ['EDF', 'EDF+C', 'EDF+D', 'BDF', 'BDF+C', 'BDF+D'];

describe('a number in eight characters', () => {
  it('is the nearest that fits, or rounded away from the range when asked', () => {
    expect(formatNumber(-3276.8)).toBe('-3276.8');
    expect(formatNumber(0)).toBe('0');
    expect(formatNumber(-0.00000001)).toBe('0');
    expect(formatNumber(1 / 3)).toBe('0.333333');
    for (let n = 0; n < 500; n++) {
      const value = (((n * 7919) % 1000) / 7 - 70) * 10 ** ((n % 9) - 4);
      const [down, up] = [formatNumber(value, 8, 'down'), formatNumber(value, 8, 'up')];
      expect(down.length).toBeLessThanOrEqual(8);
      expect(up.length).toBeLessThanOrEqual(8);
      expect(Number(down)).toBeLessThanOrEqual(value);
      expect(Number(up)).toBeGreaterThanOrEqual(value);
    }
  });

  it('is refused when it cannot stand there', () => {
    expect(() => formatNumber(123456789)).toThrow(/does not fit/);
    expect(() => formatNumber(NaN)).toThrow(/finite/);
  });
});

describe('writing EDF and BDF', () => {
  it.each(formats)('reads back what was written, to half a step: %s', async (format) => {
    using folder = temporaryFolder();
    const made = await makeEdf(join(folder.path, 'a.edf'), { format });
    await using recording = await openEdf(made.path);
    expect(recording.header.format).toBe(format);
    expect(recording.findings).toEqual([]);
    expect(recording.header.startedAt).toBe('2020-03-04T05:06:07');
    const read = await recording.read(0, 10, [0, 1, 2]);
    const step = 6553.5 / (format.startsWith('BDF') ? 2 ** 24 - 1 : 65535);
    read.forEach((values, channel) =>
      values.forEach((value, j) =>
        expect(Math.abs(value - made.values[channel]![j]!)).toBeLessThan(step / 2 + 4e-4),
      ),
    );
    expect(readdirSync(folder.path)).toEqual(['a.edf']);
  });

  it('keeps every annotation, however many and however long, whatever the room of a record', async () => {
    using folder = temporaryFolder();
    const annotations = Array.from({ length: 3000 }, (_, i) => ({
      onsetS: (i % 10) + 0.0003 * i,
      durationS: i % 3,
      text: i % 500 === 0 ? `Ünïcode ${'x'.repeat(i)} ${i}` : `event ${i}`,
      ...(i % 7 === 0 ? { channel: 'EEG Fp1' } : {}),
    }));
    const { path } = await makeEdf(join(folder.path, 'a.edf'), { annotations });
    await using recording = await openEdf(path);
    const found = await recording.annotations();
    const sorted = annotations.toSorted((a, b) => a.onsetS - b.onsetS || (a.text < b.text ? -1 : 1));
    expect(found.toSorted((a, b) => a.onsetS - b.onsetS || (a.text < b.text ? -1 : 1))).toEqual(
      sorted.map((one) => ({ ...one, onsetS: Number(one.onsetS.toFixed(6)) })),
    );
    expect(recording.findings).toEqual([]);
  });

  it('counts what it had to clip and what was not a number', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'a.edf');
    const writer = await createEdfWriter(path, {
      format: 'EDF',
      patient: '',
      recordingInfo: '',
      startedAt: null,
      recordS: 1,
      channels: [uvChannel('Cz', 4), uvChannel('Pz', 4)],
    });
    await writer.writeRecord(0, [
      Float32Array.of(1, NaN, 9999, -9999),
      Float32Array.of(3276.7, -3276.8, 0, 0),
    ]);
    const result = await writer.close();
    expect(result).toMatchObject({ records: 1, clipped: [2, 0], missing: [1, 0], relabelled: [] });
    await using recording = await openEdf(path);
    const [cz] = await recording.read(0, 1, [0]);
    [1, 0, 3276.7, -3276.8].forEach((value, j) => expect(cz![j]).toBeCloseTo(value, 3));
  });

  it('keeps a start within a second and a clock that starts late', async () => {
    using folder = temporaryFolder();
    const { path } = await makeEdf(join(folder.path, 'a.edf'), {
      format: 'EDF+D',
      startedAt: '2020-12-31T23:59:58.25',
      onsets: [100, 101, 105],
      annotations: [{ onsetS: 101.5, durationS: 0, text: 'here' }],
    });
    await using recording = await openEdf(path);
    expect(recording.header.startedAt).toBe('2021-01-01T00:01:38.25');
    expect(recording.header.spans).toEqual([
      { startS: 0, endS: 2 },
      { startS: 5, endS: 6 },
    ]);
    expect(await recording.annotations()).toEqual([{ onsetS: 1.5, durationS: 0, text: 'here' }]);
  });

  it('refuses what the format cannot hold and leaves nothing behind', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'a.edf');
    await expect(makeEdf(path, { onsets: [0, 5] })).rejects.toThrow(/EDF\+D/);
    await expect(makeEdf(path, { format: 'EDF+D', onsets: [0, 0.5] })).rejects.toThrow(/overlaps/);
    await expect(
      makeEdf(path, { format: 'EDF', annotations: [{ onsetS: 0, durationS: 0, text: 'x' }] }),
    ).rejects.toThrow(/annotations/);
    await expect(makeEdf(path, { channels: [uvChannel('Cz', 199.9)] })).rejects.toThrow(/whole samples/);
    await expect(makeEdf(path, { onsets: [] })).rejects.toThrow(/no data record/);
    expect(readdirSync(folder.path).filter((name) => !name.startsWith('.'))).toEqual([]);
    await makeEdf(path);
    await expect(makeEdf(path)).rejects.toThrow(/exists already/);
  });

  it('shortens labels so that they stay apart, and says so', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'a.edf');
    const writer = await createEdfWriter(path, {
      format: 'EDF+C',
      patient: '',
      recordingInfo: '',
      startedAt: null,
      recordS: 1,
      channels: ['Very long channel A', 'Very long channel B', 'µ'].map((label) => uvChannel(label, 2)),
    });
    await writer.writeRecord(
      0,
      [0, 1, 2].map(() => new Float32Array(2)),
    );
    const { relabelled } = await writer.close();
    expect(relabelled.map(({ to }) => to)).toEqual(['Very long channe', 'Very long chan~2', 'u']);
  });
});
