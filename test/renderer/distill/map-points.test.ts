import { describe, expect, it } from 'vitest';
import { createRandom } from '#shared/random.ts';
import {
  countFates,
  fateOf,
  placePoints,
  PointGrid,
  readMap,
  stepInOrder,
} from '#renderer/distill/map-points.ts';

const share = Float32Array.of(0.05, 2, 0.01, 3, 0.25, 0.1);
const view = {
  count: 6,
  total: 60,
  points: new Blob([Float32Array.of(-1, 0, 1, 0, 0, 0.5, 0, -0.5, 0.5, 0.2, -0.5, 0.1)]),
  index: new Blob([Int32Array.of(10, 11, 12, 13, 14, 15)]),
  share: new Blob([share]),
  groupOf: new Blob([Uint8Array.of(0, 0, 1, 1, 0, 1)]),
  labelOf: new Blob([new Uint8Array(6)]),
  groups: ['A', 'B'],
  labels: ['no label'],
};

describe('the map of segments', () => {
  it('tells fates apart at every share: more is kept, rejected stay rejected', async () => {
    const map = await readMap(view);
    expect(countFates(map, 0.05)).toEqual({ kept: 2, 'left-out': 3, rejected: 1 });
    expect(countFates(map, 1)).toEqual({ kept: 4, 'left-out': 1, rejected: 1 });
    // 0.1 as float32 is not 0.1: a segment kept at a share is kept at that very share.
    expect(fateOf(map, 5, 0.1)).toBe('kept');
  });

  it('walks through the kept in the order of choosing, round again at both ends', async () => {
    const map = await readMap(view);
    const walk = [0, 1, 2].reduce<number[]>(
      (seen) => [...seen, stepInOrder(map, seen.at(-1) ?? -1, 0.1, 1)],
      [],
    );
    expect(walk.map((at) => map.index[at])).toEqual([12, 10, 15]);
    expect(stepInOrder(map, walk[2]!, 0.1, 1)).toBe(walk[0]);
    expect(stepInOrder(map, walk[0]!, 0.1, -1)).toBe(walk[2]);
    expect(stepInOrder(map, -1, 0.001, 1)).toBe(-1);
  });

  it('places all points inside the box without stretching', async () => {
    const map = await readMap(view);
    const place = placePoints(map, 400, 300);
    for (const value of place.x) expect(value).toBeGreaterThanOrEqual(13.9);
    for (const value of place.y) expect(value).toBeLessThanOrEqual(286.1);
    const across = (place.x[1]! - place.x[0]!) / 2;
    const down = place.y[3]! - place.y[2]!;
    expect(down).toBeCloseTo(across, 3);
  });

  it('finds the nearest point as looking at all of them does', () => {
    const random = createRandom(5);
    const x = Float32Array.from({ length: 3000 }, () => random.next() * 500);
    const y = Float32Array.from({ length: 3000 }, () => random.next() * 400);
    const grid = new PointGrid({ x, y }, 14);
    for (let trial = 0; trial < 200; trial++) {
      const [px, py] = [random.next() * 520 - 10, random.next() * 420 - 10];
      let best = -1;
      for (let at = 0; at < x.length; at++) {
        const own = Math.hypot(x[at]! - px, y[at]! - py);
        if (own <= 14 && (best < 0 || own < Math.hypot(x[best]! - px, y[best]! - py))) best = at;
      }
      expect(grid.nearest(px, py, 14)).toBe(best);
    }
  });

  it('prefers a kept point over a nearer dot, but never reaches farther for it', () => {
    const grid = new PointGrid({ x: Float32Array.of(0, 6, 20), y: Float32Array.of(0, 0, 0) }, 14);
    expect(grid.nearest(2, 0, 14, (at) => at === 1)).toBe(0);
    expect(grid.nearest(2.5, 0, 14, (at) => at === 1)).toBe(1);
    expect(grid.nearest(2, 0, 14, (at) => at === 2)).toBe(0);
  });
});
