/** Fewer values to draw, none of the peaks lost: minimum and maximum of every column. */

/**
 * @returns [2 · columns] minimum, maximum of each column in turn; NaN, NaN where a column holds no number. Column c covers
 *          samples floor(c · n / columns) ≤ j < floor((c + 1) · n / columns), at least one.
 */
export function minMaxColumns(x: Float32Array, columns: number): Float32Array {
  const out = new Float32Array(2 * columns).fill(NaN);
  for (let c = 0; c < columns && x.length > 0; c++) {
    const from = Math.min(x.length - 1, Math.floor((c * x.length) / columns));
    const to = Math.max(from + 1, Math.floor(((c + 1) * x.length) / columns));
    let low = Infinity;
    let high = -Infinity;
    // Comparisons with NaN are false: gaps change nothing.
    for (let i = from; i < to; i++) {
      const value = x[i]!;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    if (low > high) continue;
    out[2 * c] = low;
    out[2 * c + 1] = high;
  }
  return out;
}
