import { describe, expect, it } from 'vitest';
import {
  chanceWords,
  confusionWords,
  distinctPoints,
  headlineWords,
  interval,
  luckWords,
  minutesWords,
  points,
  scored,
  verdictOf,
  verdictWords,
  weakSubjects,
  wilson,
} from '#renderer/models/score-words.ts';

const chance = { uniform: 0.2, majority: 0.2, upTo: 0.25, units: 100, alpha: 0.05 };

describe('scores in words', () => {
  it('never gives more digits than the interval allows', () => {
    expect(scored({ value: 0.6132, low: 0.548, high: 0.676 })).toBe('61.3 % (54.8–67.6)');
    expect(scored({ value: 0.6132, low: 0.4, high: 0.8 })).toBe('61 % (40–80)');
    expect(scored({ value: 0.6132, low: null, high: null })).toBe('61.3 %');
    expect(scored({ value: null, low: null, high: null })).toBe('none');
    expect(interval({ low: null, high: 1 })).toBe('');
    expect(points(0.2)).toBe('20.0');
  });

  it('writes what guessing reaches with the digits of the scores beside it', () => {
    expect(chanceWords(0.5)).toBe('50.0 %');
    expect(chanceWords(0.0936)).toBe('9.4 %');
    expect(chanceWords(0.00987)).toBe('0.99 %');
    expect(chanceWords(1)).toBe('100 %');
    expect(chanceWords(null)).toBe('');
    expect(luckWords(0.569)).toBe('by guessing; up to 56.9 %');
    expect(luckWords(1)).toBe('by guessing; with so few clips any score');
  });

  it('says what a headline was counted over, where that was kept', () => {
    const headline = { name: 'Right answers', value: 0.6132, low: 0.548, high: 0.676, chance: 0.225 };
    expect(headlineWords(headline)).toBe('61.3 % (54.8–67.6); 22.5 % could be luck or guessing');
    expect(headlineWords({ ...headline, of: '144 clips of 12 subjects' })).toBe(
      '61.3 % (54.8–67.6) over 144 clips of 12 subjects; 22.5 % could be luck or guessing',
    );
  });

  it('calls luck what luck can reach', () => {
    const report = (value: number | null) => ({ trialAccuracy: { value, low: null, high: null }, chance });
    expect(verdictOf(report(0.25))).toBe('luck');
    expect(verdictOf(report(0.26))).toBe('better');
    expect(verdictOf(report(null))).toBe('unknown');
    const subject = (name: string, accuracy: number) => ({
      subject: name,
      segments: 9,
      trials: 3,
      accuracy,
      balancedAccuracy: null,
      kappa: null,
    });
    expect(weakSubjects({ chance, perSubject: [subject('A', 0.25), subject('B', 0.5)] })).toEqual(['A']);
  });

  it('names what is mixed up most by its share of the row', () => {
    const text = confusionWords(
      ['anger', 'fear', 'joy'],
      [
        [58, 19, 4],
        [24, 51, 4],
        [3, 4, 77],
      ],
    );
    expect(text).toBe('Fear and anger are mixed up most: 30 % of fear is answered as anger. Joy is safest.');
    expect(
      confusionWords(
        ['a', 'b'],
        [
          [5, 0],
          [0, 5],
        ],
      ),
    ).toBe('Nothing was mixed up.');
  });

  it('says paired differences from the point of view of this model', () => {
    const row = (verdict: 'better' | 'worse' | 'cannot tell', value: number) => ({
      name: 'EEGNet',
      balancedAccuracy: { value: 0.4, low: null, high: null },
      auroc: { value: 0.6, low: null, high: null },
      difference: { value, low: value - 0.02, high: value + 0.02 },
      verdict,
    });
    expect(verdictWords(row('worse', -0.05))).toBe('this model is better: +5.0 points (+3.0 to +7.0)');
    expect(verdictWords(row('better', 0.05))).toBe('better than this model: −5.0 points (−7.0 to −3.0)');
    expect(verdictWords(row('cannot tell', 0.01))).toContain('cannot tell');
  });

  it('gives Wilson intervals that hold the share, shrink with clips and stay within 0 and 1', () => {
    // Wilson 1927, 10 of 20: 0.2993–0.7007.
    expect(wilson(0.5, 20).low).toBeCloseTo(0.2993, 4);
    expect(wilson(0.5, 20).high).toBeCloseTo(0.7007, 4);
    for (const share of [0, 0.1, 0.5, 1]) {
      const widths = [3, 10, 100].map((units) => {
        const { low, high } = wilson(share, units);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(share + 1e-12);
        expect(high).toBeGreaterThanOrEqual(share - 1e-12);
        return high - low;
      });
      expect(widths).toEqual(widths.toSorted((a, b) => b - a));
    }
    expect(wilson(0.5, 0)).toEqual({ low: 0, high: 1 });
  });

  it('tells what minutes brought and warns where luck would do as well', () => {
    const point = (minutes: number, accuracy: number) => ({
      minutes,
      accuracy,
      low: accuracy - 0.05,
      high: accuracy + 0.05,
      draws: [],
      test: 50,
    });
    expect(minutesWords({ points: [point(0, 0.34), point(4, 0.54), point(8, 0.61)], luck: 0.25 })).toBe(
      'From 0 to 8 minutes: +27.0 points. The last 4 minutes brought +7.0.',
    );
    expect(minutesWords({ points: [point(4, 0.28)], luck: 0.25 })).toContain('could be luck');
    expect(minutesWords({ points: [], luck: 0.25 })).toBe('No point was measured.');
    // Asked for more minutes than there are: the last two points are the same length.
    const twice = [point(0, 0.34), point(1, 0.5), point(1.06, 0.54)];
    expect(distinctPoints(twice).map(({ minutes }) => minutes)).toEqual([0, 1.06]);
    expect(minutesWords({ points: twice, luck: 0.25 })).toBe('From 0 to 1.1 minutes: +20.0 points.');
  });
});
