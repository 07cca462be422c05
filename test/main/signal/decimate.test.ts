import { describe, expect, it } from 'vitest';
import { addToEnvelope, minMaxColumns } from '#main/signal/decimate.ts';
import { createRandom } from '#shared/random.ts';
import { noise } from './made-up.ts';

describe('columns of minimum and maximum', () => {
  it('keep every peak, in its own column', () => {
    for (let seed = 0; seed < 30; seed++) {
      const random = createRandom(seed);
      const x = Float32Array.from(noise(1 + random.below(5000), seed));
      const columns = 1 + random.below(700);
      const at = random.below(x.length);
      x[at] = 9999;
      const out = minMaxColumns(x, columns);
      expect(out.length).toBe(2 * columns);
      expect(Math.max(...out)).toBe(9999);
      expect(Math.min(...out)).toBe(Math.min(...x));
      for (let c = 0; c < columns; c++) expect(out[2 * c]!).toBeLessThanOrEqual(out[2 * c + 1]!);
      if (columns <= x.length) {
        const column = Array.from({ length: columns }, (_, c) => c).find(
          (c) =>
            at >= Math.floor((c * x.length) / columns) && at < Math.floor(((c + 1) * x.length) / columns),
        )!;
        expect(out[2 * column + 1]).toBe(9999);
      }
    }
  });

  it('show the samples themselves when there are no more than columns', () => {
    const x = Float32Array.of(3, 1, 2);
    expect([...minMaxColumns(x, 3)]).toEqual([3, 3, 1, 1, 2, 2]);
    expect([...minMaxColumns(x, 6)]).toEqual([3, 3, 3, 3, 1, 1, 1, 1, 2, 2, 2, 2]);
  });

  it('leave gaps as gaps and see what stands beside them', () => {
    const x = Float32Array.of(NaN, NaN, NaN, 5, 1, NaN);
    expect([...minMaxColumns(x, 3)]).toEqual([NaN, NaN, 5, 5, 1, 1]);
    expect([...minMaxColumns(new Float32Array(0), 2)]).toEqual([NaN, NaN, NaN, NaN]);
  });
});

describe('an envelope built while reading', () => {
  it('does not depend on how the recording was cut, or in which order', () => {
    for (let seed = 0; seed < 60; seed++) {
      const random = createRandom(seed);
      const x = Float32Array.from(noise(500 + random.below(3000), seed));
      const columns = 2 + random.below(400);
      const perColumn = seed % 2 === 0 ? x.length / columns : 1 + random.below(1000) / 10;
      const whole = new Float32Array(2 * columns).fill(NaN);
      addToEnvelope(whole, x, 0, perColumn);
      const pieces: [number, number][] = [];
      for (let at = 0; at < x.length;) {
        const count = 1 + random.below(200);
        pieces.push([at, Math.min(x.length, at + count)]);
        at += count;
      }
      const cut = new Float32Array(2 * columns).fill(NaN);
      for (const i of random.permutation(pieces.length)) {
        const [from, to] = pieces[i]!;
        addToEnvelope(cut, x.subarray(from, to), from, perColumn);
      }
      expect(cut, `${x.length} samples, ${perColumn} per column`).toEqual(whole);
    }
  });

  it('puts a sample into the same column alone as in a row, where columns end on samples only nearly', () => {
    const far = 100_000;
    for (let tenths = 11; tenths < 400; tenths++) {
      const perColumn = tenths / 10 + 0.1 * 0.2;
      const columns = Math.ceil(far / perColumn);
      const x = Float32Array.from({ length: 2000 }, (_, i) => i);
      const [row, single] = [0, 1].map(() => new Float32Array(2 * columns).fill(NaN)) as [
        Float32Array,
        Float32Array,
      ];
      const first = far - x.length;
      addToEnvelope(row, x, first, perColumn);
      for (let i = 0; i < x.length; i++) addToEnvelope(single, x.subarray(i, i + 1), first + i, perColumn);
      expect(single, `${perColumn}`).toEqual(row);
    }
  });

  it('keeps every peak', () => {
    const x = Float32Array.from(noise(10_000));
    x[7777] = 1e5;
    x[1] = -1e5;
    const envelope = new Float32Array(2 * 33).fill(NaN);
    addToEnvelope(envelope, x, 0, 10_000 / 33);
    expect(Math.max(...envelope)).toBe(1e5);
    expect(envelope[0]).toBe(-1e5);
  });
});
