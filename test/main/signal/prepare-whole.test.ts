import { describe, expect, it } from 'vitest';
import type { Span } from '#shared/eeg/recording.ts';
import { prepareParams, type PrepareParams } from '#shared/params/prepare.ts';
import { createRandom } from '#shared/random.ts';
import { cascade, highPass, lowPass } from '#main/signal/butterworth.ts';
import { filterBothWays } from '#main/signal/filter.ts';
import { prepareRecording, type PrepareInput, type PreparedWindow } from '#main/signal/prepare.ts';
import { averageReference } from '#main/signal/reference.ts';
import { rateRatio, resample } from '#main/signal/resample.ts';
import { largestDifference, sine, size } from './made-up.ts';

const rate = 128;
const electrodes = ['Fz', 'Cz', 'Pz', 'Oz'];

function eeg(samples: number, sfreqHz = rate, seed = 1): Float32Array[] {
  const random = createRandom(seed);
  return electrodes.map((_, c) => {
    const alpha = sine(10 + c / 3, sfreqHz, samples);
    let slow = 0;
    return Float32Array.from(alpha, (value) => {
      slow = 0.99 * slow + 3 * random.normal();
      return 12 * value + slow + 2000 + 300 * c;
    });
  });
}

function reader(data: readonly Float32Array[], sfreqHz = rate): PrepareInput['read'] {
  return async (startS, seconds) => {
    const from = Math.round(startS * sfreqHz);
    const to = Math.round((startS + seconds) * sfreqHz);
    return data.map((x) => Float32Array.from({ length: to - from }, (_, i) => x[from + i] ?? NaN));
  };
}

async function prepareAll(
  data: readonly Float32Array[],
  spans: Span[],
  params: Partial<PrepareParams> = {},
  more: Partial<PrepareInput> = {},
): Promise<PreparedWindow[]> {
  const windows: PreparedWindow[] = [];
  const input = { read: reader(data), electrodes, sfreqHz: rate, spans, ...more };
  for await (const window of prepareRecording({
    ...input,
    params: prepareParams.parse({ reference: 'as-recorded', ...params }),
  }))
    windows.push(window);
  return windows;
}

