import { createHash } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { measureSpread } from '#main/distillation/outliers/standardise.ts';
import { certificate, kCenter, ownersAt, type KCenterResult } from '#main/distillation/selection/k-center.ts';
import { takingTurns } from '#main/distillation/selection/parallel.ts';
import type { AppError } from '#shared/errors.ts';
import type { JobEvent, Progress } from '#shared/jobs.ts';
import { createRandom } from '#shared/random.ts';
import { clustered, gridded } from '../tables.ts';

/** The textbook loop in float64: squares are added by columns of falling variance to four sums. */
function bruteForce(x: Float32Array, d: number, k: number, start: number) {
  const n = x.length / d;
  const { scale, constant } = measureSpread(x, d);
  for (const j of constant) scale[j] = 0;
  const columns = Array.from(scale, (_, j) => j).sort((a, b) => scale[b]! - scale[a]! || a - b);
  const nearest = new Float64Array(n).fill(Infinity);
  const owner = new Int32Array(n).fill(-1);
  const order: number[] = [];
  const radius: number[] = [];
  let centre = start;
  while (order.length < k) {
    order.push(centre);
    for (let i = 0; i < n; i++) {
      const sums = [0, 0, 0, 0];
      columns.forEach((column, j) => (sums[j % 4]! += (x[i * d + column]! - x[centre * d + column]!) ** 2));
      const squared = sums[0]! + sums[1]! + (sums[2]! + sums[3]!);
      if (squared < nearest[i]!) {
        nearest[i] = squared;
        owner[i] = centre;
      }
    }
    centre = nearest.indexOf(nearest.reduce((a, b) => Math.max(a, b)));
    radius.push(Math.sqrt(nearest[centre]!));
    if (nearest[centre] === 0) break;
  }
  return { order, radius, owner: [...owner], distance: [...nearest.map(Math.sqrt)] };
}

function noise(n: number, d: number, seed: number): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length: n * d }, () => random.normal());
}

const tables: [string, Float32Array, number, number][] = [
  ['clusters, 64 columns', clustered(2000, 64, 1), 64, 150],
  ['clusters, 5 columns', clustered(1200, 5, 2), 5, 300],
  ['clusters, 100 columns', clustered(700, 100, 3), 100, 60],
  ['clusters, 200 columns', clustered(300, 200, 19), 200, 40],
  ['noise alike in all directions', noise(900, 24, 16), 24, 150],
  ['ties on a grid', gridded(900, 3, 9, 4), 3, 200],
  ['many duplicates', gridded(1500, 4, 3, 17), 4, 81],
  ['one column', clustered(300, 1, 5), 1, 50],
  ['constant columns', clustered(400, 6, 18).map((v, at) => (at % 6 === 1 || at % 6 === 4 ? 7 : v)), 6, 90],
  ['all rows alike', new Float32Array(200 * 5).fill(2.5), 5, 3],
  ['tiny values', clustered(400, 8, 6).map((v) => v * 1e-24), 8, 60],
  ['huge values', clustered(400, 8, 7).map((v) => v * 1e13), 8, 60],
  ['near duplicates far from the origin', clustered(600, 20, 8).map((v) => 1e4 + v * 1e-2), 20, 120],
  [
    'far apart and near by turns',
    clustered(500, 12, 20).map((v, at) => v + (at % 24 < 12 ? 3e5 : 0)),
    12,
    120,
  ],
];

