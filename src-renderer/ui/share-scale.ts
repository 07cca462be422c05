/** Where a share sits on its slider: even steps, or even ratios so that 0.5 % and 5 % are equally easy to hit. */
export interface ShareScale {
  min: number;
  max: number;
  log: boolean;
}

/** @returns 0…1 along the track */
export function toTrack(value: number, { min, max, log }: ShareScale): number {
  const at = log ? Math.log(value / min) / Math.log(max / min) : (value - min) / (max - min);
  return Math.min(1, Math.max(0, at));
}

/** The value at 0…1 along the track, rounded to `step`. */
export function fromTrack(at: number, { min, max, log }: ShareScale, step: number): number {
  const raw = log ? min * (max / min) ** at : min + at * (max - min);
  const rounded = Math.round(raw / step) * step;
  return Math.min(max, Math.max(min, Number(rounded.toPrecision(12))));
}
