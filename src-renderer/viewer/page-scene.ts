/** Everything a page shows, worked out as data before anything is drawn. */
import type { Span } from '#shared/eeg/recording.ts';
import type { MarkView, RecordingDetail, TraceView } from '#shared/views.ts';
import { displayName } from '#shared/eeg/electrodes.ts';
import type { LaneLayout } from './lanes.ts';
import { isInverted, pxPerMicrovolt, type TimeAxis } from './scale.ts';
import type { Piece } from './trace-path.ts';
import { flatSpans, halfRangeOf, medianOf } from './trace-values.ts';

export type Hemispheres = 'left-blue' | 'left-red' | 'by-type' | 'black';

export interface DrawnTrace {
  /** As printed. */
  label: string;
  /** As the back end calls it: the identity across pages. */
  name: string;
  colour: string;
  bad: boolean;
  missing: string | null;
  /** Why it is bad, what it was made from. */
  note: string | null;
  /** 'µV', '%', or '' for codes. */
  unit: string;
  filtered: TraceView['filtered'];
  pieces: Piece[];
  /** Every value holds until the next: codes and slow sensors, never filtered. */
  stairs: boolean;
  pxPerUv: number;
  /** µV/mm that the page prints for this lane; null where it is the page's. */
  ownScale: number | null;
  inverted: boolean;
  /** Value on the lane's centre: 0 for EEG behind a low filter, else the page's median; the middle of all codes seen. */
  centre: number;
  flat: { fromS: number; toS: number }[];
  /** At a converter's limit in the file; `who` rests there. */
  saturated: Saturated[];
}

/** What the pages read so far hold of one trace. */
export interface TraceContent extends Pick<TraceView, 'saturated' | 'stuck'> {
  pieces: Piece[];
}

export interface Saturated {
  fromS: number;
  toS: number;
  who: string;
}

export interface PageScene {
  axis: TimeAxis;
  width: number;
  height: number;
  layout: LaneLayout;
  traces: DrawnTrace[];
  durationS: number;
  gaps: readonly Span[];
  marks: MarkView[];
  /** There is a distillate, and a row for its segments. */
  band: boolean;
  startedAt: string | null;
  negativeUp: boolean;
  /** Traces end at the edges of their lanes instead of running over their neighbours. */
  cut: boolean;
  /** Width of the label gutter. */
  gutter: number;
  focus: string | null;
  bar: { microvolt: number; px: number } | null;
}

export interface TraceSetting {
  sensitivity: number;
  pxPerMm: number;
  hemispheres: Hemispheres;
  names: 'modern' | 'older';
  negativeUp: boolean;
  /** µV/mm by trace name: set by hand, or found when the trace was first seen. */
  ownScales: ReadonlyMap<string, number>;
  /** Values on the centres of stairs, by trace name. */
  middles: ReadonlyMap<string, number>;
  /** What a channel at a position of the file is called. */
  nameOf: (channel: number) => string;
  /** Traces of other kinds than EEG are drawn around their own level; EEG too while no low filter holds it at 0. */
  centred: boolean;
}

export const rulerPx = 22;
export const bandPx = 20;
export const flagsPx = 20;
export const rightPx = 18;

/** Upper edge of the lanes. */
export function lanesTop(band: boolean): number {
  return rulerPx + (band ? bandPx : 0) + flagsPx;
}

