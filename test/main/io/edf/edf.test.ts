import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { microvoltFactor } from '#main/io/channel-kind.ts';
import { decodeSamples, decodeWithEdfdecoder } from '#main/io/edf/decode.ts';
import { openEdf } from '#main/io/edf/edf.ts';
import { createEdfWriter } from '#main/io/edf/write.ts';
import { parseHeader } from '#main/io/edf/header.ts';
import { AppError } from '#shared/errors.ts';
import { createRandom } from '#shared/random.ts';
import { makeEdf, patch, signalField, temporaryFolder, uvChannel } from '../../../make/edf-files.ts';

const codes = (recording: { findings: readonly { code: string }[] }) =>
  recording.findings.map(({ code }) => code);

async function readAll(path: string, channels: number[]): Promise<Float32Array[]> {
  await using recording = await openEdf(path);
  return await recording.read(0, recording.header.durationS, channels);
}

describe('decoding 16-bit records', () => {
  it('gives the same float32 by edfdecoder and by our own arithmetic, sample by sample', async () => {
    using folder = temporaryFolder();
    const { path } = await makeEdf(join(folder.path, 'a.edf'), { format: 'EDF' });
    const bytes = readFileSync(path);
    const header = parseHeader(bytes, bytes.length, path);
    header.signals[1]!.physicalMin = -187500;
    header.signals[1]!.fields[3] = '-187500 ';
    const random = new Uint8Array(header.recordBytes * 10).map((_, i) => (i * 2654435761) >>> 13);
    const theirs = decodeWithEdfdecoder({
      bytes: random,
      records: 10,
      signals: header.signals,
      sampleBytes: 2,
    });
    for (const [i, signal] of header.signals.entries())
      for (let record = 0; record < 10; record++) {
        const ours = new Float32Array(signal.samplesPerRecord);
        const at = record * header.recordBytes + signal.offset;
        decodeSamples(new DataView(random.buffer), at, ours.length, signal, 2, 1, ours, 0);
        expect(ours).toEqual(theirs[i]![record]);
      }
  });
});

