import { describe, expect, it } from 'vitest';
import { laneAt, layLanes } from '#renderer/viewer/lanes.ts';

const banana = ['left', 'left', 'left', 'left', 'right', 'right', 'right', 'right', 'midline', 'midline'];

describe('the lanes of a page', () => {
  it('share the height and keep their order', () => {
    const { places } = layLanes(banana, 40, 500);
    const heights = places.map(({ y }) => y);
    expect(heights).toEqual(heights.toSorted((a, b) => a - b));
    expect(heights[0]).toBeGreaterThan(40);
    expect(heights.at(-1)).toBeLessThan(540);
  });

  it('stand further apart between groups than within one', () => {
    const { places, unit, bars } = layLanes(banana, 0, 500);
    expect(places[1]!.y - places[0]!.y).toBeCloseTo(unit, 9);
    expect(places[4]!.y - places[3]!.y).toBeGreaterThan(unit * 1.2);
    expect(bars.map(({ group }) => group)).toEqual(['left', 'right', 'midline']);
  });

  it('are not parted where groups take turns', () => {
    expect(layLanes(['left', 'right', 'left', 'right'], 0, 400).bars).toEqual([]);
  });

  it('need more columns of labels as they get narrow', () => {
    const columnsOf = (count: number): number => layLanes(Array(count).fill('scalp'), 0, 600).columns;
    expect(columnsOf(19)).toBe(1);
    expect(columnsOf(64)).toBe(2);
    expect(columnsOf(256)).toBe(3);
  });

  it('are found again from a height', () => {
    const layout = layLanes(banana, 40, 500);
    for (const [i, { y }] of layout.places.entries()) expect(laneAt(layout, y + 2)).toBe(i);
    expect(laneAt(layLanes([], 0, 100), 20)).toBeNull();
  });
});