export function drawnTraces(
  traces: readonly TraceView[],
  contentOf: (trace: number) => TraceContent,
  setting: TraceSetting,
): DrawnTrace[] {
  const suffix = commonReference(traces);
  return traces.map((trace, i) => {
    const { pieces, saturated, stuck } = trace.missing === null ? contentOf(i) : nothing;
    const own = setting.ownScales.get(trace.label) ?? null;
    const clipped = joined(saturated, setting.nameOf);
    const atZero = trace.kind === 'eeg' && !setting.centred;
    const centre = atZero ? 0 : (setting.middles.get(trace.label) ?? medianOf(pieces));
    return {
      label: displayName(
        trace.kind === 'eeg' ? trace.label.slice(0, trace.label.length - suffix.length) : trace.label,
        setting.names,
      ).replaceAll('-', '–'),
      name: trace.label,
      colour: traceToken(trace, setting.hemispheres),
      bad: trace.bad,
      missing: trace.missing,
      note: trace.note,
      unit: trace.unit,
      filtered: trace.filtered,
      pieces,
      stairs: isStairs(trace),
      pxPerUv: pxPerMicrovolt(own ?? setting.sensitivity, setting.pxPerMm),
      ownScale: own,
      inverted: isInverted(trace.kind, setting.negativeUp),
      centre: Number.isNaN(centre) ? 0 : centre,
      // Still in the file, or still as derived: two leads in one drop of gel differ by nothing.
      flat:
        trace.kind === 'eeg'
          ? union([...flatSpans(pieces, 1, 0.5), ...joined(stuck, setting.nameOf)]).filter(
              (span) => !clipped.some((rest) => covers(rest, span)),
            )
          : [],
      saturated: clipped,
    };
  });
}

const nothing: TraceContent = { pieces: [], saturated: [], stuck: [] };

/** What rests at a limit is clipped; that it stands still there need not be said as well. */
function covers(
  outer: { fromS: number; toS: number },
  inner: { fromS: number; toS: number },
  slackS = 0.1,
): boolean {
  return outer.fromS <= inner.fromS + slackS && outer.toS >= inner.toS - slackS;
}

/** Stretches without overlap. */
function union(spans: readonly { fromS: number; toS: number }[]): { fromS: number; toS: number }[] {
  const found: { fromS: number; toS: number }[] = [];
  for (const { fromS, toS } of spans.toSorted((a, b) => a.fromS - b.fromS)) {
    const last = found.at(-1);
    if (last && fromS <= last.toS + 1e-6) last.toS = Math.max(last.toS, toS);
    else found.push({ fromS, toS });
  }
  return found;
}

/** What goes through no filter is a state rather than a wave: it holds until the next value. */
export function isStairs({ filtered }: Pick<TraceView, 'filtered'>): boolean {
  return filtered === 'none';
}

/** Stretches that the edge of what is read at once had parted are one again. */
function joined(saturated: TraceView['saturated'], nameOf: (channel: number) => string): Saturated[] {
  const found: Saturated[] = [];
  for (const { startS, endS, channel } of saturated) {
    const who = nameOf(channel);
    const last = found.findLast((each) => each.who === who);
    if (last && startS - last.toS < 1e-6) last.toS = Math.max(last.toS, endS);
    else found.push({ fromS: startS, toS: endS, who });
  }
  return found;
}

/** '-AVG' where every EEG trace ends in it: the footer names the reference once, so that labels need not. */
function commonReference(traces: readonly TraceView[]): string {
  const eeg = traces.filter(({ kind }) => kind === 'eeg');
  const suffix = /-[^-]+$/.exec(eeg[0]?.label ?? '')?.[0] ?? '';
  return eeg.length > 1 && suffix !== '' && eeg.every(({ label }) => label.endsWith(suffix)) ? suffix : '';
}

/**
 * A µV/mm at which a trace that is no EEG fills about its lane, from the ladder 1, 2, 5 · 10ⁿ.
 * @returns null where nothing is recorded or nothing moves: such a page says nothing about the next
 */
export function fittingScale(pieces: readonly Piece[], laneMm: number): number | null {
  const half = halfRangeOf(pieces);
  if (half === 0) return null;
  return ladderAbove(Math.max(1e-3, half / Math.max(1, laneMm * 0.6)));
}

/** Units per mm at which stairs from `low` to `high` stay within their lane. */
export function stairsScale(low: number, high: number, laneMm: number): number {
  return ladderAbove(Math.max(1e-3, (high - low) / Math.max(1, laneMm * 0.8)));
}

