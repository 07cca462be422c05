/** What lies over the page and follows the pointer: cursors with true values, the span, the place under the pointer. */
import { canvasFont, withAlpha } from '../plot/theme.ts';
import { figure, list } from '../words.ts';
import { line } from './canvas-marks.ts';
import type { Ink } from './page-drawing.ts';
import { flagsPx, lanesTop, type DrawnTrace, type PageScene } from './page-scene.ts';
import { offsetPx, xOf } from './scale.ts';
import { valueAt } from './trace-values.ts';

export interface Pointing {
  cursorS: number | null;
  secondS: number | null;
  span: { fromS: number; toS: number } | null;
  hover: { atS: number; lane: number | null } | null;
  /** Lane whose value the cursors say. */
  lane: number | null;
}

export function drawOverlay(
  context: CanvasRenderingContext2D,
  scene: PageScene,
  pointing: Pointing,
  ink: Ink,
): void {
  const { axis, height } = scene;
  context.clearRect(0, 0, scene.width, height);
  context.save();
  context.beginPath();
  context.rect(axis.left, 0, scene.width - axis.left, height);
  context.clip();
  const top = lanesTop(scene.band) - flagsPx;
  const { span, cursorS, secondS, hover, lane } = pointing;
  if (span) {
    const [left, right] = [xOf(axis, span.fromS), xOf(axis, span.toS)];
    context.fillStyle = withAlpha(ink('accent'), 0.1);
    context.fillRect(left, top, right - left, height);
    line(context, left, top, left, height, ink('accent'));
    line(context, right, top, right, height, ink('accent'));
    chip(context, scene, spanText(span.toS - span.fromS), (left + right) / 2, top + 10, ink, 'over');
  }
  if (hover && cursorS === null)
    line(context, xOf(axis, hover.atS), top, xOf(axis, hover.atS), height, withAlpha(ink('cursor'), 0.3));
  for (const atS of [cursorS, secondS]) {
    if (atS === null || atS < axis.startS || atS > axis.startS + axis.seconds) continue;
    line(
      context,
      xOf(axis, atS),
      top,
      xOf(axis, atS),
      height,
      withAlpha(ink('cursor'), 0.6),
      atS === secondS ? [4, 3] : [],
    );
    if (lane !== null)
      point(context, scene, lane, atS, ink, secondS !== null && atS === Math.min(cursorS ?? atS, secondS));
  }
  if (cursorS !== null && secondS !== null)
    chip(
      context,
      scene,
      betweenText(scene.traces[lane ?? -1] ?? null, cursorS, secondS),
      xOf(axis, (cursorS + secondS) / 2),
      height - 16,
      ink,
      'over',
    );
  // Where the pointer still rests on what was clicked, the cursor says it already.
  const said =
    hover?.lane === lane && cursorS !== null && Math.abs(xOf(axis, hover?.atS ?? 0) - xOf(axis, cursorS)) < 4;
  if (hover && hover.lane !== null && !said) point(context, scene, hover.lane, hover.atS, ink);
  context.restore();
}

/** Δt, its frequency, and what the focused trace does between both. */
export function betweenText(trace: DrawnTrace | null, fromS: number, toS: number): string {
  const [a, b] = trace ? [valueAt(trace.pieces, fromS), valueAt(trace.pieces, toS)] : [null, null];
  const rise =
    a && b
      ? `, ${trace?.label} ${signed((b.low + b.high) / 2 - (a.low + a.high) / 2)} ${trace?.unit ?? ''}`.trimEnd()
      : '';
  return `${spanText(Math.abs(toS - fromS))}${rise}`;
}

export function spanText(seconds: number): string {
  const ms = seconds < 1 ? `${figure(seconds * 1000)} ms` : `${figure(seconds)} s`;
  return seconds > 0 ? `${ms}, ${figure(1 / seconds)} Hz` : ms;
}

/** @param unit '' for codes */
export function valueText({ low, high }: { low: number; high: number }, unit: string): string {
  const value = high - low > 1 ? `${figure(low)} to ${figure(high)}` : figure((low + high) / 2);
  return [value, unit].filter(Boolean).join(' ');
}

/** 'T7–P7 −66 µV, clipped at T7, T7 is marked bad': the true value, and what a reader must know of it. */
export function pointText(trace: DrawnTrace, value: { low: number; high: number }, atS: number): string {
  const clipped = trace.saturated.filter(({ fromS, toS }) => atS >= fromS && atS <= toS);
  return [
    `${trace.label}  ${valueText(value, trace.unit)}`,
    clipped.length > 0 ? `clipped at ${list([...new Set(clipped.map(({ who }) => who))])}` : '',
    trace.bad ? (trace.note ?? 'marked bad') : '',
  ]
    .filter(Boolean)
    .join(', ');
}

function signed(value: number): string {
  return value > 0 ? `+${figure(value)}` : figure(value);
}

function point(
  context: CanvasRenderingContext2D,
  scene: PageScene,
  lane: number,
  atS: number,
  ink: Ink,
  leftwards = false,
): void {
  const trace = scene.traces[lane];
  const value = trace && valueAt(trace.pieces, atS);
  if (!trace || !value) return;
  const x = xOf(scene.axis, atS);
  const y =
    scene.layout.places[lane]!.y +
    offsetPx((value.low + value.high) / 2 - trace.centre, trace.pxPerUv, trace.inverted);
  context.fillStyle = ink('cursor');
  context.beginPath();
  context.arc(x, y, 3, 0, 2 * Math.PI);
  context.fill();
  chip(context, scene, pointText(trace, value, atS), x, y - 8, ink, leftwards ? 'left' : 'right');
}

/** @param side where the words stand, as seen from x */
function chip(
  context: CanvasRenderingContext2D,
  scene: PageScene,
  text: string,
  x: number,
  y: number,
  ink: Ink,
  side: 'left' | 'over' | 'right',
): void {
  context.font = canvasFont(11, 600);
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  const width = context.measureText(text).width + 14;
  const wanted =
    side === 'over' ? x - width / 2 : side === 'left' || x + 9 + width > scene.width ? x - 9 - width : x + 9;
  const left = Math.max(scene.axis.left + 2, Math.min(scene.width - width - 2, wanted));
  const middle = Math.max(10, Math.min(scene.height - 10, y));
  context.fillStyle = ink('cursor');
  context.beginPath();
  context.roundRect(left, middle - 9, width, 18, 3);
  context.fill();
  context.fillStyle = ink('paper');
  context.fillText(text, left + 7, middle + 0.5);
}
