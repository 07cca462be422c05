/**
 * Draws a page in one pass over one canvas. A chart library with an instance per sampling rate re-creates scales, axes and
 * paths per lane; with 62 to 128 lanes that alone costs more than drawing all lines here, so lines go straight to the canvas.
 */
import type { MarkView } from '#shared/views.ts';
import { canvasFont, withAlpha } from '../plot/theme.ts';
import { duration, time } from '../words.ts';
import { fit, line, tag } from './canvas-marks.ts';
import { drawHatch } from './minimap.ts';
import { flagsPx, lanesTop, rulerPx, type DrawnTrace, type PageScene } from './page-scene.ts';
import { shortClock } from './page-settings.ts';
import { labelStep, xOf, type TimeAxis } from './scale.ts';
import { tracePath } from './trace-path.ts';

export type Ink = (token: string) => string;

/** Lanes at least this high have room for words on their trace. */
const wordsPx = 15;

export function drawPage(context: CanvasRenderingContext2D, scene: PageScene, ink: Ink): void {
  context.textBaseline = 'middle';
  drawPaper(context, scene, ink);
  drawRuler(context, scene, ink);
  context.save();
  context.beginPath();
  context.rect(scene.axis.left, lanesTop(scene.band) - flagsPx, scene.axis.width, scene.height);
  context.clip();
  drawMarkSpans(context, scene, ink);
  for (const [i, trace] of scene.traces.entries())
    drawTrace(context, scene, trace, scene.layout.places[i]!.y, ink);
  // Above all traces: a large neighbour must not hide that a trace has no top.
  for (const [i, trace] of scene.traces.entries()) {
    drawSaturation(context, scene, trace, scene.layout.places[i]!.y, ink);
    drawReason(context, scene, trace, scene.layout.places[i]!.y, ink);
  }
  drawHoles(context, scene, ink);
  context.restore();
  drawLabels(context, scene, ink);
  drawFlags(context, scene, ink);
  if (scene.bar) drawBar(context, scene, scene.bar, ink);
}

function drawPaper(
  context: CanvasRenderingContext2D,
  { axis, width, height, band }: PageScene,
  ink: Ink,
): void {
  context.fillStyle = ink('paper');
  context.fillRect(0, 0, width, height);
  const top = lanesTop(band) - flagsPx;
  const pxPerS = axis.width / axis.seconds;
  const major = labelStep(axis, 12);
  const minor = pxPerS >= 40 ? 0.2 : NaN;
  for (const [step, token] of [
    [minor, 'paper-grid-2'],
    [major, 'paper-grid-1'],
  ] as const) {
    if (Number.isNaN(step)) continue;
    context.strokeStyle = ink(token);
    context.lineWidth = 1;
    context.beginPath();
    for (let k = Math.ceil(axis.startS / step - 1e-6); k * step <= axis.startS + axis.seconds + 1e-6; k++) {
      const x = Math.round(xOf(axis, k * step)) + 0.5;
      context.moveTo(x, top);
      context.lineTo(x, height);
    }
    context.stroke();
  }
}

function drawRuler(
  context: CanvasRenderingContext2D,
  { axis, startedAt, durationS }: PageScene,
  ink: Ink,
): void {
  const y = rulerPx / 2 + 1;
  const step = labelStep(axis, 74);
  context.textAlign = 'left';
  if (startedAt) {
    context.font = canvasFont(11);
    context.fillStyle = ink('ink-3');
    context.fillText(shortClock(startedAt, axis.startS), 14, y, axis.left - 18);
  }
  context.font = canvasFont(11, 600);
  context.fillStyle = ink('ink');
  const first = time(axis.startS + 1e-6);
  context.fillText(first, axis.left, y);
  const clear = axis.left + context.measureText(first).width + 10;
  context.font = canvasFont(11);
  context.textAlign = 'center';
  for (let k = Math.floor(axis.startS / step) + 1; k * step < axis.startS + axis.seconds - 1e-6; k++) {
    const x = xOf(axis, k * step);
    if (x - 26 < clear || x + 26 > axis.left + axis.width + 16 || k * step > durationS) continue;
    context.fillStyle = ink(k % 5 === 0 ? 'ink-2' : 'ink-3');
    context.fillText(time(k * step), x, y);
  }
}

