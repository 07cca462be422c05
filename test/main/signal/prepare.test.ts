import { describe, expect, it } from 'vitest';
import { prepareParams, type PrepareParams } from '#shared/params/prepare.ts';
import type { Span } from '#shared/eeg/recording.ts';
import { prepareRecording, type PreparedWindow } from '#main/signal/prepare.ts';

const sfreqHz = 128;
const sine =
  (hz: number, uv: number, rate = sfreqHz) =>
  (t: number) =>
    uv * Math.sin((2 * Math.PI * hz * t) / rate);

interface Made {
  seconds?: number;
  channels?: ((sample: number) => number)[];
  spans?: Span[];
  params?: Partial<PrepareParams>;
  electrodes?: string[];
}

async function prepare({
  seconds = 30,
  channels = [sine(10, 30), sine(6, 20)],
  spans,
  params = {},
  electrodes,
}: Made = {}) {
  const reads: [number, number][] = [];
  const windows: PreparedWindow[] = [];
  const input = {
    read: async (startS: number, length: number) => {
      reads.push([startS, length]);
      const first = Math.round(startS * sfreqHz);
      return channels.map((at) =>
        Float32Array.from({ length: Math.round(length * sfreqHz) }, (_, i) => at(first + i)),
      );
    },
    electrodes: electrodes ?? ['Fp1', 'Fp2', 'C3', 'C4', 'O1', 'O2'].slice(0, channels.length),
    sfreqHz,
    spans: spans ?? [{ startS: 0, endS: seconds }],
    params: { ...prepareParams.parse({ reference: 'as-recorded', badChannelShare: 0.5 }), ...params },
  };
  for await (const window of prepareRecording(input)) windows.push(window);
  return { windows, used: windows.filter((each) => !each.rejected), reads };
}

const rms = (x: Float32Array) => Math.sqrt(x.reduce((sum, value) => sum + value * value, 0) / x.length);

