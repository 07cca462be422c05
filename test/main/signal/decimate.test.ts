import { describe, expect, it } from 'vitest';
import { minMaxColumns } from '#main/signal/decimate.ts';
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