function drawTrace(
  context: CanvasRenderingContext2D,
  scene: PageScene,
  trace: DrawnTrace,
  y: number,
  ink: Ink,
): void {
  const { axis } = scene;
  if (trace.missing !== null) {
    context.font = canvasFont(11);
    context.fillStyle = ink('ink-3');
    context.textAlign = 'left';
    context.fillText(`not drawn: ${trace.missing}`, axis.left + 8, y);
    return;
  }
  context.beginPath();
  context.strokeStyle = ink(trace.colour);
  // At one device pixel or less a line is drawn as a hairline: ten times as fast as a stroked outline without a graphics card.
  context.lineWidth = trace.name === scene.focus ? 1.6 : 1;
  // Sharp deflections need no mitre, and a bevel is the cheapest join.
  context.lineJoin = 'bevel';
  tracePath(context, trace.pieces, {
    ...axis,
    y,
    centre: trace.centre,
    pxPerUv: trace.pxPerUv,
    inverted: trace.inverted,
    stairs: trace.stairs,
    reachPx: scene.cut ? scene.layout.unit / 2 : Infinity,
  });
  context.stroke();
  for (const { fromS, toS } of trace.flat) {
    const x = Math.max(axis.left, xOf(axis, fromS));
    const end = Math.min(axis.left + axis.width, xOf(axis, toS));
    if (end <= x) continue;
    context.strokeStyle = ink('warn');
    context.lineWidth = 2;
    context.setLineDash([5, 3]);
    context.beginPath();
    context.moveTo(x, Math.round(y));
    context.lineTo(end, Math.round(y));
    context.stroke();
    context.setLineDash([]);
    if (end - x > 38 && scene.layout.unit >= wordsPx)
      tag(context, 'flat', x + 2, y, { edge: ink('warn'), fill: ink('paper'), text: ink('warn') });
  }
}

/** Rails with posts above and below the stretch, on a tint: the converter's limits, whatever the filters made of the trace. */
function drawSaturation(
  context: CanvasRenderingContext2D,
  { axis, layout }: PageScene,
  { saturated }: DrawnTrace,
  y: number,
  ink: Ink,
): void {
  if (saturated.length === 0) return;
  const half = Math.round(Math.max(3, Math.min(11, layout.unit * 0.36)));
  const middle = Math.round(y) + 0.5;
  const [edge, fill] = [ink('warn'), ink('paper')];
  context.lineJoin = 'miter';
  for (const { left, width } of railsOf(axis, saturated)) {
    context.fillStyle = withAlpha(edge, 0.16);
    context.fillRect(left, middle - half, width, 2 * half);
    context.beginPath();
    for (const side of [-half, half]) {
      context.moveTo(left, middle + side * 0.5);
      context.lineTo(left, middle + side);
      context.lineTo(left + width, middle + side);
      context.lineTo(left + width, middle + side * 0.5);
    }
    // A rim of paper parts the rails from a trace of a similar colour.
    for (const [colour, wide] of [
      [fill, 5],
      [edge, 2],
    ] as const) {
      context.strokeStyle = colour;
      context.lineWidth = wide;
      context.stroke();
    }
    const shown = Math.max(left, axis.left);
    if (left + width - shown > 64 && layout.unit >= wordsPx)
      tag(context, 'clipped', shown + 4, y, { edge, fill, text: edge });
  }
}

