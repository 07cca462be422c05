import { describe, expect, it } from 'vitest';
import { fromTrack, toTrack } from '#renderer/ui/share-scale.ts';
import { sortRows, spanOf, toLines, visibleRange } from '#renderer/ui/table-model.ts';

describe('a long table', () => {
  it('sorts text by its numbers and keeps unknowns last either way', () => {
    const rows = ['S-10', 'S-2', null, 'S-1'];
    expect(sortRows(rows, (row) => row, false)).toEqual(['S-1', 'S-2', 'S-10', null]);
    expect(sortRows(rows, (row) => row, true)).toEqual(['S-10', 'S-2', 'S-1', null]);
    expect(sortRows(rows, undefined, true)).toEqual(rows);
  });

  it('keeps the order of equal rows', () => {
    const rows = [
      { a: 1, b: 'x' },
      { a: 0, b: 'y' },
      { a: 1, b: 'z' },
    ];
    expect(sortRows(rows, ({ a }) => a, false).map(({ b }) => b)).toEqual(['y', 'x', 'z']);
  });

  it('hides the rows of closed groups but counts them', () => {
    const rows = ['a1', 'b1', 'a2'];
    const lines = toLines(rows, (row) => row[0]!, new Set(['a']), ['b']);
    expect(
      lines.map((line) => (line.kind === 'group' ? `${line.group}:${line.rows.length}` : line.row)),
    ).toEqual(['b:1', 'b1', 'a:2']);
  });

  it('draws all of a short table and only what is in sight of a long one', () => {
    expect(visibleRange(200, 26, 0, 600)).toEqual([0, 200]);
    const [first, end] = visibleRange(3000, 26, 26_000, 600);
    expect(first).toBeLessThanOrEqual(1000);
    expect(end).toBeGreaterThan(1023);
    expect(end - first).toBeLessThan(60);
    expect(visibleRange(3000, 26, 26 * 3000, 600)[1]).toBe(3000);
  });

  it('spans from the anchor to the click in the order shown', () => {
    expect(spanOf(['a', 'b', 'c', 'd'], 'c', 'a')).toEqual(['a', 'b', 'c']);
    expect(spanOf(['a', 'b'], 'gone', 'b')).toEqual(['b']);
  });
});

describe('a share slider', () => {
  it('comes back to the value it was put at', () => {
    for (const log of [true, false])
      for (const value of [0.1, 0.5, 5, 12.5, 25])
        expect(
          fromTrack(toTrack(value, { min: 0.1, max: 25, log }), { min: 0.1, max: 25, log }, 0.1),
        ).toBeCloseTo(value, 6);
  });

  it('gives small shares room on a log track', () => {
    expect(toTrack(1, { min: 0.1, max: 10, log: true })).toBeCloseTo(0.5);
    expect(fromTrack(2, { min: 0.1, max: 10, log: true }, 0.1)).toBe(10);
  });
});
