import { beforeAll, describe, expect, it } from 'vitest';
import { cutOutliers } from '#main/distillation/outliers/cut.ts';
import { chooseBins, countSorted, linearEdges } from '#main/distillation/outliers/histogram-bins.ts';
import { explainRow, fitHbos, scoreHbos } from '#main/distillation/outliers/hbos.ts';
import { AppError } from '#shared/errors.ts';
import { createRandom } from '#shared/random.ts';
import { pythonWith, runPython } from '../../../make/python.ts';
import { clustered, gridded } from '../tables.ts';

const plain = { standardise: false } as const;

describe('HBOS', () => {
  it('scores the hand vector: nine zeros and a ten', () => {
    const { scores } = fitHbos(Float32Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 10), 1, { bins: 10, ...plain });
    for (const score of scores.slice(0, 9)) expect(score).toBeCloseTo(0, 12);
    expect(scores[9]).toBeCloseTo(-Math.log2(0.2), 12);
    const cut = cutOutliers(scores, 0.1, 'percentile');
    expect(cut.threshold).toBeCloseTo(0.23219280948873624, 9);
    expect([...cut.rows]).toEqual([9]);
  });

  it('flags nothing of a constant table by percentile, and reports its dimensions', () => {
    const { scores, model } = fitHbos(new Float32Array(60).fill(0.1), 3, { bins: 10 });
    expect(new Set(scores).size).toBe(1);
    expect([...cutOutliers(scores, 0.1, 'percentile').rows]).toEqual([]);
    expect(model.uninformative).toEqual([0, 1, 2]);
  });

  it('counts a value on an inner edge in the upper bin and scores it with the lower', () => {
    const { model, scores } = fitHbos(Float32Array.of(0, 1, 2), 1, { bins: 2, ...plain });
    expect([...model.histograms[0]!.counts]).toEqual([1, 2]);
    expect(scores[1]).toBe(scores[0]);
    expect(scores[2]).toBeCloseTo(-Math.log2(2 / 3 + 0.1), 12);
  });

  it('gives a value just outside the outermost bin, and one far outside the lowest density', () => {
    const { model } = fitHbos(Float32Array.of(0, 1, 1, 1, 1, 4), 1, { bins: 4, ...plain });
    const [near, far] = scoreHbos(model, Float32Array.of(4.4, 5));
    expect(near).toBeCloseTo(-Math.log2(1 / 6 + 0.1), 12);
    expect(far).toBeCloseTo(-Math.log2(0.1), 12);
  });

  it('scores the rows it was fitted on as it scores new ones', () => {
    for (const x of [
      clustered(500, 5, 1),
      clustered(500, 5, 4).map((value) => value * 1e-3 + 1e4),
      gridded(500, 5, 11, 5),
      gridded(500, 5, 5, 6).map((value) => (value - 2) * 1e-30),
    ])
      for (const bins of ['auto', 10] as const)
        for (const standardise of [true, false]) {
          const { model, scores } = fitHbos(x, 5, { bins, standardise });
          expect(scoreHbos(model, x)).toEqual(scores);
          for (const { counts } of model.histograms) expect(counts.reduce((a, b) => a + b)).toBe(500);
        }
  });

  it('chooses as many bins as a plain histogram for every candidate would', () => {
    for (const rule of ['pyod', 'birge-rozenholc'] as const)
      for (let seed = 0; seed < 20; seed++) {
        const random = createRandom(seed);
        const n = 4 + random.below(600);
        const values = Float64Array.from({ length: n }, () => Math.round(random.normal() * 20) / 20).sort();
        expect(chooseBins(values, rule)).toBe(plainBins(values, rule));
      }
    expect(chooseBins(Float64Array.of(1, 2, 3), 'pyod')).toBe(1);
  });

  it('refuses values that are not finite and lists the rows', () => {
    const x = clustered(50, 4, 2);
    x[4 * 7 + 1] = NaN;
    x[4 * 31] = Infinity;
    const error = caught(() => fitHbos(x, 4, { bins: 10 }));
    expect(error.code).toBe('invalid-input');
    expect(error.details['rows']).toEqual([7, 31]);
  });

  it('explains a score: contributions add up to it, the oddest dimension first', () => {
    const x = clustered(1000, 6, 3);
    x[6 * 5 + 4] = 500;
    const { model, scores } = fitHbos(x, 6, { bins: 10 });
    const reasons = explainRow(model, x.subarray(30, 36));
    expect(reasons.reduce((sum, reason) => sum + reason.score, 0)).toBeCloseTo(scores[5]!, 9);
    expect(reasons[0]).toMatchObject({ dimension: 4, share: 1 / 1000 });
  });
});

