/**
 * HBOS: how rare a description is, dimension by dimension, judged by one histogram each (Goldstein & Dengel 2012).
 * Rules and rounding of PyOD 3.6: bins counted left-closed, scored right-closed, −Σ log2(density + α).
 */
import { AppError } from '#shared/errors.ts';
import { assignBins, bordersOf, type Measure } from './borders.ts';
import { chooseBins, linearEdges, type BinRule } from './histogram-bins.ts';
import { FloatSorter } from './sort-floats.ts';
import { measureFinite, requireFinite, type Standardisation } from './standardise.ts';

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

/** Columns taken out of the table at a time. */
const columnsAtOnce = 4;

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
  const spread = measureFinite(x, d);
  const n = x.length / d;
  if (n === 0) throw new AppError('no-data', 'There is nothing to look for odd segments in: no rows.');
  if (bins !== 'auto' && !(Number.isInteger(bins) && bins >= 1))
    throw new AppError('invalid-input', `Bins must be a whole number of at least 1 or auto, not ${bins}.`);
  const standardisation = standardise ? spread : null;
  const histograms: Histogram[] = [];
  const scores = new Float64Array(n);
  const binOf = new Int32Array(n);
  const edgesOf = bins === 'auto' ? automaticEdges(n, binRule) : equalEdges(bins);
  const columns = Array.from({ length: Math.min(d, columnsAtOnce) }, () => new Float32Array(n));
  for (let first = 0; first < d; first += columnsAtOnce) {
    if (signal?.aborted) throw new AppError('cancelled', 'Looking for odd segments was stopped.');
    readColumns(x, d, first, columns);
    for (const column of columns.slice(0, d - first)) {
      const at = histograms.length;
      const measure = { ...unitOf(standardisation, at), low: spread.low[at]!, high: spread.high[at]! };
      const edges = edgesOf(column, measure);
      const counts = assignBins(column, measure, bordersOf(edges, measure), binOf);
      const logDensity = counts.map((c, i) => Math.log2(c / (edges[i + 1]! - edges[i]!) / n + alpha));
      histograms.push({ edges, counts, logDensity, lowest: logDensity.reduce((a, b) => Math.min(a, b)) });
      for (let i = 0; i < n; i++) scores[i]! -= logDensity[binOf[i]!]!;
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
  model.histograms.forEach((histogram, dimension) => {
    const { mean, scale } = unitOf(model.standardisation, dimension);
    for (let i = 0; i < scores.length; i++) {
      const bin = scoringBin(histogram, (x[i * d + dimension]! - mean) / scale, model.tolerance);
      scores[i]! -= bin < 0 ? histogram.lowest : histogram.logDensity[bin]!;
    }
  });
  return scores;
}

/** What each dimension adds to the score of one row [d], the most telling first. */
export function explainRow(model: HbosModel, row: Float32Array): Contribution[] {
  return model.histograms
    .map((histogram, dimension) => {
      const { mean, scale } = unitOf(model.standardisation, dimension);
      const bin = scoringBin(histogram, (row[dimension]! - mean) / scale, model.tolerance);
      return {
        dimension,
        score: bin < 0 ? -histogram.lowest : -histogram.logDensity[bin]!,
        share: bin < 0 ? 0 : histogram.counts[bin]! / model.rows,
      };
    })
    .sort((a, b) => b.score - a.score || a.dimension - b.dimension);
}

function unitOf(standardisation: Standardisation | null, dimension: number) {
  return {
    mean: standardisation?.mean[dimension] ?? 0,
    scale: standardisation?.scale[dimension] ?? 1,
  };
}

type Edges = (column: Float32Array, measure: Measure) => Float64Array;

function equalEdges(bins: number): Edges {
  return (_, { mean, scale, low, high }) => linearEdges((low - mean) / scale, (high - mean) / scale, bins);
}

function automaticEdges(n: number, rule: BinRule): Edges {
  const sorter = new FloatSorter(n);
  const standardised = new Float64Array(n);
  return (column, measure) => {
    const sorted = sorter.sort(column);
    const { mean, scale } = measure;
    for (let i = 0; i < n; i++) standardised[i] = (sorted[i]! - mean) / scale;
    return equalEdges(chooseBins(standardised, rule))(column, measure);
  };
}

/** Copies as many columns as there are places for, blocks of rows that stay near the processor at a time. */
function readColumns(x: Float32Array, d: number, first: number, into: Float32Array[]): void {
  const n = x.length / d;
  const rowsAtOnce = 1024;
  for (let from = 0; from < n; from += rowsAtOnce)
    for (let j = 0; j < into.length && first + j < d; j++) {
      const column = into[j]!;
      const to = Math.min(from + rowsAtOnce, n);
      for (let i = from, at = from * d + first + j; i < to; i++, at += d) column[i] = x[at]!;
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
