/** What stands in a plot beside its lines: shaded stretches, upright lines, rings, levels, labels at the ends, units. */
import type uPlot from 'uplot';
import type { PlotLevel, PlotMark, PlotSeries } from './series.ts';

type Ink = (token: string) => string;

/** Before the lines: shaded stretches. */
export function drawBehind(u: uPlot, marks: readonly PlotMark[], ink: Ink): void {
  const { ctx, bbox } = u;
  ctx.save();
  for (const { x, until, text } of marks) {
    if (until === undefined) continue;
    const [a, b] = [u.valToPos(x, 'x', true), u.valToPos(until, 'x', true)];
    ctx.fillStyle = ink('bg-sunken');
    ctx.fillRect(a, bbox.top, b - a, bbox.height);
    label(ctx, text, a + 7 * ratio(), bbox.top + 14 * ratio(), ink('ink-3'));
  }
  ctx.restore();
}

/** After the lines. */
export function drawMarks(
  u: uPlot,
  what: {
    marks: readonly PlotMark[];
    levels: readonly PlotLevel[];
    series: readonly PlotSeries[];
    yTitle: string;
    bare: boolean;
  },
  ink: Ink,
): void {
  const { ctx, bbox } = u;
  const r = ratio();
  ctx.save();
  for (const { y, colour, text } of what.levels) {
    const at = u.valToPos(y, 'y', true);
    line(ctx, bbox.left, at, bbox.left + bbox.width, at, ink(colour), [3 * r, 3 * r]);
    if (text)
      label(ctx, text, bbox.left + bbox.width - 4 * r, at - 5 * r, ink(colour), 'right', ink('bg-panel'));
  }
  for (const { x, y, text, until } of what.marks) {
    if (until !== undefined) continue;
    const at = u.valToPos(x, 'x', true);
    if (y === undefined) {
      line(ctx, at, bbox.top, at, bbox.top + bbox.height, ink('ink'), [3 * r, 3 * r]);
      label(ctx, text, at + 6 * r, bbox.top + 12 * r, ink('ink'), 'left', ink('bg-panel'));
    } else {
      const height = u.valToPos(y, 'y', true);
      ctx.beginPath();
      ctx.arc(at, height, 5 * r, 0, 2 * Math.PI);
      ctx.strokeStyle = ink('ink');
      ctx.lineWidth = 1.5 * r;
      ctx.stroke();
      const right = at > bbox.left + bbox.width * 0.75;
      label(
        ctx,
        text,
        at + (right ? -9 : 9) * r,
        height - 8 * r,
        ink('ink'),
        right ? 'right' : 'left',
        ink('bg-panel'),
        600,
      );
    }
  }
  const ends: { text: string; x: number; y: number }[] = [];
  for (const [i, entry] of what.series.entries()) {
    const values = u.data[i + 1];
    const last = values ? lastIndex(values) : -1;
    const value = values?.[last];
    if (last < 0 || value === null || value === undefined) continue;
    const [x, y] = [u.valToPos(u.data[0][last] ?? 0, 'x', true), u.valToPos(value, 'y', true)];
    if (what.bare && !entry.invisible && !entry.helper) {
      ctx.beginPath();
      ctx.arc(x, y, 2.6 * r, 0, 2 * Math.PI);
      ctx.fillStyle = ink(entry.colour);
      ctx.fill();
    }
    if (entry.direct)
      ends.push({ text: entry.label, x: Math.min(x, bbox.left + bbox.width) - 4 * r, y: y - 7 * r });
  }
  for (const { text, x, y } of apart(ends, 14 * r))
    label(ctx, text, x, y, ink('ink-2'), 'right', ink('bg-panel'));
  if (what.yTitle) label(ctx, what.yTitle, 4 * r, 11 * r, ink('ink-2'));
  ctx.restore();
}

/** Labels from the lowest up, each at least `gap` above the one below it. */
export function apart<Label extends { y: number }>(labels: readonly Label[], gap: number): Label[] {
  let limit = Infinity;
  return labels
    .toSorted((a, b) => b.y - a.y)
    .map((each) => {
      const y = Math.min(each.y, limit);
      limit = y - gap;
      return { ...each, y };
    });
}

function ratio(): number {
  return window.devicePixelRatio || 1;
}

function lastIndex(values: ArrayLike<number | null | undefined>): number {
  for (let i = values.length - 1; i >= 0; i--) if (values[i] !== null && values[i] !== undefined) return i;
  return -1;
}

function line(
  ctx: CanvasRenderingContext2D,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
  colour: string,
  dash: number[],
): void {
  ctx.beginPath();
  ctx.setLineDash(dash);
  ctx.strokeStyle = colour;
  ctx.lineWidth = ratio();
  ctx.moveTo(x0, y0);
  ctx.lineTo(x1, y1);
  ctx.stroke();
  ctx.setLineDash([]);
}

/** With a halo in the colour of the ground, so that it stays readable over lines. */
function label(
  ctx: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  colour: string,
  align: CanvasTextAlign = 'left',
  halo?: string,
  weight = 400,
): void {
  ctx.font = `${weight} ${11 * ratio()}px "Plex Sans", system-ui, sans-serif`;
  ctx.textAlign = align;
  ctx.textBaseline = 'alphabetic';
  if (halo) {
    ctx.strokeStyle = halo;
    ctx.lineWidth = 4 * ratio();
    ctx.lineJoin = 'round';
    ctx.strokeText(text, x, y);
  }
  ctx.fillStyle = colour;
  ctx.fillText(text, x, y);
}
