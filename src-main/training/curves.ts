/** Turns what a training loop noted into the curves that the page draws. */
import type { Curve } from '#shared/views.ts';
import type { CurvePoint } from './trainer.ts';

/** One curve per split that has points. */
export function toCurves(series: string, points: readonly CurvePoint[]): Curve[] {
  return (['training', 'held-out'] as const).flatMap((split) => {
    const own = points.filter((point) => point.split === split);
    return own.length === 0
      ? []
      : [{ series, split, x: own.map(({ x }) => x), y: own.map(({ value }) => value) }];
  });
}
