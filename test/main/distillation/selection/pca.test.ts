import { describe, expect, it } from 'vitest';
import { projectFlat } from '#main/distillation/projection.ts';
import { fitPca, projectPca } from '#main/distillation/selection/pca.ts';
import { symmetricEigen } from '#main/distillation/selection/symmetric-eigen.ts';
import { createRandom } from '#shared/random.ts';
import { clustered } from '../tables.ts';

describe('eigenvalues of a symmetric matrix', () => {
  it('rebuild the matrix from orthonormal vectors', () => {
    for (const n of [1, 2, 7, 40]) {
      const random = createRandom(n);
      const matrix = new Float64Array(n * n);
      for (let a = 0; a < n; a++)
        for (let b = 0; b <= a; b++) matrix[a * n + b] = matrix[b * n + a] = random.normal();
      const { values, vectors } = symmetricEigen(matrix, n);
      for (let a = 0; a < n; a++)
        for (let b = 0; b < n; b++) {
          let rebuilt = 0;
          let product = 0;
          for (let i = 0; i < n; i++) {
            rebuilt += values[i]! * vectors[i * n + a]! * vectors[i * n + b]!;
            product += vectors[a * n + i]! * vectors[b * n + i]!;
          }
          expect(rebuilt).toBeCloseTo(matrix[a * n + b]!, 10);
          expect(product).toBeCloseTo(a === b ? 1 : 0, 10);
        }
    }
  });
});

describe('principal components', () => {
  it('hold all variance and keep distances when as many as columns', () => {
    const x = clustered(300, 6, 1);
    const pca = fitPca(x, 6, 6);
    expect(pca.variance.reduce((a, b) => a + b)).toBeCloseTo(pca.total, 6);
    const z = projectPca(pca, x);
    const apart = (table: Float32Array) =>
      Math.hypot(...Array.from({ length: 6 }, (_, j) => table[j]! - table[60 + j]!));
    expect(apart(z)).toBeCloseTo(apart(x), 4);
  });

  it('of a wide table are those of the exact way on its few directions', () => {
    const random = createRandom(5);
    const [n, d, rank] = [200, 600, 5];
    const basis = Float64Array.from({ length: rank * d }, () => random.normal());
    const factor = Float64Array.from({ length: n * rank }, (_, at) => random.normal() * 3 ** (at % rank));
    const x = new Float32Array(n * d);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < d; j++)
        for (let r = 0; r < rank; r++) x[i * d + j]! += factor[i * rank + r]! * basis[r * d + j]!;
    const wide = fitPca(x, d, 4, createRandom(1));
    expect(wide.variance.length).toBe(4);
    const again = fitPca(x, d, 4, createRandom(2));
    wide.variance.forEach((value, c) => expect(value / again.variance[c]!).toBeCloseTo(1, 6));
    const z = projectPca(wide, x);
    for (let c = 0; c < 4; c++) {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += z[i * 4 + c]! ** 2 / n;
      expect(sum / wide.variance[c]!).toBeCloseTo(1, 4);
    }
    const all = fitPca(x, d, 5, createRandom(3));
    expect(all.variance.reduce((a, b) => a + b) / all.total).toBeCloseTo(1, 5);
  });
});

describe('the flat map', () => {
  it('shows everything under the cap, and above it the rows asked for', () => {
    const x = clustered(500, 8, 3);
    const whole = projectFlat(x, 8, createRandom(0));
    expect(whole.rows.length).toBe(500);
    expect(whole.points.reduce((most, value) => Math.max(most, Math.abs(value)), 0)).toBeCloseTo(1, 6);
    const part = projectFlat(x, 8, createRandom(0), [499, 7], 60);
    expect([...part.rows.slice(0, 2)]).toEqual([499, 7]);
    expect(new Set(part.rows).size).toBe(60);
  });

  it('of identical rows is one point', () => {
    const { points } = projectFlat(new Float32Array(40).fill(2), 4, createRandom(0));
    expect([...points].every((value) => value === 0)).toBe(true);
  });
});
