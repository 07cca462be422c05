/** Rejecting and choosing rows of any table [n, d], without recordings or a study. */
import { AppError } from '#shared/errors.ts';
import type { Progress } from '#shared/jobs.ts';
import { cutOutliers } from './outliers/cut.ts';
import { fitHbos, type HbosOptions } from './outliers/hbos.ts';
import { certificate, kCenter } from './selection/k-center.ts';
import type { Parallel } from './selection/parallel.ts';

export interface FlagOptions extends HbosOptions {
  /** Share to flag, above 0 up to 0.5. */
  share: number;
  mode: 'exact' | 'percentile';
}

export interface FlaggedRows {
  /** Oddest first. */
  rows: Int32Array;
  /** [n] high = odd. */
  scores: Float64Array;
  threshold: number | null;
  /** Per column. */
  bins: number[];
  /** Columns with one single value. */
  uninformative: number[];
  warnings: string[];
}

/** The odd rows of a table, standardised per column unless `standardise` is false. */
export function flagRows(x: Float32Array, d: number, options: FlagOptions): FlaggedRows {
  const { model, scores } = fitHbos(x, d, options);
  const cut = cutOutliers(scores, options.share, options.mode);
  return {
    ...cut,
    scores,
    bins: model.histograms.map(({ counts }) => counts.length),
    uninformative: model.uninformative,
  };
}

export interface SelectOptions {
  /** Share of all rows, odd ones counted; or `count`. */
  keep?: number;
  count?: number;
  /** Share to leave out as odd first; 0: none. */
  outliers?: number;
  start?: number;
  fill?: boolean;
  parallel?: Parallel;
  progress?: Progress;
}

export interface SelectedRows {
  order: Int32Array;
  /** [order.length] distance of the farthest row after each pick. */
  radius: Float64Array;
  /** The best possible radius is at least this. */
  atLeast: number;
  rejected: Int32Array;
  warnings: string[];
}

/** The most spread-out rows, in greedy order. An odd `start` gives way to the next row that is not odd. */
export async function selectRows(x: Float32Array, d: number, options: SelectOptions): Promise<SelectedRows> {
  const n = x.length / d;
  const { keep, outliers = 0, fill, parallel, progress } = options;
  const k = options.count ?? Math.floor((keep ?? 0) * n + 1e-9);
  if (!(Number.isInteger(k) && k >= 1))
    throw new AppError(
      'invalid-input',
      `This would keep ${k} of ${n} rows; give a share of at least ${1 / n} or a count of at least 1.`,
    );
  const excluded = new Uint8Array(n);
  const cut =
    outliers > 0
      ? flagRows(x, d, { bins: 'auto', share: outliers, mode: 'exact' })
      : { rows: new Int32Array(), warnings: [] };
  for (const row of cut.rows) excluded[row] = 1;
  let start = options.start ?? 0;
  while (start < n && excluded[start]) start++;
  const result = await kCenter(x, d, {
    k,
    start,
    excluded,
    everyRow: false,
    ...(fill === undefined ? {} : { fill }),
    ...(parallel ? { parallel } : {}),
    ...(progress ? { progress } : {}),
  });
  return {
    order: result.order,
    radius: result.radius,
    atLeast: certificate(result.radius.at(-1) ?? 0),
    rejected: cut.rows,
    warnings: cut.warnings,
  };
}