/** Stretches in pixels, wide enough to be seen; those that nearly touch are one. */
export function railsOf(
  axis: TimeAxis,
  saturated: readonly { fromS: number; toS: number }[],
): { left: number; width: number }[] {
  const rails: { left: number; width: number }[] = [];
  for (const { fromS, toS } of saturated) {
    const left = Math.round(xOf(axis, fromS));
    const right = Math.max(left + 4, Math.round(xOf(axis, toS)));
    if (right < axis.left || left > axis.left + axis.width) continue;
    const last = rails.at(-1);
    if (last && left - (last.left + last.width) < 6) last.width = Math.max(last.width, right - last.left);
    else rails.push({ left, width: right - left });
  }
  return rails;
}

/** Why a trace is grey, where its lane has room for words; else its label says that it is bad. */
function drawReason(
  context: CanvasRenderingContext2D,
  { axis, layout }: PageScene,
  trace: DrawnTrace,
  y: number,
  ink: Ink,
): void {
  if (!trace.bad || layout.unit < wordsPx) return;
  tag(context, trace.note ?? 'marked bad', axis.left + 6, y, {
    edge: ink('line-strong'),
    fill: ink('paper'),
    text: ink('ink-2'),
  });
}

function drawMarkSpans(context: CanvasRenderingContext2D, scene: PageScene, ink: Ink): void {
  const { axis, layout, height } = scene;
  for (const mark of scene.marks) {
    if (mark.durationS <= 0) continue;
    const left = xOf(axis, mark.startS);
    const right = xOf(axis, mark.startS + mark.durationS);
    const lane =
      mark.channel === null
        ? -1
        : scene.traces.findIndex(({ name, label }) => name === mark.channel || label === mark.channel);
    if (lane < 0 && mark.source === 'file') continue; // blocks of a protocol cover whole pages: their flag's bar says it
    const y = lane < 0 ? lanesTop(scene.band) : layout.places[lane]!.y - layout.unit * 0.6;
    const span = lane < 0 ? height - y : layout.unit * 1.2;
    context.fillStyle = ink('bad-span');
    context.fillRect(left, y, right - left, span);
    context.strokeStyle = ink(mark.source === 'automatic' ? 'rejected' : 'mark-human');
    context.lineWidth = 1;
    context.setLineDash(mark.source === 'automatic' ? [3, 3] : []);
    if (lane >= 0) context.strokeRect(left, Math.round(y) + 0.5, right - left, Math.round(span));
    context.setLineDash([]);
  }
}

/** Gaps, what lies behind the end, and what is still being read. */
function drawHoles(context: CanvasRenderingContext2D, scene: PageScene, ink: Ink): void {
  const { axis, height, durationS } = scene;
  const top = lanesTop(scene.band) - flagsPx;
  const words = (text: string, left: number, right: number): void => {
    const [a, b] = [Math.max(left, axis.left), Math.min(right, axis.left + axis.width)];
    context.font = canvasFont(11, 500);
    const width = context.measureText(text).width + 12;
    if (b - a > width + 8)
      tag(context, text, (a + b) / 2 - width / 2, (top + height) / 2, {
        edge: ink('line-strong'),
        fill: ink('paper'),
        text: ink('ink-2'),
      });
  };
  const hole = (fromS: number, toS: number, text: string): void => {
    const left = xOf(axis, fromS);
    const right = xOf(axis, toS);
    if (right < axis.left || left > axis.left + axis.width) return;
    drawHatch(
      context,
      { x: left, y: top, width: right - left, height: height - top },
      ink('paper-gap'),
      ink('line-strong'),
    );
    words(text, left, right);
  };
  for (const { startS, endS } of scene.gaps)
    hole(startS, endS, `nothing recorded for ${duration(endS - startS)}`);
  if (durationS < axis.startS + axis.seconds) {
    const left = xOf(axis, durationS);
    context.fillStyle = ink('bg-sunken');
    context.fillRect(left, top, axis.left + axis.width - left, height - top);
    words('end of the recording', left, axis.left + axis.width);
  }
}

