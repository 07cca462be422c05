/** The whole recording in four strips: what is where, in seconds and pixels, and how it is drawn. */
import type { Span } from '#shared/eeg/recording.ts';
import type { MarkView } from '#shared/views.ts';

export interface MinimapLayout {
  /** Room for the strips' names, and the right end of the strips. */
  left: number;
  right: number;
  width: number;
  height: number;
  durationS: number;
}

/** What the back end has told so far. */
export interface MinimapData {
  columns: number;
  /** Columns read; the rest is hatched. */
  ready: number;
  /** [4, columns] left min, left max, right min, right max in µV */
  envelope: Float32Array;
  /** [25, columns] dB at 1 … 25 Hz */
  spectrogram: Float32Array;
}

export interface Fate {
  startS: number;
  endS: number;
  fate: string;
}

/** Rows of the spectrogram: 1 … 25 Hz. */
export const bands = 25;
/** Upper edges and heights of the strips in px. */
export const strips = {
  spectrogram: { top: 4, height: 26 },
  envelope: { top: 32, height: 22 },
  marks: { top: 56, height: 11 },
  segments: { top: 70, height: 8 },
  axis: { top: 80, height: 16 },
} as const;
export const minimapHeight = 98;

/** A column per second, within what a screen can show. */
export function overviewColumns(durationS: number): number {
  return Math.min(1000, Math.max(60, Math.ceil(durationS)));
}

export function xAt({ left, right, width, durationS }: MinimapLayout, atS: number): number {
  return left + (atS / Math.max(durationS, 1e-9)) * (width - left - right);
}

export function secondsAt({ left, right, width, durationS }: MinimapLayout, x: number): number {
  return ((x - left) / Math.max(1, width - left - right)) * durationS;
}

/** A page that stays inside the recording. */
export function clampStart(startS: number, seconds: number, durationS: number): number {
  return Math.max(0, Math.min(startS, durationS - seconds));
}

/** What lies between the recorded spans. */
export function gapsOf(spans: readonly Span[], durationS: number): Span[] {
  const gaps: Span[] = [];
  let end = 0;
  for (const span of spans.toSorted((a, b) => a.startS - b.startS)) {
    if (span.startS - end > 1e-6) gaps.push({ startS: end, endS: span.startS });
    end = Math.max(end, span.endS);
  }
  if (spans.length > 0 && durationS - end > 1e-6) gaps.push({ startS: end, endS: durationS });
  return gaps;
}

/** Half the height of a column's envelope in µV; NaN in a gap. */
export function halfHeight(low: number, high: number): number {
  return Math.max(Math.abs(low), Math.abs(high));
}

/** The values at two shares of the sorted finite ones; null when there are none. */
export function limitsOf(
  values: ArrayLike<number>,
  low: number,
  high: number,
): readonly [number, number] | null {
  const finite = Array.from(values)
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  if (finite.length === 0) return null;
  const at = (share: number): number => finite[Math.round(share * (finite.length - 1))]!;
  return [at(low), at(high)];
}

/** Ticks of the time axis: '0', '2 min', '4 min' … at least 70 px apart; seconds below two minutes, hours above two. */
export function timeTicks(durationS: number, widthPx: number): { atS: number; text: string }[] {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200];
  const step = steps.find((each) => (each / durationS) * widthPx >= 70) ?? 86_400;
  const ticks: { atS: number; text: string }[] = [];
  for (let atS = 0; atS <= durationS; atS += step) ticks.push({ atS, text: tickText(atS, step) });
  return ticks;
}

function tickText(atS: number, stepS: number): string {
  if (atS === 0) return '0';
  if (stepS >= 3600) return `${atS / 3600} h`;
  if (stepS >= 60) return `${atS / 60} min`;
  if (atS % 60 === 0) return `${atS / 60} min`;
  return atS < 60 ? `${atS} s` : `${Math.floor(atS / 60)}:${String(atS % 60).padStart(2, '0')}`;
}

/** Which token each hemisphere wears in a preset. */
export function hemisphereTokens(preset: string): { left: string; right: string } {
  if (preset === 'left-red') return { left: 'trace-red', right: 'trace-blue' };
  if (preset === 'left-blue') return { left: 'trace-blue', right: 'trace-red' };
  return { left: 'trace', right: 'trace' };
}

/** [columns · bands] RGBA of the spectrogram, highest frequency first; transparent where there is nothing. */
export function spectrogramPixels(
  { columns, ready, spectrogram }: MinimapData,
  ramp: readonly (readonly [number, number, number])[],
): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(4 * columns * bands);
  const limits = limitsOf(spectrogram, 0.05, 0.99);
  if (!limits) return pixels;
  const span = Math.max(1e-6, limits[1] - limits[0]);
  for (let band = 0; band < bands; band++)
    for (let column = 0; column < ready; column++) {
      const value = spectrogram[band * columns + column]!;
      if (!Number.isFinite(value)) continue;
      const at = 4 * ((bands - 1 - band) * columns + column);
      const place = Math.max(0, Math.min(1, (value - limits[0]) / span)) * (ramp.length - 1);
      const low = ramp[Math.floor(place)]!;
      const high = ramp[Math.min(ramp.length - 1, Math.floor(place) + 1)]!;
      const share = place - Math.floor(place);
      for (let c = 0; c < 3; c++) pixels[at + c] = low[c]! + share * (high[c]! - low[c]!);
      pixels[at + 3] = 255;
    }
  return pixels;
}