describe('a prepared recording', () => {
  it('is the whole recording filtered, resampled and referenced at once, cut into windows', async () => {
    const sfreqHz = 256;
    const data = eeg(150 * sfreqHz, sfreqHz);
    const windows = await prepareAll(
      data,
      [{ startS: 0, endS: 150 }],
      { sfreqHz: 200, reference: 'average' },
      { read: reader(data, sfreqHz), sfreqHz },
    );
    expect(windows.map(({ startS }) => startS)).toEqual(Array.from({ length: 38 }, (_, k) => 4 * k));
    const filter = cascade(highPass(4, 0.5, sfreqHz), lowPass(4, 45, sfreqHz));
    const whole = data.map((x) => resample(filterBothWays(filter, x), rateRatio(sfreqHz, 200)));
    for (const k of [1, 7, 8, 22, 35]) {
      const expected = Float32Array.from(whole.flatMap((x) => [...x.subarray(k * 800, (k + 1) * 800)]));
      averageReference(expected, 4, 800);
      expect(largestDifference(windows[k]!.values, expected), `window ${k}`).toBeLessThan(1e-4);
    }
  });

  it('never reads a sample outside the span that a segment is in', async () => {
    const random = createRandom(5);
    const data = eeg(400 * rate);
    for (let n = 0; n < 12; n++) {
      const cuts = Array.from({ length: 6 }, () => random.below(400 * rate) / rate).sort((a, b) => a - b);
      const spans = [0, 2, 4].map((i) => ({ startS: cuts[i]!, endS: cuts[i + 1]! }));
      const windows = await prepareAll(data, spans, { strideS: n % 2 ? 1.5 : 4 });
      for (const { startS, rejected } of windows) {
        const home = spans.find((span) => startS >= span.startS && startS < span.endS);
        if (!rejected?.includes('too short')) expect(startS + 4).toBeLessThanOrEqual(home!.endS + 1e-9);
      }
      // What lies outside a span has no influence on it.
      const [first] = spans;
      const alone = data.map((x) =>
        x.map((value, t) => (t >= first!.startS * rate && t < first!.endS * rate ? value : 1e6)),
      );
      const inFirst = windows.filter(({ startS }) => startS >= first!.startS && startS < first!.endS);
      const again = await prepareAll(alone, [first!], { strideS: n % 2 ? 1.5 : 4 });
      expect(again.map(({ startS }) => startS)).toEqual(inFirst.map(({ startS }) => startS));
      again.forEach(({ values }, k) => expect(largestDifference(values, inFirst[k]!.values)).toBe(0));
    }
  });

  it('counts what is too short to be a segment', async () => {
    const data = eeg(60 * rate);
    const spans = [
      { startS: 0, endS: 3 },
      { startS: 5, endS: 13 },
      { startS: 20, endS: 29.5 },
    ];
    const windows = await prepareAll(data, spans);
    expect(windows.map(({ startS, rejected }) => [startS, rejected?.[0] ?? ''])).toEqual([
      [0, 'too short'],
      [5, ''],
      [9, ''],
      [20, ''],
      [24, ''],
      [28, 'too short'],
    ]);
  });

  it('reads in order, in pieces, and gives segments long before the end', async () => {
    const hours = 3;
    const data = eeg(60 * rate);
    const asked: number[] = [];
    let read = 0;
    let farthest = 0;
    for await (const { startS } of prepareRecording({
      read: async (startS, seconds) => {
        asked.push(seconds);
        expect(startS).toBeCloseTo(read, 6);
        read = startS + seconds;
        return data.map((x) => x.slice(0, Math.round(seconds * rate)));
      },
      electrodes,
      sfreqHz: rate,
      spans: [{ startS: 0, endS: hours * 3600 }],
      params: prepareParams.parse({}),
    }))
      farthest = Math.max(farthest, read - startS);
    expect(read).toBeCloseTo(hours * 3600, 6);
    expect(Math.max(...asked)).toBeLessThanOrEqual(60);
    expect(farthest).toBeLessThan(120);
  });

  it('passes over lost samples without harm to what is near', async () => {
    const data = eeg(200 * rate);
    const whole = await prepareAll(data, [{ startS: 0, endS: 200 }]);
    const holed = data.map((x) => x.slice());
    holed[1]!.fill(NaN, 101 * rate, 102 * rate);
    holed[2]!.fill(NaN, 120 * rate, 120 * rate + 1);
    holed[3]!.fill(NaN, 0, 10);
    const windows = await prepareAll(holed, [{ startS: 0, endS: 200 }]);
    expect(
      windows.filter(({ rejected }) => rejected).map(({ startS, rejected }) => [startS, rejected![0]]),
    ).toEqual([
      [0, 'no data'],
      [100, 'no data'],
      [120, 'no data'],
    ]);
    windows.forEach(({ values, rejected }, k) => {
      if (rejected) return;
      // The slow drift lost with the gap rings on a little; no offset of 2 mV may.
      expect(largestDifference(values, whole[k]!.values), `window ${k}`).toBeLessThan(25);
      expect(values.every(Number.isFinite)).toBe(true);
    });
  });

  it('subtracts the mean of the good sites and leaves bad ones out of it', async () => {
    const data = eeg(40 * rate);
    data[3]!.fill(123, 12 * rate, 24 * rate);
    const windows = await prepareAll(data, [{ startS: 0, endS: 40 }], { reference: 'average', strideS: 4 });
    const flat = windows.find(({ startS }) => startS === 16)!;
    expect(flat.badChannels).toEqual([3]);
    expect(flat.rejected).toBeUndefined();
    const T = 4 * rate;
    for (let t = 0; t < T; t++) {
      const [a, b, c] = [0, 1, 2].map((row) => flat.values[row * T + t]!);
      expect(a! + b! + c!).toBeCloseTo(0, 3);
    }
    const whole = windows.find(({ startS }) => startS === 32)!;
    expect(whole.badChannels).toEqual([]);
    for (let t = 0; t < T; t++)
      expect([0, 1, 2, 3].reduce((sum, row) => sum + whole.values[row * T + t]!, 0)).toBeCloseTo(0, 3);
  });

  it('leaves derivations as they are, for they have no reference to take away', async () => {
    const data = eeg(20 * rate);
    const pairs = { electrodes: ['Fz-Cz', 'Cz-Pz', 'Pz-Oz', 'Oz'] };
    const span = [{ startS: 0, endS: 20 }];
    expect(await prepareAll(data, span, { reference: 'average' }, pairs)).toEqual(
      await prepareAll(data, span),
    );
  });

  it('rejects segments that are too large or have too many bad sites, and says why', async () => {
    const data = eeg(80 * rate);
    data[0]![22 * rate] = 2000 + 9000;
    for (const c of [0, 1]) data[c]!.fill(0, 48 * rate, 62 * rate);
    const windows = await prepareAll(data, [{ startS: 0, endS: 80 }], {});
    const at = (startS: number) => windows.find((window) => window.startS === startS)!;
    expect(at(20).rejected).toContain('amplitude');
    expect(at(52).rejected).toEqual(['bad channels: flat']);
    expect(at(8).rejected).toBeUndefined();
    expect(at(76).rejected).toBeUndefined();
  });

  it('removes the mains with the notch', async () => {
    const hum = sine(50, rate, 60 * rate);
    const data = eeg(60 * rate).map((x) => x.map((value, t) => value + 100 * hum[t]!));
    const span = [{ startS: 0, endS: 60 }];
    const [plain, cleaned, clean] = [
      await prepareAll(data, span, { lowPassHz: 60 }),
      await prepareAll(data, span, { lowPassHz: 60, notchHz: 50 }),
      await prepareAll(eeg(60 * rate), span, { lowPassHz: 60, notchHz: 50 }),
    ];
    expect(size(plain[7]!.values)).toBeGreaterThan(1.5 * size(cleaned[7]!.values));
    expect(largestDifference(cleaned[7]!.values, clean[7]!.values)).toBeLessThan(0.1);
  });
});

describe('preparing refuses', () => {
  const span = [{ startS: 0, endS: 20 }];
  it.each([
    [{ lowPassHz: 64 }, /below half of every rate/],
    [{ lowPassHz: 45, sfreqHz: 80 }, /below half of every rate/],
    [{ highPassHz: 10, lowPassHz: 10 }, /must lie below/],
    [{ windowS: 0 }, /longer/],
  ])('%j with a sentence', async (params, sentence) => {
    await expect(prepareAll(eeg(20 * rate), span, params)).rejects.toThrow(sentence);
  });

  it('to go on once aborted', async () => {
    const signal = AbortSignal.abort(new Error('stopped'));
    await expect(prepareAll(eeg(20 * rate), span, {}, { signal })).rejects.toThrow('stopped');
  });
});
