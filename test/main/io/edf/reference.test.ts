/** Every EDF and BDF of the shared data against values that an independent reader computed. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openEdf } from '#main/io/edf/edf.ts';
import { microvoltFactor } from '#main/io/channel-kind.ts';
import { AppError } from '#shared/errors.ts';

const data = fileURLToPath(new URL('../../../../../shared/data', import.meta.url));
const present = existsSync(data);

interface ReferenceSignal {
  label: string;
  unit: string;
  samples_per_record: number;
  n?: number;
  mean: number;
  std: number;
  min: number;
  max: number;
  first5: number[];
  last: number;
}
interface Reference {
  native?: {
    n_records_read: number;
    header_bytes: number;
    n_signals: number;
    record_onset_first?: number;
    n_annotations?: number;
    annotations_first10?: { onset: number; duration: number | null; text: string }[];
    annotation_counts?: Record<string, number>;
    signals: ReferenceSignal[];
  };
}

/** Steps of float32 between two numbers; values far below the channel's own resolution are all zero. */
function ulps(a: number, b: number, resolution: number): number {
  if (Math.abs(a) < resolution * 1e-6 && Math.abs(b) < resolution * 1e-6) return 0;
  return Math.abs(orderedBits(a) - orderedBits(b));
}

function orderedBits(value: number): number {
  const bits = new Int32Array(new Float32Array([value]).buffer)[0]!;
  return bits < 0 ? -(bits & 0x7fffffff) : bits;
}

const files = present ? globSync('**/*.{edf,bdf}', { cwd: data }).sort() : [];
const references = new Map<string, Reference>();
for (const folder of new Set(files.map((file) => file.split('/')[0]!))) {
  const path = join(data, folder, 'reference.json');
  if (existsSync(path))
    for (const [name, value] of Object.entries(
      JSON.parse(readFileSync(path, 'utf8')) as Record<string, Reference>,
    ))
      references.set(join(folder, name), value);
}