/** 'rgb(13, 23, 32)' as three numbers. */
export function rgbOf(colour: string): [number, number, number] {
  const [r = 0, g = 0, b = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  return [r, g, b];
}

type Ink = (token: string) => string;

/** Left up, right down, on one scale: the 98th percentile of both fills half the strip. */
export function drawEnvelope(
  context: CanvasRenderingContext2D,
  layout: MinimapLayout,
  { columns, ready, envelope }: MinimapData,
  tokens: { left: string; right: string },
  ink: Ink,
): void {
  const { top, height } = strips.envelope;
  const half = height / 2;
  const middle = top + half;
  const sides = [0, 1].map((side) =>
    Float32Array.from({ length: ready }, (_, column) =>
      halfHeight(envelope[2 * side * columns + column]!, envelope[(2 * side + 1) * columns + column]!),
    ),
  );
  const limit = limitsOf([...sides[0]!, ...sides[1]!], 0, 0.98)?.[1] ?? 1;
  const step = (layout.width - layout.left - layout.right) / columns;
  sides.forEach((values, side) => {
    context.fillStyle = ink(side === 0 ? tokens.left : tokens.right);
    context.globalAlpha = 0.8;
    for (let column = 0; column < values.length; column++) {
      const value = values[column]!;
      if (!Number.isFinite(value)) continue;
      const size = Math.max(0.5, Math.min(1, value / Math.max(limit, 1e-9)) * half);
      context.fillRect(
        layout.left + column * step,
        side === 0 ? middle - size : middle,
        Math.max(step, 0.6),
        size,
      );
    }
  });
  context.globalAlpha = 1;
}

/** By hand solid, automatic hollow, of the file thin: three forms, not only three colours. */
export function drawMarks(
  context: CanvasRenderingContext2D,
  layout: MinimapLayout,
  marks: readonly MarkView[],
  ink: Ink,
): void {
  const { top, height } = strips.marks;
  for (const { source, startS } of marks) {
    const x = Math.round(xAt(layout, startS));
    if (source === 'automatic') {
      context.strokeStyle = ink('mark-auto');
      context.lineWidth = 1;
      context.strokeRect(x - 1.5, top + 1.5, 3, height - 3);
    } else if (source === 'human') {
      context.fillStyle = ink('mark-human');
      context.fillRect(x - 1.5, top + 1, 3, height - 2);
    } else {
      context.fillStyle = ink('ink-3');
      context.fillRect(x - 0.5, top + 2, 1, height - 4);
    }
  }
}

/** Left out pale, kept petrol squares over them, rejected orange crossed by a lighter line. */
export function drawSegments(
  context: CanvasRenderingContext2D,
  layout: MinimapLayout,
  segments: readonly Fate[],
  ink: Ink,
): void {
  const { top, height } = strips.segments;
  const order = ['left-out', 'rejected', 'kept'];
  const tokens: Record<string, string> = { 'left-out': 'line-strong', rejected: 'rejected', kept: 'kept' };
  for (const fate of order) {
    context.fillStyle = ink(tokens[fate]!);
    for (const segment of segments) {
      if (segment.fate !== fate) continue;
      const x = xAt(layout, segment.startS);
      const full = xAt(layout, segment.endS) - x;
      const least = fate === 'left-out' ? 0.7 : 2.5;
      const width = Math.max(least, full - (full > 3 ? 1 : 0));
      if (fate === 'left-out') context.globalAlpha = 0.55;
      context.fillRect(
        x,
        fate === 'left-out' ? top + 1.5 : top,
        width,
        height - (fate === 'left-out' ? 3 : 0),
      );
      context.globalAlpha = 1;
    }
  }
}

/** Slanted lines on a ground: nothing was recorded, or it was not read yet. */
export function drawHatch(
  context: CanvasRenderingContext2D,
  box: { x: number; y: number; width: number; height: number },
  ground: string,
  lines: string,
): void {
  if (box.width <= 0) return;
  context.save();
  context.beginPath();
  context.rect(box.x, box.y, box.width, box.height);
  context.clip();
  context.fillStyle = ground;
  context.fillRect(box.x, box.y, box.width, box.height);
  context.strokeStyle = lines;
  context.lineWidth = 1;
  context.beginPath();
  for (let x = box.x - box.height; x < box.x + box.width; x += 6) {
    context.moveTo(x, box.y + box.height);
    context.lineTo(x + box.height, box.y);
  }
  context.stroke();
  context.restore();
}