describe('the cut', () => {
  it('removes exactly the share, the lower row first on ties', () => {
    const scores = Float64Array.of(1, 3, 3, 3, 0, 5, 1, 1, 1, 1);
    expect([...cutOutliers(scores, 0.3, 'exact').rows]).toEqual([5, 1, 2]);
  });

  it('removes 50 of 1000 and 5 of 10 000 distinct scores in both modes', () => {
    for (const [n, share, count] of [
      [1000, 0.05, 50],
      [10_000, 0.0005, 5],
    ] as const) {
      const scores = Float64Array.from(createRandom(n).permutation(n));
      for (const mode of ['exact', 'percentile'] as const)
        expect(new Set(cutOutliers(scores, share, mode).rows)).toEqual(
          new Set(Array.from({ length: count }, (_, i) => scores.indexOf(n - 1 - i))),
        );
    }
  });

  it('leaves all for a share of 0 and warns when the share is less than one row', () => {
    const scores = Float64Array.from(createRandom(1).permutation(100));
    expect(cutOutliers(scores, 0, 'exact').rows.length).toBe(0);
    const exact = cutOutliers(scores, 0.0005, 'exact');
    expect([exact.rows.length, exact.warnings.length]).toEqual([0, 1]);
    expect(cutOutliers(scores, 0.0005, 'percentile').rows.length).toBe(1);
    expect(caught(() => cutOutliers(scores, 0.7, 'exact')).code).toBe('invalid-input');
  });
});

const python = pythonWith('numpy', 'pyod');
describe.skipIf(python === null)(
  'HBOS beside PyOD (needs Python with numpy and pyod; set LIMBECK_PYTHON)',
  () => {
    const share = 0.05;
    const program = `
import sys, json, numpy as np
from pyod.models.hbos import HBOS
answers = []
for q in json.load(sys.stdin):
    x = np.array(q['x'], np.float64).reshape(-1, q['d'])
    if q['standardise']:
        s = x.std(0); s[x.min(0) == x.max(0)] = 1
        x = (x - np.where(x.min(0) == x.max(0), x[0], x.mean(0))) / s
    m = HBOS(n_bins=q['bins'], contamination=${share}).fit(x)
    answers.append({'scores': m.decision_scores_.tolist(), 'threshold': float(m.threshold_), 'labels': m.labels_.tolist()})
print(json.dumps(answers))`;
    const cases = [
      ['clustered, 10 bins', clustered(2000, 16, 11), 16, 10, true],
      ['clustered, automatic bins', clustered(2000, 16, 12), 16, 'auto', true],
      ['tied, automatic bins', gridded(900, 4, 9, 13), 4, 'auto', false],
      ['tied, 7 bins', gridded(300, 3, 8, 14), 3, 7, false],
      ['five rows', clustered(5, 3, 15), 3, 'auto', true],
      ['a constant dimension', withConstant(clustered(400, 3, 16)), 3, 'auto', true],
    ] as const;
    let answers: { scores: number[]; threshold: number; labels: number[] }[] = [];
    beforeAll(() => {
      answers = runPython(
        python!,
        program,
        cases.map(([, x, d, bins, standardise]) => ({ x: [...x], d, bins, standardise })),
      );
    }, 120_000);

    it.each(cases)('gives the same scores, threshold and labels: %s', (name, x, d, bins, standardise) => {
      const theirs = answers[cases.findIndex(([other]) => other === name)]!;
      const { scores } = fitHbos(x, d, { bins, standardise });
      const cut = cutOutliers(scores, share, 'percentile');
      const worst = theirs.scores.reduce((most, score, i) => Math.max(most, Math.abs(score - scores[i]!)), 0);
      expect(worst).toBeLessThan(1e-9);
      expect(Math.abs(cut.threshold! - theirs.threshold)).toBeLessThan(1e-9);
      // rows whose score equals the threshold up to rounding may fall on either side
      const labels = theirs.scores.flatMap((score, i) =>
        Math.abs(score - theirs.threshold) < 1e-9 ? [] : [i],
      );
      const flagged = new Set(cut.rows);
      expect(labels.filter((i) => flagged.has(i))).toEqual(labels.filter((i) => theirs.labels[i] === 1));
    });
  },
);

function withConstant(x: Float32Array): Float32Array {
  return x.map((value, i) => (i % 3 === 1 ? 0.1 : value));
}

function plainBins(values: Float64Array, rule: 'pyod' | 'birge-rozenholc'): number {
  const n = values.length;
  let best = -Infinity;
  let chosen = 1;
  for (let bins = 1; bins < Math.max(2, Math.floor(Math.sqrt(n))); bins++) {
    const edges = linearEdges(values[0]!, values[n - 1]!, bins);
    const counts = new Array<number>(bins).fill(0);
    for (const value of values) {
      let bin = 0;
      while (bin < bins - 1 && value >= edges[bin + 1]!) bin++;
      counts[bin]!++;
    }
    expect([...countSorted(values, edges)]).toEqual(counts);
    const penalty = bins - 1 + Math.log(bins) ** 2.5;
    let value = 0;
    if (rule === 'pyod')
      for (const count of counts) value += count * Math.log((bins * count) / n + 1) - penalty;
    else {
      for (const count of counts) if (count > 0) value += count * Math.log((bins * count) / n);
      value -= penalty;
    }
    if (value > best) [best, chosen] = [value, bins];
  }
  return chosen;
}

function caught(action: () => unknown): AppError {
  try {
    action();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
