import { describe, expect, it } from 'vitest';
import { coverageAt, layoutCoverage } from '#renderer/plot/coverage.ts';
import { alignSeries, smooth, tickTexts, toCsv, toTable, withUnit } from '#renderer/plot/series.ts';
import { commonSuffix, niceScale, pickTraces, traceColour } from '#renderer/plot/traces.ts';

describe('the data of a plot', () => {
  it('puts curves over different x on one rising x with holes', () => {
    const { x, ys } = alignSeries([
      { x: [1, 2, 3], y: [10, 20, 30] },
      { x: [2, 4], y: [5, 6] },
    ]);
    expect(x).toEqual([1, 2, 3, 4]);
    expect(ys).toEqual([
      [10, 20, 30, null],
      [null, 5, null, 6],
    ]);
  });

  it('is the same as a table and as CSV, helpers left out', () => {
    const table = toTable(
      'pass',
      [1, 2],
      [
        { label: 'held out, "test"', values: [0.5, null], colour: 'accent' },
        { label: 'smooth', values: [1, 1], colour: 'ink', helper: true },
      ],
    );
    expect(table.rows).toEqual([
      [1, 0.5],
      [2, null],
    ]);
    expect(toCsv(table)).toBe('pass,"held out, ""test"""\r\n1,0.5\r\n2,\r\n');
  });

  it('smooths towards the mean and leaves holes open', () => {
    const out = smooth([0, null, 2, 4], 1);
    expect(out).toEqual([1, null, 2, 3]);
  });

  it('writes the ticks of an axis with equal decimals', () => {
    expect(tickTexts([1.9, 2, 2.1])).toEqual(['1.9', '2.0', '2.1']);
    expect(tickTexts([0, 5, 10])).toEqual(['0', '5', '10']);
    expect(tickTexts([2.5, 2.75, 3])).toEqual(['2.50', '2.75', '3.00']);
    expect(tickTexts([-0.5, 0, 0.5])).toEqual(['−0.5', '0.0', '0.5']);
    expect(withUnit(['0', '5', ''], 'pass')).toEqual(['0', 'pass 5', '']);
    expect(withUnit(['0', '40'], 'Hz')).toEqual(['0', '40 Hz']);
    expect(tickTexts([1, null, 3], (value) => `${value} %`)).toEqual(['1 %', '', '3 %']);
  });
});

describe('small traces', () => {
  const trace = { kind: 'eeg' as const, missing: null, bad: false, hemisphere: 'left' as const };

  it('take scalp EEG first, evenly from front to back', () => {
    const many = Array.from({ length: 64 }, (_, i) => ({ ...trace, i }));
    const picked = pickTraces([{ ...trace, kind: 'ecg' as const, i: -1 }, ...many], 8);
    expect(picked).toHaveLength(8);
    expect(picked[0]!.i).toBe(0);
    expect(picked[7]!.i).toBe(63);
    expect(pickTraces([{ ...trace, kind: 'ecg' as const }], 8)).toHaveLength(1);
  });

  it('mean a side by colour and grey when bad', () => {
    expect(traceColour(trace)).toBe('trace-blue');
    expect(traceColour({ ...trace, hemisphere: 'right' })).toBe('trace-red');
    expect(traceColour({ ...trace, bad: true })).toBe('trace-bad');
  });

  it('share a scale of 1, 2 or 5 that lets most of the signal through', () => {
    const lane = (uv: number) => ({
      label: '',
      colour: '',
      sfreqHz: 1,
      missing: null,
      values: Float32Array.from({ length: 1000 }, (_, i) => uv * Math.sin(i)),
    });
    for (const uv of [3, 20, 75, 400]) {
      const scale = niceScale([lane(uv)]);
      expect(scale).toBeGreaterThanOrEqual(1.9 * uv);
      expect(String(scale)).toMatch(/^[125]0*$/);
    }
    expect(niceScale([])).toBe(100);
  });

  it('say a common suffix once', () => {
    expect(commonSuffix(['F3-AVG', 'O1-AVG'])).toBe('-AVG');
    expect(commonSuffix(['Fp1-F7', 'F7-T7'])).toBe('');
    expect(commonSuffix(['Cz'])).toBe('');
  });
});

describe('coverage', () => {
  const view = {
    electrodes: ['Fp1', 'Cz', 'O1'],
    counts: [1, 3, 2],
    recordings: [
      { id: 'a', subject: 'S1', group: 'W', present: '111' },
      { id: 'b', subject: 'S2', group: 'F', present: '010' },
      { id: 'c', subject: 'S3', group: 'W', present: '011' },
    ],
  };

  it('puts the most common sites first and groups together', () => {
    const layout = layoutCoverage(view, ['F', 'W'], 320, 200);
    expect(layout.sites).toEqual([1, 2, 0]);
    expect(layout.bands.map(({ group, rows }) => [group, rows])).toEqual([
      ['F', [1]],
      ['W', [0, 2]],
    ]);
  });

  it('finds under the pointer what it drew there', () => {
    const layout = layoutCoverage(view, ['W', 'F'], 320, 200);
    for (const band of layout.bands)
      for (const [i, recording] of band.rows.entries())
        for (const [j, site] of layout.sites.entries())
          expect(
            coverageAt(layout, layout.left + (j + 0.5) * layout.cellPx, band.top + (i + 0.5) * layout.rowPx),
          ).toEqual({ recording, site });
    expect(coverageAt(layout, 2, 2)).toBeNull();
  });

  it('fits three thousand recordings into the height', () => {
    const many = {
      ...view,
      recordings: Array.from({ length: 3000 }, (_, i) => ({
        ...view.recordings[0]!,
        id: String(i),
        group: i % 2 ? 'W' : 'F',
      })),
    };
    const layout = layoutCoverage(many, ['W', 'F'], 320, 300);
    const last = layout.bands.at(-1)!;
    expect(last.top + last.rows.length * layout.rowPx).toBeLessThanOrEqual(300.001);
  });
});