describe('windows', () => {
  it('are slices of the whole, whatever their place, with nothing but NaN outside', async () => {
    using folder = temporaryFolder();
    const made = await makeEdf(join(folder.path, 'a.edf'), {
      format: 'EDF+D',
      channels: [uvChannel('Cz', 100), uvChannel('Resp', 13), uvChannel('Pz', 100)],
      onsets: [0, 1, 2, 5.5, 6.5, 20, 21, 22, 22 + 1 + 1 / 3],
    });
    await using recording = await openEdf(made.path);
    expect(recording.header.spans.length).toBe(4);
    expect(codes(recording)).toEqual(['gaps']);
    const whole = await recording.read(0, recording.header.durationS, [0, 1, 2]);
    const random = createRandom(1);
    for (let n = 0; n < 200; n++) {
      const startS = random.next() * 30 - 3;
      const seconds = random.next() * 9;
      const asked = [2, 0, 1, 0].slice(0, 1 + (n % 4));
      const windows = await recording.read(startS, seconds, asked);
      windows.forEach((values, i) => {
        const f = recording.header.channels[asked[i]!]!.sfreqHz;
        const from = Math.round(startS * f);
        expect(values.length).toBe(Math.max(0, Math.round((startS + seconds) * f) - from));
        values.forEach((value, j) => expect(value).toEqual(whole[asked[i]!]![from + j] ?? NaN));
      });
      // Whatever stood in them before.
      const again = windows.map((values) => new Float32Array(values.length).fill(123));
      await recording.readInto(startS, asked, again);
      expect(again).toEqual(windows);
    }
  });

  it('hold in each stretch exactly what the gapless twin holds', async () => {
    using folder = temporaryFolder();
    const onsets = [0, 1, 2, 10, 11, 60, 100.25, 101.25];
    const gapped = await makeEdf(join(folder.path, 'd.edf'), { format: 'EDF+D', onsets });
    const twin = await makeEdf(join(folder.path, 'c.edf'), { onsets: onsets.map((_, i) => i) });
    const [whole, plain] = [await readAll(gapped.path, [0, 2]), await readAll(twin.path, [0, 2])];
    [256, 32].forEach((f, channel) =>
      onsets.forEach((onset, record) =>
        expect(whole[channel]!.slice(onset * f, (onset + 1) * f)).toEqual(
          plain[channel]!.slice(record * f, (record + 1) * f),
        ),
      ),
    );
    expect(whole[0]!.filter((value) => !Number.isNaN(value)).length).toBe(onsets.length * 256);
  });

  it('reads records larger than memory should hold piece by piece', async () => {
    using folder = temporaryFolder();
    const { path, values } = await makeEdf(join(folder.path, 'a.edf'), {
      channels: [uvChannel('Cz', 1000), uvChannel('Pz', 1000)],
      recordS: 1200,
      onsets: [0, 1200],
    });
    await using recording = await openEdf(path);
    const [pz] = await recording.read(1199.5, 1, [1]);
    const expected = values[1]!.subarray(1_199_500, 1_200_500);
    pz!.forEach((value, j) => expect(Math.abs(value - expected[j]!)).toBeLessThan(0.0505));
    const again = new Float32Array(pz!.length);
    await recording.readInto(1199.5, [1], [again]);
    expect(again).toEqual(pz);
  });

  it('come in µV whatever voltage the file uses, at each channel’s own rate', async () => {
    using folder = temporaryFolder();
    const scaled = (unit: string, range: number) => ({
      ...uvChannel(`EEG ${unit || 'none'}`),
      unit,
      physicalMin: -range,
      physicalMax: range,
    });
    const { path } = await makeEdf(join(folder.path, 'a.bdf'), {
      format: 'BDF+C',
      channels: [
        scaled('uV', 200),
        scaled('mV', 0.2),
        scaled('V', 0.0002),
        scaled('nV', 200_000),
        scaled('degC', 200),
      ],
    });
    await using recording = await openEdf(path);
    expect(recording.header.channels.map(({ toMicrovolt }) => toMicrovolt).slice(0, 5)).toEqual([
      1, 1e3, 1e6, 1e-3, 1,
    ]);
    const [uv, ...others] = await recording.read(0, 10, [0, 1, 2, 3]);
    for (const [i, other] of others.entries()) {
      // every channel has its own sine; only the amplitude is comparable
      const peak = (values: Float32Array) => values.reduce((max, value) => Math.max(max, value), 0);
      expect(peak(other) / peak(uv!), `channel ${i + 1}`).toBeGreaterThan(0.95);
      expect(peak(other) / peak(uv!), `channel ${i + 1}`).toBeLessThan(1.05);
    }
  });
});

