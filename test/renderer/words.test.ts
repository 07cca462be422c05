import { describe, expect, it } from 'vitest';
import {
  bytes,
  clock,
  count,
  duration,
  durationRange,
  figure,
  hours,
  list,
  percent,
  plural,
  time,
  twoDigits,
  when,
} from '#renderer/words.ts';

describe('words for numbers', () => {
  it('separates thousands and counts in words', () => {
    expect(count(10562)).toBe('10,562');
    expect(plural(1, 'recording')).toBe('1 recording');
    expect(plural(0, 'stretch', 'stretches')).toBe('0 stretches');
  });

  it('keeps the zeros of figures that stand below one another', () => {
    expect([0.95, 1, 0.9993, 12.4, 0.6, -0.0321, 0].map(twoDigits)).toEqual([
      '0.95',
      '1.0',
      '1.0',
      '12',
      '0.60',
      '−0.032',
      '0',
    ]);
  });

  it('gives no more digits than asked and a real minus', () => {
    expect(figure(1.5714)).toBe('1.57');
    expect(figure(-12.34)).toBe('−12.3');
    expect(figure(0)).toBe('0');
    expect(figure(NaN)).toBe('unknown');
    expect(figure(0.00000123)).toBe('1.23e−6');
    expect(percent(0.05)).toBe('5 %');
    expect(percent(0.0005)).toBe('0.05 %');
  });

  it('never writes a size with a unit it has outgrown', () => {
    for (const size of [0, 999, 1000, 999_499, 999_600, 38e6, 4.2e9, 31e9]) {
      const [number, unit] = bytes(size).split(' ');
      expect(Number(number!.replaceAll(',', ''))).toBeLessThan(1000);
      expect(['bytes', 'kB', 'MB', 'GB', 'TB']).toContain(unit);
    }
    expect(bytes(4.2e9)).toBe('4.2 GB');
  });

  it('writes lengths, places in time and ranges as a clinician says them', () => {
    expect(duration(1248)).toBe('20 min 48 s');
    expect(duration(85_270)).toBe('23 h 41 min');
    expect(duration(8.4)).toBe('8.4 s');
    expect(duration(59.7)).toBe('1 min');
    expect(time(723)).toBe('00:12:03');
    expect(clock(85_270)).toBe('23:41:10');
    expect(clock(1202)).toBe('20:02');
    expect(durationRange(41 * 60, 55 * 60)).toBe('41–55 min');
    expect(durationRange(20, 20)).toBe('about 20 s');
    expect(durationRange(8, 100)).toBe('up to 2 min');
    expect(durationRange(0.1, 0.2)).toBe('under 1 s');
    expect(hours(0.564)).toBe('34 min');
    expect(hours(428)).toBe('428 h');
  });

  it('says the hour for today and the day for the rest', () => {
    const now = new Date(2026, 10, 20, 18, 0);
    expect(when(new Date(2026, 10, 20, 13, 6).toISOString(), now)).toBe('13:06');
    expect(when(new Date(2026, 10, 12, 13, 6).toISOString(), now)).toBe('12 Nov, 13:06');
    expect(when(null, now)).toBe('');
  });

  it('joins a list with commas and one "and"', () => {
    expect(list([])).toBe('');
    expect(list(['EDF', 'BDF', 'CSV'])).toBe('EDF, BDF and CSV');
  });
});
