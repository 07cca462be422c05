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
    widen(out, 2 * c, x, from, to);
  }
  return out;
}

/**
 * Widens the columns of an envelope that is built while a recording is read, piece by piece in any order.
 *
 * @param envelope         [2 · columns], NaN where nothing was seen yet; changed in place
 * @param firstSample      position of x[0] in the recording
 * @param samplesPerColumn may be a fraction
 */
export function addToEnvelope(
  envelope: Float32Array,
  x: Float32Array,
  firstSample: number,
  samplesPerColumn: number,
): void {
  const columns = envelope.length / 2;
  const columnOf = (at: number) => Math.min(columns - 1, Math.floor((firstSample + at) / samplesPerColumn));
  for (let at = 0; at < x.length;) {
    const column = columnOf(at);
    const next = column === columns - 1 ? x.length : Math.ceil((column + 1) * samplesPerColumn) - firstSample;
    let to = Math.min(x.length, Math.max(at + 1, next));
    // Rounding may put the border one sample off; the column of a sample is what the division says, in every piece.
    while (to > at + 1 && columnOf(to - 1) > column) to--;
    while (to < x.length && columnOf(to) === column) to++;
    widen(envelope, 2 * column, x, at, to);
    at = to;
  }
}

function widen(out: Float32Array, at: number, x: Float32Array, from: number, to: number): void {
  // Comparisons with NaN are false: gaps change nothing, and a column of NaN is overwritten by the first number.
  let low = Number.isNaN(out[at]!) ? Infinity : out[at]!;
  let high = Number.isNaN(out[at + 1]!) ? -Infinity : out[at + 1]!;
  for (let i = from; i < to; i++) {
    const value = x[i]!;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return;
  out[at] = low;
  out[at + 1] = high;
}