describe('a damaged header', () => {
  const signals = 4;
  const healthy = async (folder: string) => (await makeEdf(join(folder, 'healthy.edf'))).path;

  it('costs only the channel that it concerns; the others stay bit-equal to the healthy twin', async () => {
    using folder = temporaryFolder();
    const path = await healthy(folder.path);
    const twin = await readAll(path, [0, 1, 2]);
    const cases: [string, number, string][] = [
      ['physical-range-empty', signalField(3, 1, signals), '3276.7  '],
      ['digital-range-empty', signalField(5, 1, signals), '32767   '],
      ['ambiguous-comma', signalField(4, 1, signals), '3,276   '],
      ['range-unreadable', signalField(4, 1, signals), 'abc     '],
      ['log-transformed', signalField(2, 1, signals), 'Filtered'],
    ];
    for (const [code, at, text] of cases) {
      const broken = patch(path, join(folder.path, `${code}.edf`), at, text);
      await using recording = await openEdf(broken);
      expect(codes(recording)).toEqual([code]);
      expect(recording.header.channels.map(({ disabled }) => disabled !== undefined)).toEqual([
        false,
        true,
        false,
        false,
      ]);
      const read = await recording.read(0, 10, [0, 1, 2]);
      expect(read[0]).toEqual(twin[0]);
      expect(read[2]).toEqual(twin[2]);
      expect(read[1]!.every((value) => Number.isNaN(value))).toBe(true);
    }
  });

  it('with a decimal comma scales like the twin with a point', async () => {
    using folder = temporaryFolder();
    const path = await healthy(folder.path);
    const comma = patch(path, join(folder.path, 'comma.edf'), signalField(3, 0, signals), '-3276,8 ');
    await using recording = await openEdf(comma);
    expect(codes(recording)).toEqual(['decimal-comma']);
    expect(await recording.read(0, 10, [0, 1, 2])).toEqual(await readAll(path, [0, 1, 2]));
  });

  it('reads fields padded with NUL, right-justified or in other code pages alike', async () => {
    using folder = temporaryFolder();
    const path = await healthy(folder.path);
    const twin = await readAll(path, [0, 1, 2]);
    const cases: [number, string][] = [
      [signalField(2, 0, signals), '\xb5V\0\0\0\0\0\0'],
      [signalField(2, 0, signals), '\x83\xcaV     '],
      [signalField(2, 0, signals), '\xc2\xb5V     '],
      [signalField(3, 0, signals), '\0-3276.8'],
      [signalField(4, 0, signals), '  3276.7'],
      [signalField(8, 0, signals), '\0\0\0\0\x20256'],
      [signalField(0, 0, signals), 'EEG F\xe9\0garbage\0\0'],
    ];
    for (const [at, text] of cases) {
      await using recording = await openEdf(patch(path, join(folder.path, 'odd.edf'), at, text));
      expect(codes(recording), text).toEqual([]);
      expect(recording.header.channels[0]!.kind).toBe('eeg');
      expect(microvoltFactor(recording.header.channels[0]!.unit)).toBe(1);
      expect(await recording.read(0, 10, [0, 1, 2]), text).toEqual(twin);
    }
  });

  it('never swaps an inverted range: polarity stays as the file says', async () => {
    using folder = temporaryFolder();
    const path = await healthy(folder.path);
    const inverted = patch(
      patch(path, join(folder.path, 'i.edf'), signalField(3, 0, signals), '3276.7  '),
      join(folder.path, 'i.edf'),
      signalField(4, 0, signals),
      '-3276.8 ',
    );
    await using recording = await openEdf(inverted);
    expect(codes(recording)).toEqual(['negative-gain']);
    const [turned] = await recording.read(0, 10, [0]);
    const [straight] = await readAll(path, [0]);
    turned!.forEach((value, j) => expect(value).toBeCloseTo(-straight![j]! - 0.1, 2));
  });

  it('tells oddities that change nothing', async () => {
    using folder = temporaryFolder();
    const path = await healthy(folder.path);
    const twin = await readAll(path, [0, 1, 2]);
    const cases: [string[], number, string][] = [
      [['version-odd'], 0, '20190305'],
      [['duplicate-label'], signalField(0, 1, signals), 'EEG Fp1         '],
      [['unit-missing'], signalField(2, 0, signals), '        '],
      [['date-odd'], 168, '32.13.20'],
      [['date-disagrees'], 168, '05.04.20'],
      [['date-separator'], 168, '04/03/20'],
      [['time-odd'], 176, '05.06.75'],
      [['header-size-wrong'], 184, '9999    '],
      [['annotation-signal-missing', 'unit-missing'], signalField(0, 3, signals), 'Other           '],
    ];
    for (const [expected, at, text] of cases) {
      await using recording = await openEdf(patch(path, join(folder.path, 'odd.edf'), at, text));
      expect(codes(recording).toSorted()).toEqual(expected);
      expect(await recording.read(0, 10, [0, 1, 2])).toEqual(twin);
    }
    await using recording = await openEdf(patch(path, join(folder.path, 'odd.edf'), 176, '05.06.75'));
    expect(recording.header.startedAt).toBe('2020-03-04T05:07:15');
  });

  it('finds gaps in a file that calls itself continuous, and stops where time runs backwards', async () => {
    using folder = temporaryFolder();
    const { path } = await makeEdf(join(folder.path, 'd.edf'), {
      format: 'EDF+D',
      onsets: [0, 1, 2, 7, 8, 9],
    });
    await using lying = await openEdf(patch(path, join(folder.path, 'c.edf'), 192, 'EDF+C'));
    expect(codes(lying)).toEqual(['gaps-in-continuous-file']);
    expect(lying.header.spans.length).toBe(2);
    const bytes = readFileSync(path);
    // the last record then says that it starts at 1 s
    bytes.write('+1\x14\x14', bytes.indexOf('+9\x14\x14'), 'latin1');
    writeFileSync(join(folder.path, 'back.edf'), bytes);
    await using backwards = await openEdf(join(folder.path, 'back.edf'));
    expect(codes(backwards)).toContain('time-runs-backwards');
    expect(backwards.header.durationS).toBe(9);
  });

  it('opens or refuses every cut of a file with a reason, never otherwise', async () => {
    using folder = temporaryFolder();
    const path = await healthy(folder.path);
    const twin = await readAll(path, [0]);
    const { length } = readFileSync(path);
    for (let size = length - 1; size >= 0; size -= 37) {
      truncateSync(path, size);
      try {
        await using recording = await openEdf(path);
        const [values] = await recording.read(0, recording.header.durationS, [0]);
        expect(values).toEqual(twin[0]!.subarray(0, values!.length));
        expect(codes(recording)).toContain('record-count-too-large');
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        expect(error.code).toBe('damaged-file');
      }
    }
  });

  it('survives random bytes anywhere in the header without losing its temper', async () => {
    using folder = temporaryFolder();
    const bytes = readFileSync(await healthy(folder.path));
    const random = createRandom(7);
    const path = join(folder.path, 'fuzz.edf');
    for (let n = 0; n < 300; n++) {
      const broken = Buffer.from(bytes);
      for (let k = 0; k < 4; k++) broken[Math.floor(random.next() * 1280)] = Math.floor(random.next() * 256);
      writeFileSync(path, broken);
      try {
        await using recording = await openEdf(path);
        await recording.read(0, 2, [0]);
        await recording.annotations();
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
        expect((error as AppError).code).not.toBe('internal');
      }
    }
  });
});

