/** How many directions a cloud of vectors really uses: the sign of collapse that a falling loss hides. */

/**
 * Participation ratio of the covariance, (Σλ)² / Σλ² = (tr S)² / ‖S‖²: 1 when all vectors lie on a line, `width` when every direction
 * varies alike. Needs no eigenvalues.
 *
 * @param vectors [n, width]; 0 when they do not vary at all
 */
export function effectiveRank(vectors: Float32Array, width: number): number {
  const n = vectors.length / width;
  const mean = new Float64Array(width);
  for (let i = 0; i < vectors.length; i++) mean[i % width]! += vectors[i]! / n;
  let trace = 0;
  let squares = 0;
  for (let a = 0; a < width; a++)
    for (let b = 0; b <= a; b++) {
      let sum = 0;
      for (let i = 0; i < n; i++)
        sum += (vectors[i * width + a]! - mean[a]!) * (vectors[i * width + b]! - mean[b]!);
      const covariance = sum / n;
      if (a === b) trace += covariance;
      squares += (a === b ? 1 : 2) * covariance * covariance;
    }
  return squares < 1e-24 ? 0 : (trace * trace) / squares;
}
