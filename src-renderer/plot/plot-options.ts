/** How a plot is set up for uPlot: scales, axes, lines, and the hooks that draw around them. */
import type uPlot from 'uplot';
import { drawBehind, drawMarks } from './plot-marks.ts';
import {
  plotSides,
  tickTexts,
  withUnit,
  type PlotBand,
  type PlotLevel,
  type PlotMark,
  type PlotSeries,
} from './series.ts';
import { withAlpha } from './theme.ts';

export interface PlotShape {
  size: { width: number; height: number };
  series: readonly PlotSeries[];
  bands: readonly PlotBand[];
  marks: readonly PlotMark[];
  levels: readonly PlotLevel[];
  xRange: readonly [number, number] | undefined;
  yRange: readonly [number | null, number | null] | undefined;
  xLog: boolean;
  yLog: boolean;
  /** No axes but a base line. */
  bare: boolean;
  xTitle: string;
  yTitle: string;
}

/** Where the pointer is, in pixels of the plot, and over which value of x. */
export interface PlotHover {
  left: number;
  top: number;
  index: number;
}

type Format = ((value: number) => string) | undefined;

/**
 * @param now     what is to be drawn at the moment a hook runs
 * @param ink     turns a token into a colour here
 * @param onhover null when the pointer left
 */
export function plotOptions(
  now: () => PlotShape,
  format: { x: Format; y: Format },
  ink: (token: string) => string,
  onhover: (hover: PlotHover | null) => void,
): uPlot.Options {
  const { size, series, bands, xLog, yLog, bare, yTitle } = now();
  return {
    ...size,
    pxAlign: 0,
    legend: { show: false },
    cursor: {
      y: false,
      points: { size: 6, fill: (u, i) => String(u.series[i]?.stroke ?? ''), width: 0 },
      drag: { x: false, y: false },
    },
    padding: bare ? [4, 4, 4, 4] : [yTitle ? 22 : 10, plotSides.end, 0, 0],
    scales: {
      x: { time: false, distr: xLog ? 3 : 1, range: (_u, low, high) => xLimits(now(), low, high) },
      y: { distr: yLog ? 3 : 1, range: (_u, low, high) => yLimits(now(), low, high) },
    },
    axes: bare ? bareAxes(ink) : fullAxes(now(), format, ink),
    series: [{}, ...series.map((entry) => lineOf(entry, ink))],
    bands: bands.map(({ between, colour, alpha }) => ({
      series: [between[0] + 1, between[1] + 1],
      fill: alpha === undefined ? ink(colour) : withAlpha(ink(colour), alpha),
    })),
    hooks: {
      drawClear: [(u) => drawBehind(u, now().marks, ink)],
      draw: [(u) => drawMarks(u, now(), ink)],
      setCursor: [(u) => onhover(hoverOf(u))],
    },
  };
}

function axisOf(ink: (token: string) => string, side: Partial<uPlot.Axis>): uPlot.Axis {
  return {
    font: '11px "Plex Sans", system-ui, sans-serif',
    stroke: ink('ink-3'),
    ticks: { show: false },
    ...side,
  };
}

function bareAxes(ink: (token: string) => string): uPlot.Axis[] {
  return [
    axisOf(ink, {
      size: 2,
      values: () => [],
      grid: { show: false },
      border: { show: true, stroke: ink('line-strong'), width: 1 },
    }),
    axisOf(ink, { show: false }),
  ];
}

function fullAxes(
  { xLog, xTitle }: PlotShape,
  format: { x: Format; y: Format },
  ink: (token: string) => string,
): uPlot.Axis[] {
  return [
    axisOf(ink, {
      size: 28,
      gap: 4,
      grid: { show: false },
      border: { show: true, stroke: ink('line-strong'), width: 1 },
      ticks: { show: true, stroke: ink('line-strong'), width: 1, size: 4 },
      values: (_u, splits) => withUnit(tickTexts(splits, format.x), xTitle),
      // Of a decade only 1, 2 and 5 have room.
      filter: (_u, splits) =>
        splits.map((value) =>
          xLog && !/^[125]e/.test(value.toExponential(6).replace(/\.?0*e/, 'e')) ? null : value,
        ),
    }),
    axisOf(ink, {
      size: plotSides.axis,
      gap: 6,
      grid: { show: true, stroke: ink('line'), width: 1 },
      values: (_u, splits) => tickTexts(splits, format.y),
    }),
  ];
}

function lineOf(entry: PlotSeries, ink: (token: string) => string): uPlot.Series {
  return {
    label: entry.label,
    stroke: ink(entry.colour),
    width: entry.invisible ? 0 : (entry.width ?? 1.5),
    ...(entry.dash ? { dash: [...entry.dash] } : {}),
    spanGaps: true,
    points: entry.points
      ? { show: true, size: 6, fill: ink(entry.colour), stroke: ink('bg-panel'), width: 1 }
      : {
          show: entry.values.filter((value) => value !== null).length === 1 && !entry.invisible,
          size: 6,
          fill: ink(entry.colour),
        },
  };
}

function hoverOf(u: uPlot): PlotHover | null {
  const index = u.cursor.idx ?? null;
  if (index === null || (u.cursor.left ?? -1) < 0) return null;
  return {
    left: (u.cursor.left ?? 0) + u.bbox.left / devicePixelRatio,
    top: u.bbox.top / devicePixelRatio,
    index,
  };
}

function xLimits({ xRange }: PlotShape, low: number | null, high: number | null): [number, number] {
  if (xRange) return [xRange[0], xRange[1]];
  return [low ?? 0, high === low ? (high ?? 0) + 1 : (high ?? 1)];
}

/** Levels are always in sight; a sixteenth of the height is left free where nothing else was asked for. */
function yLimits(
  { levels, yRange, yLog }: PlotShape,
  low: number | null,
  high: number | null,
): [number, number] {
  const all = levels.map(({ y }) => y);
  const [bottom, top] = [Math.min(low ?? 0, ...all), Math.max(high ?? 1, ...all)];
  if (yLog) return [Math.max(1e-9, bottom / 1.1), top * 1.1];
  const room = (top - bottom || Math.abs(top) || 1) * 0.06;
  const from = yRange?.[0] ?? bottom - room;
  const to = yRange?.[1] ?? top + room;
  return [from, to === from ? from + 1 : to];
}
