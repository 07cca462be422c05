import { describe, expect, it } from 'vitest';
import { tracePath, type Piece } from '#renderer/viewer/trace-path.ts';
import { figuresOf, flatSpans, medianOf, valueAt } from '#renderer/viewer/trace-values.ts';

const place = {
  startS: 0,
  seconds: 1,
  left: 0,
  width: 100,
  y: 0,
  centre: 0,
  pxPerUv: 1,
  inverted: true,
  stairs: false,
};

interface Point {
  to: 'move' | 'line';
  x: number;
  y: number;
}

function drawn(pieces: Piece[], change: Partial<typeof place> = {}): Point[] {
  const points: Point[] = [];
  tracePath(
    {
      moveTo: (x, y) => points.push({ to: 'move', x, y }),
      lineTo: (x, y) => points.push({ to: 'line', x, y }),
    },
    pieces,
    { ...place, ...change },
  );
  return points;
}

const samples = (values: number[], stepS: number): Piece => ({
  values: Float32Array.from(values),
  firstS: 0,
  stepS,
  pairs: false,
});

describe('the line of a trace', () => {
  it('goes through every sample while they are few', () => {
    expect(drawn([samples([0, 10, -10, 5], 0.25)])).toEqual([
      { to: 'move', x: 0, y: 0 },
      { to: 'line', x: 25, y: 10 },
      { to: 'line', x: 50, y: -10 },
      { to: 'line', x: 75, y: 5 },
    ]);
  });

  it('holds every value of stairs until the next, and the last to its end', () => {
    const points = drawn([samples([0, 4, 4, 0], 0.25)], { stairs: true });
    expect(points.map(({ x, y }) => [x, y])).toEqual([
      [0, 0],
      [25, 0],
      [25, 4],
      [75, 4],
      [75, 0],
      [100, 0],
    ]);
    const broken = drawn([samples([1, NaN, 2, 2], 0.25)], { stairs: true });
    expect(broken.map(({ to, x }) => [to, x])).toEqual([
      ['move', 0],
      ['move', 50],
      ['line', 100],
    ]);
  });

  it('breaks where nothing was recorded', () => {
    const points = drawn([samples([1, NaN, 2, 3], 0.25)]);
    expect(points.map(({ to }) => to)).toEqual(['move', 'move', 'line']);
  });

  it('loses no peak when samples are many', () => {
    const values = Array.from({ length: 5000 }, (_, i) => Math.sin(i / 40));
    values[3217] = 90;
    values[1402] = -70;
    const heights = drawn([samples(values, 1 / 5000)]).map(({ y }) => y);
    expect(Math.max(...heights)).toBe(90);
    expect(Math.min(...heights)).toBe(-70);
    expect(heights.length).toBeLessThan(500);
  });

  it('draws pairs as upright strokes at their columns', () => {
    const pairs: Piece = { values: Float32Array.from([-5, 5, -8, 2]), firstS: 0.25, stepS: 0.5, pairs: true };
    const points = drawn([pairs]);
    expect(points.map(({ x }) => x)).toEqual([25, 25, 75, 75]);
    expect(points.map(({ y }) => y)).toEqual([-5, 5, -8, 2]);
  });

  it('leaves a hole for a pair that holds nothing', () => {
    const pairs: Piece = {
      values: Float32Array.from([1, 2, NaN, NaN, 1, 2]),
      firstS: 0.1,
      stepS: 0.3,
      pairs: true,
    };
    expect(drawn([pairs]).filter(({ to }) => to === 'move')).toHaveLength(2);
  });

  it('turns with the polarity and moves with the centre', () => {
    const up = drawn([samples([-20, -20], 0.5)]);
    const down = drawn([samples([-20, -20], 0.5)], { inverted: false });
    expect(up[0]!.y).toBe(-20);
    expect(down[0]!.y).toBe(20);
    expect(drawn([samples([-20, -20], 0.5)], { centre: -20 })[0]!.y).toBe(0);
  });

  it('stays on the page when its piece is longer', () => {
    const points = drawn([samples(Array(100).fill(1), 0.1)], { startS: 4 });
    expect(points.length).toBeLessThanOrEqual(14);
    expect(points[0]!.x).toBeLessThanOrEqual(0);
    expect(points.at(-1)!.x).toBeGreaterThanOrEqual(100);
  });
});

describe('the values of a trace', () => {
  it('are the true µV of the nearest sample, and both ends of a pair', () => {
    expect(valueAt([samples([3, -66, 4], 0.5)], 0.55)).toEqual({ low: -66, high: -66 });
    const pairs: Piece = { values: Float32Array.from([-5, 5]), firstS: 0.5, stepS: 1, pairs: true };
    expect(valueAt([pairs], 0.7)).toEqual({ low: -5, high: 5 });
    expect(valueAt([samples([NaN], 0.5)], 0)).toBeNull();
  });

  it('say swing and RMS of a span, and nothing of a gap', () => {
    const square = samples([-10, 10, -10, 10, NaN, NaN], 0.1);
    expect(figuresOf([square], 0, 0.35)).toMatchObject({ count: 4, low: -10, high: 10, rms: 10 });
    expect(figuresOf([square], 0.4, 0.5).count).toBe(0);
  });

  it('have a level that no phase of the mains moves', () => {
    const mains = Array.from({ length: 2000 }, (_, i) => 7 + 100 * Math.sin((i * Math.PI) / 2 + 1.2));
    expect(Math.abs(medianOf([samples(mains, 1 / 200)]) - 7)).toBeLessThan(40);
  });

  it('find a stretch that does not move', () => {
    const values = Array.from({ length: 400 }, (_, i) => (i > 100 && i < 300 ? 0.1 : Math.sin(i) * 20));
    const [flat, ...others] = flatSpans([samples(values, 0.01)], 1, 0.5);
    expect(others).toEqual([]);
    expect(flat!.fromS).toBeCloseTo(1.01, 1);
    expect(flat!.toS).toBeCloseTo(2.99, 1);
  });
});
