import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openCsv } from '#main/io/csv/csv.ts';
import { openRecording } from '#main/io/readers.ts';
import { temporaryFolder } from '../../../make/edf-files.ts';

const data = fileURLToPath(new URL('../../../../../shared/data', import.meta.url));
const codes = (recording: { findings: readonly { code: string }[] }) =>
  recording.findings.map(({ code }) => code);

/** Rows of an Emotiv-like table; `lost` are row numbers that the radio dropped. */
function emotiv(rows: number, lost: ReadonlySet<number> = new Set()): string {
  const lines = ['COUNTER, AF3, T7, Pz, T8, AF4, CQ_AF3'];
  for (let i = 0; i < rows; i++)
    if (!lost.has(i))
      lines.push([i % 128, 4200 + i, 4100 - i / 4, 4150, 4150.25, 4000 + Math.sin(i), 4].join(', '));
  return lines.join('\n') + '\n';
}

describe('a table of EEG', () => {
  it('gives any window exactly as the whole, plain and packed alike', async () => {
    using folder = temporaryFolder();
    const plain = join(folder.path, 'a.csv');
    const packed = join(folder.path, 'a.csv.gz');
    writeFileSync(plain, emotiv(5000));
    writeFileSync(packed, gzipSync(emotiv(5000)));
    for (const path of [plain, packed]) {
      await using recording = await openRecording(path);
      expect(recording.header.format).toBe('CSV (Emotiv)');
      expect(recording.header.durationS).toBe(5000 / 128);
      expect(recording.header.channels.map(({ kind }) => kind)).toEqual([
        'aux',
        'eeg',
        'eeg',
        'eeg',
        'eeg',
        'eeg',
        'aux',
      ]);
      expect(codes(recording)).toEqual(['rate-guessed', 'unit-assumed', 'dc-offset']);
      for (const startS of [0, 3.99, 12.5, 38.9, 50]) {
        const [af3] = await recording.read(startS, 2, [1]);
        const again = new Float32Array(af3!.length).fill(123);
        await recording.readInto(startS, [1], [again]);
        expect(again).toEqual(af3);
        af3!.forEach((value, j) => {
          const row = Math.round(startS * 128) + j;
          expect(value).toEqual(row < 5000 ? 4200 + row : NaN);
        });
      }
    }
  });

  it('turns lost packets into gaps at the right time', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'a.csv');
    writeFileSync(path, emotiv(2000, new Set([300, 301, 302, 1000])));
    await using recording = await openRecording(path);
    expect(codes(recording)).toContain('samples-lost');
    expect(recording.header.spans).toEqual([
      { startS: 0, endS: 300 / 128 },
      { startS: 303 / 128, endS: 1000 / 128 },
      { startS: 1001 / 128, endS: 2000 / 128 },
    ]);
    const [af3] = await recording.read(0, 2000 / 128, [1]);
    af3!.forEach((value, row) =>
      expect(value).toEqual([300, 301, 302, 1000].includes(row) ? NaN : 4200 + row),
    );
  });

  it('takes the rate that the user gives, and asks when nothing tells it', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'a.csv');
    writeFileSync(path, emotiv(512));
    await using recording = await openRecording(path, { sfreqHz: 256 });
    expect(recording.header.durationS).toBe(2);
    expect(codes(recording)).not.toContain('rate-guessed');
    writeFileSync(path, 'Fp1,Cz\n1,2\n3,4\n');
    await expect(openRecording(path)).rejects.toThrow(/give the rate/);
  });

  it('reads semicolons, decimal commas, quotes, a byte order mark and a ragged header', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'a.csv');
    writeFileSync(path, '\uFEFF"";"Cz";"Pz"\r\n"1";1,5;-2\r\n"2";2,5;-3\r\n');
    await using german = await openRecording(path, { sfreqHz: 1 });
    expect((await german.read(0, 2, [1, 2])).map((v) => [...v])).toEqual([
      [1.5, 2.5],
      [-2, -3],
    ]);
    writeFileSync(path, "AF3, MARKERS['a','b'], T7\n1, 0, 5\n2, 1, 6\n");
    await using ragged = await openRecording(path, { sfreqHz: 2 });
    expect(ragged.header.channels.map(({ label }) => label)).toEqual(['AF3', "MARKERS['a','b']", 'T7']);
    expect(codes(ragged)).toContain('header-ragged');
    expect(await ragged.annotations()).toEqual([{ onsetS: 0.5, durationS: 0, text: "MARKERS['a','b'] 1" }]);
  });

  it('refuses what is no recording and what is cut, with a reason', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'a.csv');
    writeFileSync(path, 'name,age\nx,3\ny,4\n');
    await expect(openCsv(path)).rejects.toMatchObject({ code: 'not-eeg' });
    writeFileSync(path, '');
    await expect(openCsv(path)).rejects.toMatchObject({ code: 'damaged-file' });
    const packed = join(folder.path, 'a.csv.gz');
    writeFileSync(packed, gzipSync(emotiv(5000)).subarray(0, 5000));
    await expect(openCsv(packed)).rejects.toMatchObject({ code: 'damaged-file' });
  });
});

describe.skipIf(!existsSync(data))('real Emotiv tables (skipped without ../shared/data)', () => {
  it('hold the reference values in float32', async () => {
    for (const folder of ['emotiv-guinea-bissau', 'emotiv-insight-baseline']) {
      const references = JSON.parse(readFileSync(join(data, folder, 'reference.json'), 'utf8')) as Record<
        string,
        {
          native: {
            n_rows: number;
            numeric_columns: Record<
              string,
              { first5: number[]; last: number; min: number; max: number; mean: number }
            >;
          };
        }
      >;
      for (const [name, { native }] of Object.entries(references)) {
        if (!existsSync(join(data, folder, name))) continue;
        await using recording = await openRecording(join(data, folder, name));
        const { channels, durationS } = recording.header;
        const wanted = channels.flatMap(({ kind }, i) => (kind === 'eeg' ? [i] : []));
        expect(wanted.length).toBe(folder.includes('insight') ? 5 : 14);
        const values = await recording.read(0, durationS, wanted);
        wanted.forEach((channel, i) => {
          const known = native.numeric_columns[channels[channel]!.label]!;
          const got = values[i]!.filter((value) => !Number.isNaN(value));
          expect(got.length).toBe(native.n_rows);
          expect([...got.subarray(0, 5), got.at(-1)]).toEqual([...known.first5, known.last].map(Math.fround));
          expect(got.reduce((a, b) => Math.min(a, b))).toBe(Math.fround(known.min));
          expect(got.reduce((a, b) => Math.max(a, b))).toBe(Math.fround(known.max));
          expect(got.reduce((a, b) => a + b) / got.length).toBeCloseTo(known.mean, 3);
        });
      }
    }
  });
});
