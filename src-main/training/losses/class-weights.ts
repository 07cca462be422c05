/** Every class counts the same in a loss, however many examples it has. */

/**
 * Weight of each class: n / (K' · n_c) over the K' classes that occur, so that the mean weight of an example is 1.
 *
 * @param labels class of each training example
 * @returns [classes]; 0 for a class without examples
 */
export function classWeights(labels: ArrayLike<number>, classes: number): Float32Array {
  const counts = new Float32Array(classes);
  for (let i = 0; i < labels.length; i++) counts[labels[i]!]! += 1;
  const occurring = counts.filter((count) => count > 0).length;
  return counts.map((count) => (count === 0 ? 0 : labels.length / (occurring * count)));
}
