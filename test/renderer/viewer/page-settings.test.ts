import { describe, expect, it } from 'vitest';
import {
  clockText,
  defaultSettings,
  filterWarning,
  lowFilterText,
  nextInRing,
  pageLengths,
  parsePlace,
  quoteOf,
  sensitivities,
  settingsFrom,
  shortClock,
  stepAlong,
} from '#renderer/viewer/page-settings.ts';
import { defaultHabits, firstMontage, parseHabits } from '#renderer/viewer/reading-habits.ts';

const started = '2021-03-17T09:44:03';

describe('the settings of a page', () => {
  it('step along their ladder and stay at its ends', () => {
    expect(stepAlong(sensitivities, 7, 1)).toBe(10);
    expect(stepAlong(sensitivities, 7, -1)).toBe(5);
    expect(stepAlong(sensitivities, 1, -1)).toBe(1);
    expect(stepAlong(sensitivities, 200, 1)).toBe(200);
    expect(stepAlong(sensitivities, 8, 1)).toBe(10);
  });

  it('go through every page length and come back', () => {
    let seconds: number = pageLengths[0];
    const seen = pageLengths.map(() => (seconds = nextInRing<number>(pageLengths, seconds)));
    expect(new Set(seen)).toEqual(new Set(pageLengths));
    expect(seconds).toBe(pageLengths[0]);
  });

  it('say the time constant with the low filter', () => {
    expect([0, 0.1, 0.5, 1, 5].map(lowFilterText)).toEqual([
      'off',
      '0.1 Hz (1.6 s)',
      '0.5 Hz (0.32 s)',
      '1 Hz (0.16 s)',
      '5 Hz (0.032 s)',
    ]);
  });

  it('come back from the address that quotes them', () => {
    const settings = { montage: 'average', sensitivity: 15, lffHz: 0.3, hffHz: 35, notchHz: 50, seconds: 20 };
    const query = new URLSearchParams(
      Object.entries(quoteOf(settings, 12.5)).map(([name, value]) => [name, String(value)]),
    );
    expect(settingsFrom(query, defaultSettings)).toEqual(settings);
    expect(query.get('t')).toBe('12.5');
  });

  it('ignore an address that says what no ladder holds', () => {
    expect(settingsFrom(new URLSearchParams('sens=0&page=9999&hff=abc&lff='), defaultSettings)).toEqual(
      defaultSettings,
    );
  });

  it('warn of a filter that the recording cannot carry', () => {
    expect(filterWarning(defaultSettings, 128)).toMatch(/nothing above 64 Hz/);
    expect(filterWarning({ ...defaultSettings, hffHz: 30 }, 256)).toMatch(/muscle/);
    expect(filterWarning(defaultSettings, 256)).toBeNull();
  });
});

describe('a place in time', () => {
  it.each([
    ['12:03', 723],
    ['00:12:03.5', 723.5],
    ['723 s', 723],
    ['723', 723],
    ['at 09:44:13', 10],
    ['at 09:44:03', 0],
    ['at 00:00:00', 51_357],
  ])('is found in “%s”', (text, seconds) => expect(parsePlace(text, started)).toBeCloseTo(seconds, 6));

  it.each(['', 'noon', '1:2:3:4', '-5', 'at'])('is not found in “%s”', (text) =>
    expect(parsePlace(text, started)).toBeNull(),
  );

  it('by the clock needs a recording that knows its clock', () => {
    expect(parsePlace('at 09:44:13', null)).toBeNull();
  });

  it('counts days and knows no time zone', () => {
    expect(clockText(started, 0)).toBe('09:44:03');
    expect(clockText(started, 51_357)).toBe('day 2, 00:00:00');
    expect(shortClock(started, 3)).toBe('09:44:06');
    expect(shortClock(started, 2 * 86_400 + 60)).toBe('d3 09:45');
  });
});

describe('reading habits', () => {
  it('survive being stored, and fall back where a text is broken', () => {
    const habits = { ...defaultHabits, sensitivity: 20, names: 'older' as const, panel: false };
    expect(parseHabits(JSON.stringify(habits))).toEqual(habits);
    expect(parseHabits('{')).toEqual(defaultHabits);
    expect(parseHabits('{"sensitivity":3.3,"panel":"no"}')).toEqual(defaultHabits);
    expect(parseHabits(null)).toEqual(defaultHabits);
  });

  const offered = [
    { id: 'as-recorded', name: '', key: null, blockedBy: null },
    { id: 'banana', name: '', key: null, blockedBy: null },
    { id: 'average', name: '', key: null, blockedBy: null },
  ];
  const sitesOf = (names: string): never =>
    names.split(' ').map((electrode) => ({ electrode, bipolar: null })) as never;
  const twenty = sitesOf('Fp1 Fp2 F7 F3 Fz F4 F8 T7 C3 Cz C4 T8 P7 P3 Pz P4 P8 O1 O2');

  it('begin with a chain only where the recording holds most of it', () => {
    expect(firstMontage({ montages: offered, channelList: twenty }, null, '')).toBe('banana');
    expect(firstMontage({ montages: offered, channelList: sitesOf('F3 P3 O1 O2') }, null, '')).toBe(
      'average',
    );
    expect(firstMontage({ montages: offered, channelList: sitesOf('F3 P3 O1 O2') }, 'banana', '')).toBe(
      'banana',
    );
  });

  it('never begin with a montage that the algebra refuses', () => {
    const refused = offered.map((montage) =>
      montage.id === 'as-recorded' ? montage : { ...montage, blockedBy: 'no' },
    );
    expect(firstMontage({ montages: refused, channelList: twenty }, 'banana', 'average')).toBe('as-recorded');
  });
});
