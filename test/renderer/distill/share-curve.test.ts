import { describe, expect, it } from 'vitest';
import type { DistillateView } from '#shared/views.ts';
import { atShare, lost, methodsAt, nearestShare, ordinal, retention } from '#renderer/distill/share-curve.ts';

const share = [0.01, 0.05, 0.1, 0.25];
const view: DistillateView = {
  id: 'D-1',
  hash: 'h',
  createdAt: '2026-01-01T00:00:00Z',
  seconds: {},
  segments: 400,
  hours: 4,
  keep: 0.05,
  orderUpTo: 0.25,
  kept: 20,
  rejected: 1,
  radius: 4,
  groups: [],
  curve: {
    share,
    methods: [
      { name: 'limbeck', label: 'Limbeck', radius: [8, 4, 3, 2] },
      { name: 'random', label: 'Chance', radius: [12, 9, 8, 6], low: [11, 8, 7, 5], high: [13, 10, 9, 7] },
    ],
  },
  methods: [
    { name: 'limbeck', label: 'Limbeck', kept: 20, radius: 4, radiusRange: null, overlap: null },
    { name: 'random', label: 'Chance', kept: 20, radius: 9, radiusRange: [8, 10], overlap: 0.05 },
  ],
  tables: [
    {
      by: 'group',
      rows: [
        { name: 'A', before: 300, kept: [3, 15, 30, 75] },
        { name: 'B', before: 100, kept: [1, 5, 10, 25] },
      ],
    },
    {
      by: 'label',
      rows: [
        { name: 'joy', before: 40, kept: [0, 4, 6, 12] },
        { name: 'rare', before: 3, kept: [0, 0, 1, 2] },
      ],
    },
  ],
  health: [],
  params: {},
  seed: 0,
};

describe('a distillate at any share', () => {
  it('finds the share of the curve nearest in ratio, not in difference', () => {
    expect(share.map((each) => nearestShare(share, each))).toEqual([0, 1, 2, 3]);
    expect(nearestShare(share, 0.024)).toBe(1);
    expect(nearestShare(share, 9)).toBe(3);
  });

  it('counts what is kept from its own tables', () => {
    expect(atShare(view, 1)).toEqual({ share: 0.05, kept: 20, hours: 0.2, radius: 4 });
    expect(atShare(view, 3).kept).toBe(100);
  });

  it('keeps more and leaves less out as the share grows', () => {
    const all = share.map((_, at) => atShare(view, at));
    expect(all.map(({ kept }) => kept)).toEqual(all.map(({ kept }) => kept).toSorted((a, b) => a - b));
    expect(all.map(({ radius }) => radius)).toEqual(
      all.map(({ radius }) => radius).toSorted((a, b) => b - a),
    );
  });

  it('says what has more or less than its share, and what is lost', () => {
    const rows = retention(view, 'label', 1);
    expect(rows[0]!.factor).toBeCloseTo(0.1 / 0.05);
    expect(lost(rows).map(({ name }) => name)).toEqual(['rare']);
    expect(lost(retention(view, 'label', 3))).toEqual([]);
  });

  it('compares at the distilled share as counted, elsewhere from the curves without picks in common', () => {
    expect(methodsAt(view, 1)).toEqual(view.methods);
    expect(methodsAt(view, 2)[1]).toMatchObject({ kept: 40, radius: 8, radiusRange: [7, 9], overlap: null });
  });

  it.each([
    [1, '1st'],
    [2, '2nd'],
    [3, '3rd'],
    [11, '11th'],
    [112, '112th'],
    [214, '214th'],
    [1021, '1,021st'],
  ] as const)('says %i as %s', (value, text) => expect(ordinal(value)).toBe(text));
});
