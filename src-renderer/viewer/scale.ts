/** From µV and seconds to pixels: the arithmetic behind “7 µV/mm” and “26.9 mm/s”. */
import type { ChannelKind } from '#shared/eeg/recording.ts';

/** Pixels one µV is high. */
export function pxPerMicrovolt(sensitivity: number, pxPerMm: number): number {
  return pxPerMm / sensitivity;
}

/** EEG is read negative up; heart, muscle, breath and the rest are never turned over. */
export function isInverted(kind: ChannelKind, negativeUp: boolean): boolean {
  return kind === 'eeg' && negativeUp;
}

/** Pixels below the lane's centre; the canvas grows downwards, so a negative value of an inverted trace goes up. */
export function offsetPx(microvolt: number, pxPerUv: number, inverted: boolean): number {
  return (inverted ? microvolt : -microvolt) * pxPerUv;
}

/** Back from a place in the lane. */
export function microvoltAt(offset: number, pxPerUv: number, inverted: boolean): number {
  return (inverted ? offset : -offset) / pxPerUv;
}

export function mmPerSecond(widthPx: number, seconds: number, pxPerMm: number): number {
  return widthPx / pxPerMm / seconds;
}

/** A page: where seconds of the recording lie between two edges. */
export interface TimeAxis {
  startS: number;
  seconds: number;
  left: number;
  width: number;
}

export function xOf({ startS, seconds, left, width }: TimeAxis, atS: number): number {
  return left + ((atS - startS) / seconds) * width;
}

export function timeAt({ startS, seconds, left, width }: TimeAxis, x: number): number {
  return startS + ((x - left) / width) * seconds;
}

/** Seconds between labels so that they stay at least `apartPx` from one another. */
export function labelStep(axis: Pick<TimeAxis, 'seconds' | 'width'>, apartPx: number): number {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 21_600, 43_200];
  return steps.find((step) => (step / axis.seconds) * axis.width >= apartPx) ?? 86_400;
}

/** Height of the printed bar: the round value that is nearest to `wantedPx` high. */
export function scaleBar(pxPerUv: number, wantedPx: number): { microvolt: number; px: number } {
  const wanted = wantedPx / pxPerUv;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const microvolt = [1, 2, 5, 10]
    .map((step) => step * power)
    .reduce((best, value) => (Math.abs(value - wanted) < Math.abs(best - wanted) ? value : best));
  return { microvolt, px: microvolt * pxPerUv };
}
