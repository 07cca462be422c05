import { describe, expect, it } from 'vitest';
import { createRandom } from '#shared/random.ts';
import { judgeSegment } from '#main/signal/quality.ts';

const sfreqHz = 256;
const samples = 4 * sfreqHz;
const limits = { maxAmplitudeUv: 500, flatUv: 0.5, badChannelShare: 0.25 };

/** Something like EEG: a slow walk and alpha. */
function eeg(seed: number): Float32Array {
  const random = createRandom(seed);
  let walk = 0;
  return Float32Array.from({ length: samples }, (_, i) => {
    walk = 0.98 * walk + 3 * random.normal();
    return walk + 20 * Math.sin((2 * Math.PI * 10 * i) / sfreqHz);
  });
}

/** Eight channels of which the first is changed. */
function judge(change: (x: Float32Array) => void, { stuckS = 0, of = 8, bad = 1 } = {}) {
  const values = new Float32Array(of * samples);
  for (let c = 0; c < of; c++) {
    const x = eeg(c + 1);
    if (c < bad) change(x);
    values.set(x, c * samples);
  }
  const stuck = Array.from({ length: of }, (_, c) => (c < bad ? stuckS : 0));
  return judgeSegment(values, of, sfreqHz, limits, stuck);
}
const noise = createRandom(99);

describe('the quality of a segment', () => {
  it('has nothing to say of ordinary EEG', () => {
    expect(judge(() => undefined)).toMatchObject({ badChannels: [], reasons: [] });
  });

  it.each<[string, (x: Float32Array) => void, number]>([
    ['flat', (x) => x.fill(0), 4],
    ['clipped', () => undefined, 0.5],
    ['pop', (x) => x.forEach((value, i) => (x[i] = i < 500 ? value : value + 400)), 0],
    [
      'muscle',
      (x) => x.forEach((value, i) => (x[i] = 0.3 * value + (i % 2 ? 40 : -40) * (1 + 0.3 * noise.normal()))),
      0,
    ],
    [
      'line noise',
      (x) => x.forEach((value, i) => (x[i] = value + 90 * Math.sin((2 * Math.PI * 50 * i) / sfreqHz))),
      0,
    ],
    [
      'line noise',
      (x) => x.forEach((value, i) => (x[i] = value + 90 * Math.sin((2 * Math.PI * 60 * i) / sfreqHz))),
      0,
    ],
  ])('finds %s in the one channel that has it', (fault, change, stuckS) => {
    const { badChannels, faults, reasons } = judge(change, { stuckS });
    expect(badChannels).toEqual([0]);
    expect(faults.get(0)).toContain(fault);
    expect(reasons).toEqual([]);
  });

  it('rejects a segment with one value that is too large, but not for a dead channel', () => {
    expect(judge((x) => (x[100] = 900)).reasons).toContain('amplitude');
    expect(judge((x) => x.fill(9000)).reasons).toEqual([]);
  });

  it('rejects when more channels are bad than allowed, naming the commonest fault', () => {
    expect(judge((x) => x.fill(0), { bad: 2 }).reasons).toEqual([]);
    expect(judge((x) => x.fill(0), { bad: 3 }).reasons).toEqual(['bad channels: flat']);
  });

  it('does not call a quiet channel of white noise muscle', () => {
    expect(judge((x) => x.forEach((_, i) => (x[i] = 5 * noise.normal()))).badChannels).toEqual([]);
  });

  it('lets the same stretch be flat or not by the limit that was set', () => {
    const quiet = eeg(1).map((value) => value / 100);
    const at = (flatUv: number) => judgeSegment(quiet, 1, sfreqHz, { ...limits, flatUv }, [0]).badChannels;
    expect(at(0.5)).toEqual([0]);
    expect(at(0.01)).toEqual([]);
  });
});
