/** The measures themselves, each by its exact definition; null where a definition gives no value. */
import type { ReliabilityBin } from '#shared/metrics.ts';

export interface MatrixScores {
  accuracy: number | null;
  /** Mean recall over the classes that occur; absent classes are skipped. */
  balancedAccuracy: number | null;
  /** (pₒ − pₑ)/(1 − pₑ); 0 when pₑ = 1. */
  kappa: number | null;
  /** F1 of a class is 2TP/(2TP+FP+FN), 0 when that denominator is 0. */
  macroF1: number | null;
  weightedF1: number | null;
}

/** @param matrix [truth][answer] counts, weights allowed; all null when it is empty */
export function scoreMatrix(matrix: readonly (readonly number[])[]): MatrixScores {
  const size = matrix.length;
  const rows = matrix.map((row) => row.reduce((sum, n) => sum + n, 0));
  const columns = matrix.map((_, c) => matrix.reduce((sum, row) => sum + row[c]!, 0));
  const total = rows.reduce((sum, n) => sum + n, 0);
  if (total === 0)
    return { accuracy: null, balancedAccuracy: null, kappa: null, macroF1: null, weightedF1: null };
  let right = 0;
  let recalls = 0;
  let present = 0;
  let expected = 0;
  let macro = 0;
  let weighted = 0;
  for (let c = 0; c < size; c++) {
    const hits = matrix[c]![c]!;
    right += hits;
    expected += (rows[c]! / total) * (columns[c]! / total);
    if (rows[c]! > 0) {
      recalls += hits / rows[c]!;
      present++;
    }
    const denominator = rows[c]! + columns[c]!;
    const f1 = denominator > 0 ? (2 * hits) / denominator : 0;
    macro += f1 / size;
    weighted += (rows[c]! / total) * f1;
  }
  const observed = right / total;
  return {
    accuracy: observed,
    balancedAccuracy: recalls / present,
    kappa: 1 - expected < 1e-12 ? 0 : (observed - expected) / (1 - expected),
    macroF1: macro,
    weightedF1: weighted,
  };
}

/**
 * Area under the ROC curve by Mann–Whitney with mid-ranks. Prepared once, then asked with any weights, as a bootstrap does.
 * Two classes: the second against the first; more: the mean of one-against-the-rest over classes with both sides.
 *
 * @param probabilities [n, classes] row-major
 * @returns a function of weights [n] (multiplicities); null when no class has both sides
 */
export function prepareAuroc(
  truth: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  classes: number,
): (weights: ArrayLike<number>) => number | null {
  const n = truth.length;
  const asked = classes === 2 ? [1] : Array.from({ length: classes }, (_, c) => c);
  const orders = asked.map((c) => {
    const order = Uint32Array.from({ length: n }, (_, i) => i);
    return order.sort((a, b) => probabilities[a * classes + c]! - probabilities[b * classes + c]!);
  });
  return (weights) => {
    let sum = 0;
    let count = 0;
    asked.forEach((c, k) => {
      const order = orders[k]!;
      let positives = 0;
      let negatives = 0;
      let wins = 0;
      for (let i = 0; i < n;) {
        const score = probabilities[order[i]! * classes + c]!;
        let tiedPositives = 0;
        let tiedNegatives = 0;
        for (; i < n && probabilities[order[i]! * classes + c] === score; i++) {
          const at = order[i]!;
          if (truth[at] === c) tiedPositives += weights[at]!;
          else tiedNegatives += weights[at]!;
        }
        wins += tiedPositives * (negatives + tiedNegatives / 2);
        positives += tiedPositives;
        negatives += tiedNegatives;
      }
      if (positives === 0 || negatives === 0) return;
      sum += wins / positives / negatives;
      count++;
    });
    return count === 0 ? null : sum / count;
  };
}

/** Position of the largest probability of each row; the first of equals. */
export function answersOf(probabilities: ArrayLike<number>, classes: number): Uint16Array {
  const answers = new Uint16Array(probabilities.length / classes);
  for (let i = 0; i < answers.length; i++)
    for (let c = 1; c < classes; c++)
      if (probabilities[i * classes + c]! > probabilities[i * classes + answers[i]!]!) answers[i] = c;
  return answers;
}

/**
 * Whether certainty can be believed: answers in bins of equal width by their certainty.
 *
 * @returns `error`: the expected calibration error Σ nᵦ/n · |accuracyᵦ − certaintyᵦ| (Naeini et al. 2015)
 */
export function reliability(
  truth: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  classes: number,
  binCount = 10,
): { error: number; bins: ReliabilityBin[] } {
  const answers = answersOf(probabilities, classes);
  const counts = new Float64Array(binCount);
  const certainties = new Float64Array(binCount);
  const rights = new Float64Array(binCount);
  for (let i = 0; i < answers.length; i++) {
    const certainty = probabilities[i * classes + answers[i]!]!;
    const bin = Math.max(0, Math.min(binCount - 1, Math.ceil(certainty * binCount) - 1));
    counts[bin]!++;
    certainties[bin]! += certainty;
    if (answers[i] === truth[i]) rights[bin]!++;
  }
  let error = 0;
  const bins = Array.from(counts, (count, b): ReliabilityBin => {
    const edges = { from: b / binCount, to: (b + 1) / binCount, count };
    if (count === 0) return { ...edges, certainty: null, accuracy: null };
    error += Math.abs(rights[b]! - certainties[b]!) / answers.length;
    return { ...edges, certainty: certainties[b]! / count, accuracy: rights[b]! / count };
  });
  return { error, bins };
}
