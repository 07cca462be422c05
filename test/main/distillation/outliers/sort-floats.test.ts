import { describe, expect, it } from 'vitest';
import { FloatSorter } from '#main/distillation/outliers/sort-floats.ts';
import { createRandom } from '#shared/random.ts';

describe('sorting floats by digits', () => {
  it.each([1, 100, 4095, 4096, 30_000])('gives what comparing gives: %i values', (n) => {
    const random = createRandom(n);
    const sorter = new FloatSorter(n);
    for (const scale of [1, 1e-40, 1e30]) {
      const values = Float32Array.from({ length: n }, () => Math.round(random.normal() * 1000) * scale);
      const sorted = values.toSorted();
      expect(sorter.sort(values).every((value, i) => value === sorted[i])).toBe(true);
    }
  });
});