describe('k-center', () => {
  it.each(tables)('picks what brute force picks: %s', async (_, x, d, k) => {
    for (const start of [0, 17]) {
      const ours = await kCenter(x, d, { k, start });
      const reference = bruteForce(x, d, k, start);
      expect([...ours.order]).toEqual(reference.order);
      expect([...ours.radius]).toEqual(reference.radius);
      expect([...ours.owner]).toEqual(reference.owner);
      expect([...ours.distance]).toEqual(reference.distance);
    }
  });

  it.each([1, 2, 15, 16, 17, 128, 129, 300])('picks every one of %i rows, and one', async (n) => {
    const x = clustered(n, 7, n);
    const all = await kCenter(x, 7, { k: n });
    expect([...all.order]).toEqual(bruteForce(x, 7, n, 0).order);
    expect([...(await kCenter(x, 7, { k: 1 })).order]).toEqual([0]);
  });

  it('picks the same for any number of workers', async () => {
    for (const [n, d, k] of [
      [3300, 64, 150],
      [20_000, 10, 400],
    ] as const) {
      const x = clustered(n, d, n);
      const alone = await kCenter(x, d, { k, history: true });
      for (const workers of [2, 3])
        expect(await bitsOf(kCenter(x, d, { k, history: true, parallel: takingTurns(workers) }))).toBe(
          await bitsOf(Promise.resolve(alone)),
        );
    }
    const tied = gridded(70_000, 3, 40, 21);
    const [one, three] = [takingTurns(1), takingTurns(3)].map((parallel) =>
      bitsOf(kCenter(tied, 3, { k: 300, parallel })),
    );
    expect(await three).toBe(await one);
  });

  it('picks the same where processors do not multiply and add in one', async () => {
    const x = clustered(900, 30, 22);
    const fused = await bitsOf(kCenter(x, 30, { k: 200 }));
    const validate = vi.spyOn(WebAssembly, 'validate').mockReturnValue(false);
    try {
      expect(await bitsOf(kCenter(x, 30, { k: 200 }))).toBe(fused);
      expect(validate).toHaveBeenCalled();
    } finally {
      validate.mockRestore();
    }
  });

  it('finds the same order when the nearest pick of every row is not wanted', async () => {
    for (const [, x, d, k] of tables) {
      const whole = await kCenter(x, d, { k, start: 5 });
      const order = await kCenter(x, d, { k, start: 5, everyRow: false });
      expect([order.order, order.radius]).toEqual([whole.order, whole.radius]);
      expect(order.owner.length).toBe(0);
    }
  });

  it('measures an order that somebody else made, whatever it is', async () => {
    const x = clustered(1500, 9, 23);
    const initial = createRandom(1).permutation(1500).slice(0, 200);
    const whole = await kCenter(x, 9, { k: 0, initial });
    const radius = await kCenter(x, 9, { k: 0, initial, everyRow: false });
    expect(radius.radius).toEqual(whole.radius);
    expect(Math.max(...whole.distance)).toBe(whole.radius.at(-1));
    for (const count of [1, 2, 50]) {
      const short = await kCenter(x, 9, { k: 0, initial: initial.slice(0, count) });
      expect(Math.max(...short.distance)).toBe(whole.radius[count - 1]);
    }
  });

  it('is within twice the optimum, and the optimum is at least the certificate', async () => {
    for (let seed = 0; seed < 200; seed++) {
      const random = createRandom(seed);
      const x = Float32Array.from({ length: 24 }, () => random.next());
      const { radius } = await kCenter(x, 2, { k: 3, start: random.below(12) });
      const optimum = bestOfAllTriples(x);
      expect(radius[2]!).toBeLessThanOrEqual(2 * optimum + 1e-9);
      expect(certificate(radius[2]!)).toBeLessThanOrEqual(optimum + 1e-9);
    }
  });

  it('gives for a smaller budget the beginning of the order, and radii that never rise', async () => {
    const x = clustered(1500, 12, 9);
    const long = await kCenter(x, 12, { k: 300, start: 5 });
    const short = await kCenter(x, 12, { k: 40, start: 5 });
    expect(short.order).toEqual(long.order.slice(0, 40));
    expect(short.radius).toEqual(long.radius.slice(0, 40));
    long.radius.forEach((radius, i) => expect(radius).toBeLessThanOrEqual(long.radius[i - 1] ?? Infinity));
  });

  it('knows the nearest pick for every beginning of the order', async () => {
    const x = clustered(800, 10, 10);
    const long = await kCenter(x, 10, { k: 120, history: true });
    for (const k of [1, 7, 60, 120]) {
      const short = await kCenter(x, 10, { k });
      const prefix = ownersAt(long.approaches!, k);
      expect(prefix.owner.map((position) => long.centres[position]!)).toEqual(short.owner);
      prefix.distance.forEach((distance, i) => expect(distance).toBeCloseTo(short.distance[i]!, 4));
    }
  });

  it('stops early when only duplicates are left, or fills with the lowest unused rows', async () => {
    const x = Float32Array.of(1, 2, 1, 2, 3, 1);
    const short = await kCenter(x, 1, { k: 5 });
    expect([[...short.order], short.filled, short.stopped]).toEqual([[0, 4, 1], 0, false]);
    const full = await kCenter(x, 1, { k: 5, fill: true });
    expect([[...full.order], full.filled]).toEqual([[0, 4, 1, 2, 3], 2]);
    expect([...full.radius]).toEqual([2, 1, 0, 0, 0]);
  });

  it('continues from given centres as a full run would', async () => {
    const x = clustered(900, 6, 11);
    const whole = await kCenter(x, 6, { k: 90, start: 3 });
    const rest = await kCenter(x, 6, { k: 50, initial: whole.order.slice(0, 40) });
    expect(rest.order).toEqual(whole.order.slice(40));
    expect(rest.radius).toEqual(whole.radius);
  });

  it('neither picks nor covers excluded rows, and the others are those of the table without them', async () => {
    const x = clustered(600, 4, 12);
    const excluded = Uint8Array.from({ length: 600 }, (_, i) => (i % 7 === 3 ? 1 : 0));
    const kept = [...excluded.keys()].filter((i) => !excluded[i]);
    const without = Float32Array.from(kept.flatMap((i) => [...x.subarray(i * 4, i * 4 + 4)]));
    const ours = await kCenter(x, 4, { k: 70, excluded });
    const reference = bruteForce(without, 4, 70, 0);
    expect([...ours.order]).toEqual(reference.order.map((i) => kept[i]));
    expect(ours.owner[3]).toBe(-1);
  });

  it('handles budgets of nothing and of everything', async () => {
    const x = clustered(30, 3, 13);
    expect((await kCenter(x, 3, { k: 0 })).order.length).toBe(0);
    const all = await kCenter(x, 3, { k: 99 });
    expect(new Set(all.order).size).toBe(30);
    expect(all.radius[29]).toBe(0);
  });

  it('refuses what is not finite, rows out of range and excluded starts', async () => {
    const x = clustered(20, 2, 14);
    const code = async (run: Promise<unknown>) =>
      run.then(
        () => 'fine',
        (error: AppError) => error.code,
      );
    expect(
      await code(
        kCenter(
          x.map((v, i) => (i === 9 ? NaN : v)),
          2,
          { k: 3 },
        ),
      ),
    ).toBe('invalid-input');
    expect(await code(kCenter(x, 2, { k: 3, start: 20 }))).toBe('invalid-input');
    expect(await code(kCenter(x, 2, { k: 3, excluded: new Uint8Array(20).fill(1, 0, 1) }))).toBe(
      'invalid-input',
    );
    expect(await code(kCenter(x, 3, { k: 3 }))).toBe('invalid-input');
  });

  it('stops on request with the beginning of the order, throws when cancelled, and tells how far it is', async () => {
    const x = clustered(60_000, 4, 15);
    const events: JobEvent[] = [];
    const asked: Progress = {
      signal: new AbortController().signal,
      stopRequested: () => events.some((event) => event.type === 'progress'),
      report: (event) => events.push(event),
    };
    const part = await kCenter(x, 4, { k: 20_000, progress: asked });
    expect(part.stopped).toBe(true);
    expect(part.order.length).toBeGreaterThan(0);
    expect(part.order).toEqual((await kCenter(x, 4, { k: part.order.length })).order);
    const cancelled = { ...asked, signal: AbortSignal.abort() };
    await expect(kCenter(x, 4, { k: 20_000, progress: cancelled })).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});

/** All numbers of a result, bit for bit. */
async function bitsOf(run: Promise<KCenterResult>): Promise<string> {
  const { order, radius, owner, distance, approaches } = await run;
  const arrays = [order, radius, owner, distance, ...Object.values(approaches ?? {})];
  return arrays.map(({ buffer }) => createHash('sha256').update(new Uint8Array(buffer)).digest('hex')).join();
}

function bestOfAllTriples(x: Float32Array): number {
  let best = Infinity;
  for (let a = 0; a < 12; a++)
    for (let b = a + 1; b < 12; b++)
      for (let c = b + 1; c < 12; c++) {
        let worst = 0;
        for (let i = 0; i < 12; i++) {
          const to = (s: number) => Math.hypot(x[2 * i]! - x[2 * s]!, x[2 * i + 1]! - x[2 * s + 1]!);
          worst = Math.max(worst, Math.min(to(a), to(b), to(c)));
        }
        best = Math.min(best, worst);
      }
  return best;
}