describe('preparing a recording', () => {
  it('cuts back to back, and tells of the rest that is too short', async () => {
    const { windows } = await prepare({ seconds: 30 });
    expect(windows.map(({ startS, rejected }) => [startS, rejected?.[0] ?? ''])).toEqual([
      ...[0, 4, 8, 12, 16, 20, 24].map((startS) => [startS, '']),
      [28, 'too short'],
    ]);
    for (const { values, rejected } of windows) if (!rejected) expect(values).toHaveLength(2 * 4 * sfreqHz);
  });

  it('overlaps when the step is shorter, and leaves stretches out when it is longer', async () => {
    const dense = await prepare({ seconds: 12, params: { strideS: 2 } });
    expect(dense.used.map(({ startS }) => startS)).toEqual([0, 2, 4, 6, 8]);
    const sparse = await prepare({ seconds: 20, params: { strideS: 8 } });
    expect(sparse.used.map(({ startS }) => startS)).toEqual([0, 8, 16]);
    // The second half of one is the first half of the next.
    const [first, second] = dense.used;
    expect(first!.values.slice(2 * sfreqHz, 4 * sfreqHz)).toEqual(second!.values.slice(0, 2 * sfreqHz));
  });

  it('never crosses a gap, and begins anew after it', async () => {
    const spans = [
      { startS: 0, endS: 10 },
      { startS: 25, endS: 37.5 },
    ];
    const { windows, reads } = await prepare({ spans });
    expect(windows.map(({ startS, rejected }) => [startS, rejected?.[0] ?? ''])).toEqual([
      [0, ''],
      [4, ''],
      [8, 'too short'],
      [25, ''],
      [29, ''],
      [33, ''],
      [37, 'too short'],
    ]);
    for (const [startS, length] of reads)
      expect(spans.some((span) => startS >= span.startS && startS + length <= span.endS + 1e-9)).toBe(true);
  });

  it('gives the same values whatever comes in the blocks around them', async () => {
    const long = await prepare({ seconds: 100, channels: [sine(10, 30)] });
    // Across borders between the pieces that are read and the blocks that are filtered.
    for (const startS of [28, 60, 88]) {
      const { values } = long.used.find((each) => each.startS === startS)!;
      const expected = Float32Array.from({ length: 4 * sfreqHz }, (_, i) =>
        sine(10, 30)(startS * sfreqHz + i),
      );
      const worst = values.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
      expect(worst, `at ${startS} s`).toBeLessThan(0.5);
    }
  });

  it('removes drift and mains, and keeps what lies between', async () => {
    const { used } = await prepare({
      seconds: 60,
      channels: [(t) => sine(10, 30)(t) + sine(50, 40)(t) + sine(0.05, 200)(t), sine(6, 20)],
      params: { notchHz: 50 },
    });
    for (const { values } of used.slice(3, -3))
      expect(rms(values.subarray(0, 4 * sfreqHz))).toBeCloseTo(30 / Math.SQRT2, 0);
  });

  it('brings every recording to one rate, with the rhythm unchanged', async () => {
    const { used } = await prepare({ seconds: 40, channels: [sine(10, 30)], params: { sfreqHz: 100 } });
    const { values, startS } = used[4]!;
    expect(values).toHaveLength(400);
    const worst = values.reduce(
      (most, value, i) =>
        Math.max(most, Math.abs(value - 30 * Math.sin(2 * Math.PI * 10 * (startS + i / 100)))),
      0,
    );
    expect(worst).toBeLessThan(0.5);
  });

  it('takes the mean of the good sites away when asked, but never from derivations', async () => {
    const channels = [sine(10, 30), sine(10, 30), sine(6, 20), sine(14, 25)];
    const { used } = await prepare({ channels, params: { reference: 'average' } });
    const { values } = used[2]!;
    const n = 4 * sfreqHz;
    for (let i = 0; i < n; i += 37)
      expect(values[i]! + values[n + i]! + values[2 * n + i]! + values[3 * n + i]!).toBeCloseTo(0, 3);
    const bipolar = await prepare({
      channels: channels.slice(0, 2),
      electrodes: ['Fp1-F7', 'Fp2-F8'],
      params: { reference: 'average' },
    });
    expect(rms(bipolar.used[2]!.values)).toBeGreaterThan(15);
  });

  it('rejects what is missing or far too large, where it is and nowhere else', async () => {
    const { windows } = await prepare({
      seconds: 40,
      channels: [
        (t) => (t >= 9 * sfreqHz && t < 10 * sfreqHz ? NaN : sine(10, 30)(t)),
        (t) => (t > 21 * sfreqHz && t < 22 * sfreqHz ? 5000 : 1) * sine(8, 30)(t),
      ],
      params: { maxAmplitudeUv: 500 },
    });
    const fate = new Map(windows.map(({ startS, rejected }) => [startS, rejected?.join() ?? 'used']));
    expect(fate.get(8)).toBe('no data');
    expect(fate.get(20)).toContain('amplitude');
    for (const startS of [0, 4, 32, 36]) expect(fate.get(startS)).toBe('used');
    for (const { values, rejected } of windows)
      if (!rejected) expect(values.every(Number.isFinite)).toBe(true);
  });

  it('refuses filters that do not fit the rate, in words that say what would', async () => {
    await expect(prepare({ params: { lowPassHz: 70 } })).rejects.toMatchObject({
      code: 'invalid-input',
      message: expect.stringMatching(/64 Hz.*--low-pass-hz/),
    });
    await expect(prepare({ params: { highPassHz: 10, lowPassHz: 10 } })).rejects.toMatchObject({
      code: 'invalid-input',
    });
    await expect(prepare({ params: { windowS: 0.001 } })).rejects.toMatchObject({ code: 'invalid-input' });
  });

  it('gives up soon after it is told to', async () => {
    const abort = new AbortController();
    const windows = prepareRecording({
      read: async (_, length) => [new Float32Array(Math.round(length * sfreqHz))],
      electrodes: ['Cz'],
      sfreqHz,
      spans: [{ startS: 0, endS: 3600 }],
      params: prepareParams.parse({}),
      signal: abort.signal,
    });
    await windows.next();
    abort.abort(new Error('enough'));
    await expect(
      (async () => {
        for (;;) if ((await windows.next()).done) return;
      })(),
    ).rejects.toThrow('enough');
  });
});
