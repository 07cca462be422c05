/** Learning rates over steps. */

/** @returns the rate for a step, counted from 0 */
export type Schedule = (step: number) => number;

export const constantRate =
  (rate: number): Schedule =>
  () =>
    rate;

/** Halves every `every` steps. */
export const halving =
  (rate: number, every: number): Schedule =>
  (step) =>
    rate * 0.5 ** Math.floor(step / every);

/** Linear rise over `warmUp` steps, then half a cosine down to `floor` at `total`. */
export const warmUpCosine =
  (rate: number, warmUp: number, total: number, floor = 0): Schedule =>
  (step) => {
    if (step < warmUp) return (rate * (step + 1)) / warmUp;
    const done = Math.min(1, (step - warmUp) / Math.max(1, total - warmUp));
    return floor + (rate - floor) * 0.5 * (1 + Math.cos(Math.PI * done));
  };
