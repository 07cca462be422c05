/** Which rows make which batch: shuffled anew every pass, and known for any step without replaying those before it. */
import type { Random } from '#shared/random.ts';

export interface BatchOrder {
  readonly stepsPerPass: number;
  /** Values of `rows` for a step counted from 0 over all passes. */
  at(step: number): Uint32Array;
}

/**
 * @param rows   what to draw from, each once a pass
 * @param size   batch size; fewer rows make one batch of all
 * @param random its fork by pass number decides the order, so a resumed run sees the same batches
 * @param dropLast leave out the last batch of a pass when it is not full
 */
export function shuffledBatches(
  rows: ArrayLike<number>,
  size: number,
  random: Random,
  { dropLast = true }: { dropLast?: boolean } = {},
): BatchOrder {
  const batch = Math.min(size, rows.length);
  const stepsPerPass =
    rows.length === 0 ? 0 : dropLast ? Math.floor(rows.length / batch) : Math.ceil(rows.length / batch);
  let pass = -1;
  let order: Uint32Array = new Uint32Array(0);
  return {
    stepsPerPass,
    at(step) {
      const wanted = Math.floor(step / stepsPerPass);
      if (wanted !== pass) {
        pass = wanted;
        order = random.fork(`pass ${pass}`).permutation(rows.length);
      }
      const from = (step % stepsPerPass) * batch;
      return order.slice(from, from + batch).map((position) => rows[position]!);
    },
  };
}