describe('a BioSemi Status channel', () => {
  it('gives its trigger codes as annotations, whatever code it idles on', async () => {
    using folder = temporaryFolder();
    const range = { physicalMin: -8388608, physicalMax: 8388607 };
    for (const idle of [0, 0xff00]) {
      const path = join(folder.path, `${idle}.bdf`);
      const writer = await createEdfWriter(path, {
        format: 'BDF',
        patient: '',
        recordingInfo: '',
        startedAt: null,
        recordS: 1,
        channels: [uvChannel('Cz', 100), { label: 'Status', unit: 'Boolean', sfreqHz: 100, ...range }],
      });
      for (let second = 0; second < 4; second++) {
        const status = new Float32Array(100).fill(0x100000 + idle);
        if (second === 1) status.fill(0x100000 + 7, 50, 51);
        if (second >= 2) status.fill(0x100000 + 9, second === 2 ? 90 : 0, second === 2 ? 100 : 10);
        await writer.writeRecord(second, [new Float32Array(100), status]);
      }
      await writer.close();
      await using recording = await openEdf(path);
      expect(await recording.annotations()).toEqual([
        { onsetS: 1.5, durationS: 0, text: 'Trigger 7' },
        { onsetS: 2.9, durationS: 0.2, text: 'Trigger 9' },
      ]);
    }
  });
});