/** The next of 1, 2, 5 · 10ⁿ. */
function ladderAbove(wanted: number): number {
  const power = 10 ** Math.floor(Math.log10(wanted));
  return [1, 2, 5, 10].map((step) => step * power).find((value) => value >= wanted * (1 - 1e-9)) ?? wanted;
}

/** Token of a trace's line: hemisphere, kind, or one ink. Bad is grey in all of them. */
export function traceToken(
  trace: Pick<TraceView, 'kind' | 'hemisphere' | 'bad'>,
  hemispheres: Hemispheres,
): string {
  if (trace.bad) return 'trace-bad';
  if (trace.kind === 'ecg') return 'trace-ecg';
  if (trace.kind === 'eog') return 'trace-eog';
  if (trace.kind !== 'eeg') return 'trace-aux';
  if (hemispheres === 'by-type' || hemispheres === 'black') return 'trace';
  const left = hemispheres === 'left-blue' ? 'trace-blue' : 'trace-red';
  const right = hemispheres === 'left-blue' ? 'trace-red' : 'trace-blue';
  return { left, right, midline: 'trace-mid', none: 'trace' }[trace.hemisphere];
}

export interface LegendEntry {
  token: string;
  text: string;
  /** A line, the rails around a clipped stretch, the dashes on a flat one. */
  form: 'line' | 'rails' | 'dashes';
}

/** Legend of the lines that are there, in words. @param faults which of them something on the page has */
export function legendOf(
  traces: readonly TraceView[],
  hemispheres: Hemispheres,
  faults: { clipped: boolean; flat: boolean },
): LegendEntry[] {
  const found = new Map<string, string>();
  for (const trace of traces) {
    if (trace.missing !== null) continue;
    const side = hemispheres === 'left-blue' || hemispheres === 'left-red' ? trace.hemisphere : 'none';
    const text = trace.bad
      ? 'bad'
      : trace.kind !== 'eeg'
        ? kindWords[trace.kind]
        : side === 'none'
          ? 'EEG'
          : side;
    found.set(text, traceToken(trace, hemispheres));
  }
  const order = ['left', 'right', 'midline', 'EEG'];
  const rank = (text: string): number =>
    order.includes(text) ? order.indexOf(text) : order.length + (text === 'bad' ? 1 : 0);
  const lines = [...found]
    .sort(([a], [b]) => rank(a) - rank(b))
    .map(([text, token]): LegendEntry => ({ token, text, form: 'line' }));
  if (faults.clipped) lines.push({ token: 'warn', text: 'clipped', form: 'rails' });
  if (faults.flat) lines.push({ token: 'warn', text: 'flat', form: 'dashes' });
  return lines;
}

const kindWords = {
  eeg: 'EEG',
  eog: 'eyes',
  ecg: 'ECG',
  emg: 'muscle',
  resp: 'breath',
  acc: 'motion',
  trigger: 'trigger',
  annotations: 'notes',
  aux: 'other',
  unknown: 'other',
} as const;

/** Channels a reader may mean when a trace looks bad: those its label names, also where the trace is not drawn for their sake. */
export function channelsOfTrace(
  trace: TraceView,
  channels: RecordingDetail['channelList'],
): RecordingDetail['channelList'] {
  const parts = trace.label.split('-');
  const own =
    trace.channels.length > 0
      ? channels.filter(({ position }) => trace.channels.includes(position))
      : channels;
  const named = own.filter(
    ({ electrode, label, bipolar }) =>
      label === trace.label ||
      (electrode !== null && parts.includes(electrode)) ||
      bipolar?.join('-') === trace.label,
  );
  if (named.length > 0) return named.slice(0, 9);
  return trace.channels.length <= 2 ? own.slice(0, trace.channels.length) : own.slice(0, 1);
}
