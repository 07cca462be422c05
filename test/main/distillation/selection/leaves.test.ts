import { describe, expect, it } from 'vitest';
import { measureSpread } from '#main/distillation/outliers/standardise.ts';
import { chooseAxes } from '#main/distillation/selection/axes.ts';
import { frameOf } from '#main/distillation/selection/frame.ts';
import { growLeaves } from '#main/distillation/selection/leaves.ts';
import { leafRows } from '#main/distillation/selection/table.ts';
import { clustered, gridded } from '../tables.ts';

const tables: [string, Float32Array, number][] = [
  ['clusters', clustered(3000, 20, 1), 20],
  ['a grid', gridded(2001, 3, 4, 2), 3],
  ['all alike', new Float32Array(700 * 4).fill(1), 4],
  ['few', clustered(9, 6, 3), 6],
];

describe('leaves', () => {
  it.each(tables)('hold every row once, in whole groups: %s', (_, x, d) => {
    const rows = Int32Array.from({ length: x.length / d }, (_, i) => i).filter((row) => row % 5 !== 2);
    const { order, start } = growLeaves(x, d, rows, frameOf(measureSpread(x, d)), chooseAxes(x, d, rows));
    expect([...order].sort((a, b) => a - b)).toEqual([...rows]);
    expect([start[0], start.at(-1)]).toEqual([0, rows.length]);
    for (let leaf = 0; leaf + 1 < start.length; leaf++) {
      expect(start[leaf]! % 16).toBe(0);
      expect(start[leaf + 1]! - start[leaf]!).toBeGreaterThan(0);
      expect(start[leaf + 1]! - start[leaf]!).toBeLessThanOrEqual(leafRows);
    }
  });

  it('are much narrower than the table', () => {
    const [x, d] = [clustered(3000, 20, 4), 20];
    const rows = Int32Array.from({ length: 3000 }, (_, i) => i);
    const { order, start } = growLeaves(x, d, rows, frameOf(measureSpread(x, d)), chooseAxes(x, d, rows));
    const spreadOf = (members: Int32Array) => {
      const table = Float32Array.from(members, () => 0);
      let sum = 0;
      for (let j = 0; j < d; j++) {
        members.forEach((row, i) => (table[i] = x[row * d + j]!));
        sum += measureSpread(table, 1).scale[0]! ** 2;
      }
      return sum;
    };
    let within = 0;
    for (let leaf = 0; leaf + 1 < start.length; leaf++) {
      const members = order.slice(start[leaf]!, start[leaf + 1]!);
      within += (spreadOf(members) * members.length) / rows.length;
    }
    expect(within).toBeLessThan(0.3 * spreadOf(rows));
  });
});