function drawLabels(context: CanvasRenderingContext2D, scene: PageScene, ink: Ink): void {
  const { layout, traces, gutter } = scene;
  const columnWidth = (gutter - 14) / layout.columns;
  context.textAlign = 'left';
  for (const [i, trace] of traces.entries()) {
    const { y, column } = layout.places[i]!;
    context.font = canvasFont(11, trace.name === scene.focus ? 700 : 500);
    context.fillStyle = ink(trace.missing !== null || trace.bad ? 'ink-3' : trace.colour);
    const words = fit(context, labelText(trace, layout.unit), columnWidth - 3);
    context.fillText(words, 14 + column * columnWidth, y);
  }
  for (const { first, last } of layout.bars) {
    context.fillStyle = ink(traces[first]!.colour);
    const from = layout.places[first]!.y - layout.unit * 0.36;
    context.fillRect(5, from, 2.5, layout.places[last]!.y + layout.unit * 0.36 - from);
  }
}

/** @param unit height of a lane: a narrow one has no other place to say that its trace is bad */
export function labelText(trace: Pick<DrawnTrace, 'label' | 'bad'>, unit: number): string {
  return trace.bad && unit < wordsPx ? `${trace.label} bad` : trace.label;
}

/** Flags side by side; where they would lie on one another the later keeps its staff and loses its words. */
function drawFlags(context: CanvasRenderingContext2D, scene: PageScene, ink: Ink): void {
  const { axis, height, band } = scene;
  const y = lanesTop(band) - flagsPx / 2;
  const right = axis.left + axis.width;
  const colourOf = (mark: MarkView): string => ink(mark.source === 'automatic' ? 'mark-auto' : 'mark-human');
  // All staffs first: the words of one mark lie over the staff of the next.
  for (const mark of scene.marks) {
    const x = xOf(axis, mark.startS);
    const end = xOf(axis, mark.startS + mark.durationS);
    const colour = colourOf(mark);
    if (mark.durationS > 0) {
      context.fillStyle = colour;
      const from = Math.max(axis.left, x);
      context.globalAlpha = 0.5;
      // A hair of paper between two that follow one another.
      context.fillRect(from, y + 8, Math.max(0, Math.min(right, end - 2) - from), 2);
      context.globalAlpha = 1;
    }
    if (x >= axis.left && x <= right) line(context, x, y, x, height, colour, staffDash(mark));
  }
  let free = axis.left - 1;
  for (const mark of scene.marks) {
    const at = Math.max(axis.left, xOf(axis, mark.startS));
    const colour = colourOf(mark);
    if (at < free || at > right - 12) continue;
    const width = tag(context, mark.text, at, y, {
      edge: colour,
      text: colour,
      fill: ink(mark.source === 'automatic' ? 'paper' : 'info-soft'),
      dashed: mark.source === 'automatic',
      most: Math.min(200, right + 14 - at),
    });
    free = at + width + 4;
  }
}

function staffDash(mark: MarkView): number[] {
  return mark.source === 'automatic' ? [2, 4] : [];
}

/** A known µV, in the right margin at the foot of the page. */
function drawBar(
  context: CanvasRenderingContext2D,
  { width, height }: PageScene,
  { microvolt, px }: { microvolt: number; px: number },
  ink: Ink,
): void {
  const x = width - 7;
  const top = height - 14 - px;
  context.strokeStyle = ink('ink');
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(x - 4, top);
  context.lineTo(x, top);
  context.lineTo(x, top + px);
  context.lineTo(x - 4, top + px);
  context.stroke();
  const text = `${microvolt} µV`;
  context.font = canvasFont(11);
  context.textAlign = 'right';
  const wide = context.measureText(text).width;
  context.fillStyle = ink('paper');
  context.fillRect(x - wide - 11, top + px / 2 - 8, wide + 7, 16);
  context.fillStyle = ink('ink');
  context.fillText(text, x - 7, top + px / 2 + 0.5);
}