describe.skipIf(!present)('real EDF and BDF files (skipped without ../shared/data)', () => {
  const rows: { file: string; channels: number; samples: number; ulp: number }[] = [];
  const refused: { file: string; code: string }[] = [];

  it(
    'opens each readable one with the reference values, sample for sample, by edfdecoder and by our own arithmetic',
    { timeout: 120_000 },
    async () => {
      for (const file of files) {
        const reference = references.get(file)?.native;
        try {
          await using recording = await openEdf(join(data, file));
          let worst = 0;
          let samples = 0;
          const channels = recording.header.channels;
          const values = await recording.read(
            0,
            recording.header.durationS,
            channels.map((_, i) => i),
          );
          const again = values.map(({ length }) => new Float32Array(length));
          await recording.readInto(
            0,
            channels.map((_, i) => i),
            again,
          );
          // As bytes: a comparison by value would take minutes, and NaN is equal to itself here.
          for (const [i, own] of again.entries())
            expect(
              Buffer.from(own.buffer).equals(Buffer.from(values[i]!.buffer)),
              `${file} ${channels[i]!.label} by our own decoder`,
            ).toBe(true);
          for (const [i, channel] of channels.entries()) {
            if (channel.kind === 'annotations') continue;
            const got = values[i]!;
            const known = reference?.signals[i];
            // these two stand in the reference with what a reader sees that believes the damaged header
            if (!known?.n || /header-bytes-wrong|too-few/.test(file)) continue;
            expect(known.label, file).toBe(channel.label);
            expect(got.length, `${file} ${channel.label}`).toBe(known.n);
            const factor = microvoltFactor(known.unit) ?? 1;
            const resolution =
              (Math.abs(channel.physicalMax - channel.physicalMin) /
                (channel.digitalMax - channel.digitalMin)) *
              factor;
            const pairs: [number, number][] = [
              ...known.first5.map((value, j): [number, number] => [got[j]!, value * factor]),
              [got.at(-1)!, known.last * factor],
              [got.reduce((a, b) => Math.min(a, b), Infinity), known.min * factor],
              [got.reduce((a, b) => Math.max(a, b), -Infinity), known.max * factor],
            ];
            for (const [ours, theirs] of pairs) worst = Math.max(worst, ulps(ours, theirs, resolution));
            const mean = got.reduce((sum, value) => sum + value, 0) / got.length;
            const std = Math.sqrt(got.reduce((sum, value) => sum + (value - mean) ** 2, 0) / got.length);
            // float32 samples carry 2⁻²⁴ of the largest value each
            const slack = Math.max(Math.abs(known.max), Math.abs(known.min)) * factor * 2 ** -23;
            expect(Math.abs(mean - known.mean * factor), `${file} ${channel.label} mean`).toBeLessThanOrEqual(
              slack,
            );
            expect(Math.abs(std - known.std * factor), `${file} ${channel.label} std`).toBeLessThanOrEqual(
              slack,
            );
            samples += got.length;
          }
          rows.push({ file, channels: channels.length, samples, ulp: worst });
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          refused.push({ file, code: error.code });
        }
      }
      const compared = rows.filter(({ samples }) => samples > 0);
      process.stdout.write(
        `EDF/BDF: ${rows.length} opened, ${refused.length} refused (${refused.map((r) => `${r.file.split('/').pop()}: ${r.code}`).join(', ')}), ` +
          `${compared.length} compared, ${compared.reduce((sum, { samples }) => sum + samples, 0)} samples, ` +
          `max ${Math.max(...rows.map(({ ulp }) => ulp))} ULP (${compared
            .filter((r) => r.ulp > 0)
            .map((r) => `${r.file}: ${r.ulp}`)
            .join(', ')})\n`,
      );
      expect(Math.max(...rows.map(({ ulp }) => ulp))).toBeLessThanOrEqual(1);
      expect(refused.map(({ file }) => relative('derived-broken-edf', file)).sort()).toEqual([
        'empty.edf',
        'text-not-edf.edf',
        'trunc-header-only.edf',
        'trunc-in-header.edf',
      ]);
    },
  );

  it('reads the same annotations', async () => {
    for (const file of files) {
      const native = references.get(file)?.native;
      if (native?.n_annotations === undefined || dirname(file) === 'derived-broken-edf') continue;
      await using recording = await openEdf(join(data, file));
      const found = await recording.annotations();
      expect(found.length, file).toBe(native.n_annotations);
      const counts: Record<string, number> = {};
      for (const { text } of found) counts[text] = (counts[text] ?? 0) + 1;
      if (native.annotation_counts) expect(counts, file).toEqual(native.annotation_counts);
      native.annotations_first10?.forEach((known, i) => {
        expect(found[i]!.onsetS + (native.record_onset_first ?? 0), file).toBeCloseTo(known.onset, 5);
        expect(found[i]!.durationS, file).toBe(known.duration ?? 0);
      });
    }
  });

  it('tells what is wrong with each damaged one', async () => {
    const codes = async (name: string) => {
      await using recording = await openEdf(join(data, 'derived-broken-edf', name));
      return { codes: recording.findings.map(({ code }) => code), seconds: recording.header.durationS };
    };
    expect(await codes('trunc-mid-record.edf')).toMatchObject({
      codes: ['record-count-too-large', 'truncated-record'],
      seconds: 20,
    });
    expect(await codes('nrecords-minus-one.edf')).toEqual({ codes: ['record-count-missing'], seconds: 62 });
    expect(await codes('nrecords-too-many.edf')).toEqual({ codes: ['record-count-too-large'], seconds: 62 });
    expect(await codes('nrecords-too-few.edf')).toEqual({ codes: ['record-count-too-small'], seconds: 62 });
    expect(await codes('trailing-garbage.edf')).toEqual({ codes: ['trailing-bytes'], seconds: 62 });
    expect(await codes('header-bytes-wrong.edf')).toEqual({ codes: ['header-size-wrong'], seconds: 62 });
  });
});
