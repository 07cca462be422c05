/** What guessing would reach: the level that is expected and the level that could still be luck. */
import type { Chance } from '#shared/metrics.ts';

/**
 * Smallest k with P(X ≤ k) ≥ probability for X ~ Binomial(n, p): the quantile as SciPy's `binom.ppf` gives it.
 * Sums in logarithms, so large n neither under- nor overflows.
 */
export function binomialQuantile(probability: number, n: number, p: number): number {
  if (n === 0 || p <= 0) return 0;
  if (p >= 1) return n;
  let logTerm = n * Math.log1p(-p);
  let sum = Math.exp(logTerm);
  let k = 0;
  while (sum < probability - 1e-12 && k < n) {
    logTerm += Math.log(n - k) - Math.log(k + 1) + Math.log(p) - Math.log1p(-p);
    sum += Math.exp(logTerm);
    k++;
  }
  return k;
}

/**
 * The level of chance from the number of independent test units (Combrisson & Jerbi 2015), with the class prior in place of
 * 1/K where classes are unequal: always answering the commonest class is the best that guessing can do.
 *
 * @param unitClasses class position of each independent unit (trial)
 */
export function chanceLevel(unitClasses: ArrayLike<number>, classes: number, alpha = 0.05): Chance {
  const units = unitClasses.length;
  const counts = new Array<number>(classes).fill(0);
  for (let i = 0; i < units; i++) counts[unitClasses[i]!]!++;
  const uniform = 1 / classes;
  const majority = units === 0 ? uniform : Math.max(...counts) / units;
  const prior = Math.max(uniform, majority);
  const upTo = units === 0 ? 1 : binomialQuantile(1 - alpha, units, prior) / units;
  return { uniform, majority, upTo, units, alpha };
}
