/**
 * HBOS: how rare a description is, dimension by dimension, judged by one histogram each (Goldstein & Dengel 2012).
 * Rules and rounding of PyOD 3.6: bins counted left-closed, scored right-closed, −Σ log2(density + α).
 */
import { AppError } from '#shared/errors.ts';
import { chooseBins, countSorted, countUnsorted, linearEdges, type BinRule } from './histogram-bins.ts';
import { measureSpread, requireFinite, type Standardisation } from './standardise.ts';

export interface HbosOptions {
  /** Number of bins for all dimensions, or 'auto': chosen for each. */
  bins: number | 'auto';
  /** Criterion of 'auto'. */
  binRule?: BinRule;
  /** Keeps empty bins finite. */
  alpha?: number;
  /** A value outside all bins by at most this share of a bin belongs to the outermost bin. */
  tolerance?: number;
  /** Standardise every dimension first; what is scored later is standardised the same way. */
  standardise?: boolean;
  signal?: AbortSignal;
}

interface Histogram {
  /** [b + 1] */
  edges: Float64Array;
  /** [b] values per bin */
  counts: Float64Array;
  /** [b] log2(density + α) */
  logDensity: Float64Array;
  lowest: number;
}

export interface HbosModel {
  dimensions: number;
  /** Rows it was fitted on. */
  rows: number;
  tolerance: number;
  /** null: values are scored as they are. */
  standardisation: Standardisation | null;
  histograms: Histogram[];
  /** Dimensions with one single value: they add the same to every score and say nothing. */
  uninformative: number[];
}

/** Why a row scores as it does, in one dimension. */
export interface Contribution {
  dimension: number;
  /** −log2(density + α): what this dimension adds to the score. */
  score: number;
  /** Share of the fitted rows in the bin where the value falls. */
  share: number;
}

/** Columns standardised and sorted at a time: 8 doubles are one cache line of a transposed block. */
const columnsAtOnce = 8;

/**
 * Fits one histogram a dimension and scores the same rows.
 *
 * @param x [n, d] row-major
 * @returns scores [n], high = odd; they compare within one fit only
 * @throws AppError 'invalid-input' on values that are not finite (with the rows), 'no-data' without rows, 'cancelled'
 */
export function fitHbos(
  x: Float32Array,
  d: number,
  options: HbosOptions,
): { model: HbosModel; scores: Float64Array } {
  const { bins, binRule = 'pyod', alpha = 0.1, tolerance = 0.5, standardise = true, signal } = options;
  requireFinite(x, d);
  const n = x.length / d;
  if (n === 0) throw new AppError('no-data', 'There is nothing to look for odd segments in: no rows.');
  if (bins !== 'auto' && !(Number.isInteger(bins) && bins >= 1))
    throw new AppError('invalid-input', `Bins must be a whole number of at least 1 or auto, not ${bins}.`);
  const spread = measureSpread(x, d);
  const standardisation = standardise ? spread : null;
  const histograms: Histogram[] = [];
  const scores = new Float64Array(n);
  for (let first = 0; first < d; first += columnsAtOnce) {
    if (signal?.aborted) throw new AppError('cancelled', 'Looking for odd segments was stopped.');
    for (const column of readColumns(x, d, first, standardisation)) {
      const { edges, counts } = binsOf(column, bins, binRule);
      const logDensity = counts.map((c, i) => Math.log2(c / (edges[i + 1]! - edges[i]!) / n + alpha));
      const histogram = { edges, counts, logDensity, lowest: logDensity.reduce((a, b) => Math.min(a, b)) };
      histograms.push(histogram);
      addScores(scores, column, histogram, tolerance);
    }
  }
  const model = {
    dimensions: d,
    rows: n,
    tolerance,
    standardisation,
    histograms,
    uninformative: spread.constant,
  };
  return { model, scores };
}

/** Scores of other rows [n, d] under a fitted model. */
export function scoreHbos(model: HbosModel, x: Float32Array): Float64Array {
  const d = model.dimensions;
  requireFinite(x, d);
  const scores = new Float64Array(x.length / d);
  for (let first = 0; first < d; first += columnsAtOnce)
    readColumns(x, d, first, model.standardisation).forEach((column, offset) =>
      addScores(scores, column, model.histograms[first + offset]!, model.tolerance),
    );
  return scores;
}

/** What each dimension adds to the score of one row [d], the most telling first. */
export function explainRow(model: HbosModel, row: Float32Array): Contribution[] {
  const { mean, scale } = model.standardisation ?? {};
  return model.histograms
    .map((histogram, dimension) => {
      const value = (row[dimension]! - (mean?.[dimension] ?? 0)) / (scale?.[dimension] ?? 1);
      const bin = scoringBin(histogram, value, model.tolerance);
      return {
        dimension,
        score: bin < 0 ? -histogram.lowest : -histogram.logDensity[bin]!,
        share: bin < 0 ? 0 : histogram.counts[bin]! / model.rows,
      };
    })
    .sort((a, b) => b.score - a.score || a.dimension - b.dimension);
}

function binsOf(column: Float64Array, bins: number | 'auto', rule: BinRule) {
  if (bins === 'auto') {
    const sorted = column.slice().sort();
    const edges = linearEdges(sorted[0]!, sorted[sorted.length - 1]!, chooseBins(sorted, rule));
    return { edges, counts: countSorted(sorted, edges) };
  }
  let low = Infinity;
  let high = -Infinity;
  for (const value of column) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const edges = linearEdges(low, high, bins);
  return { edges, counts: countUnsorted(column, edges) };
}

function readColumns(
  x: Float32Array,
  d: number,
  first: number,
  standardisation: Standardisation | null,
): Float64Array[] {
  const n = x.length / d;
  const width = Math.min(columnsAtOnce, d - first);
  const columns = Array.from({ length: width }, () => new Float64Array(n));
  for (let from = 0; from < n; from += 1024)
    for (let j = 0; j < width; j++) {
      const column = columns[j]!;
      const mean = standardisation?.mean[first + j] ?? 0;
      const scale = standardisation?.scale[first + j] ?? 1;
      for (let i = from; i < Math.min(from + 1024, n); i++)
        column[i] = (x[i * d + first + j]! - mean) / scale;
    }
  return columns;
}

function addScores(
  scores: Float64Array,
  column: Float64Array,
  histogram: Histogram,
  tolerance: number,
): void {
  const { logDensity, lowest } = histogram;
  for (let i = 0; i < column.length; i++) {
    const bin = scoringBin(histogram, column[i]!, tolerance);
    scores[i]! -= bin < 0 ? lowest : logDensity[bin]!;
  }
}

/** The bin i with e_i < v ≤ e_{i+1}; the outermost for values just outside; −1 farther out. */
function scoringBin({ edges, logDensity }: Histogram, value: number, tolerance: number): number {
  const bins = logDensity.length;
  const low = edges[0]!;
  const high = edges[bins]!;
  if (value <= low) return low - value <= (edges[1]! - low) * tolerance ? 0 : -1;
  if (value > high) return value - high <= (high - edges[bins - 1]!) * tolerance ? bins - 1 : -1;
  let bin = Math.min(bins - 1, Math.floor(((value - low) / (high - low)) * bins));
  // the division may be off by one step of rounding; the edges decide
  while (bin > 0 && value <= edges[bin]!) bin--;
  while (bin < bins - 1 && value > edges[bin + 1]!) bin++;
  return bin;
}
