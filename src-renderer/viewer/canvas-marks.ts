/** Small things drawn on paper: tags and upright lines. */
import { canvasFont } from '../plot/theme.ts';

export interface TagStyle {
  edge: string;
  fill: string;
  text: string;
  /** Automatic. */
  dashed?: boolean;
  /** Widest, with the text cut to fit. */
  most?: number;
  weight?: number;
}

/** A word in a rounded box, 16 px high, centred on y. @returns its width */
export function tag(
  context: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  style: TagStyle,
): number {
  context.font = canvasFont(11, style.weight ?? 500);
  const words = fit(context, text, (style.most ?? 400) - 12);
  const width = context.measureText(words).width + 12;
  context.beginPath();
  context.roundRect(Math.round(x) + 0.5, Math.round(y) - 7.5, Math.round(width) - 1, 15, 3);
  context.fillStyle = style.fill;
  context.fill();
  context.strokeStyle = style.edge;
  context.lineWidth = 1;
  context.setLineDash(style.dashed ? [3, 2] : []);
  context.stroke();
  context.setLineDash([]);
  context.fillStyle = style.text;
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  context.fillText(words, Math.round(x) + 6, Math.round(y) + 0.5);
  return width;
}

export function line(
  context: CanvasRenderingContext2D,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
  colour: string,
  dash: number[] = [],
): void {
  context.beginPath();
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.setLineDash(dash);
  context.moveTo(Math.round(x0) + 0.5, y0);
  context.lineTo(Math.round(x1) + 0.5, y1);
  context.stroke();
  context.setLineDash([]);
}

/** The text, or as much of it as fits with '…'. */
export function fit(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  let end = text.length;
  while (end > 1 && context.measureText(`${text.slice(0, end)}…`).width > width) end--;
  return `${text.slice(0, end)}…`;
}
