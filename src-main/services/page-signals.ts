/** The signals of one page: read by window, derived and filtered for display only. */
import type { ChannelMapEntry } from '#shared/eeg/channel-map.ts';
import { applyMontage, channelsOf, deriveMontage, type MontageRow } from '#shared/eeg/montage.ts';
import { montageById } from '#shared/eeg/montages.ts';
import { AppError } from '#shared/errors.ts';
import type { TraceView } from '#shared/views.ts';
import { microvoltFactor } from '#main/io/channel-kind.ts';
import type { Recording } from '#main/io/reader.ts';
import { filterWindow, type PageFilters } from '#main/signal/filter-window.ts';
import { entriesOf } from './channel-entries.ts';
import { converterLimits, saturatedStretches, type Stretch } from './converter-limits.ts';
import { stuckStretches } from './stuck-values.ts';
import type { Study } from './study.ts';

export interface PageRequest extends PageFilters {
  recording: string;
  startS: number;
  seconds: number;
  montage: string;
  pixels: number;
}

export interface PageSignals {
  rows: MontageRow[];
  entries: ChannelMapEntry[];
  /** One per row, µV (the channel's own unit where it is no voltage); NaN where nothing was recorded. */
  values: Float32Array[];
  /** One per row. */
  sfreqHz: number[];
  /** For the footer. */
  reference: string;
  file: Recording;
}

/** @throws AppError 'not-found' without recording or montage · 'unsupported' when the montage cannot be derived here */
export async function pageSignals(
  study: Study,
  request: PageRequest,
  signal?: AbortSignal,
): Promise<PageSignals> {
  const montage = montageById(request.montage);
  if (!montage)
    throw new AppError('not-found', `There is no montage "${request.montage}". Choose one from the list.`);
  const file = await study.files.get(request.recording);
  const entries = entriesOf(study.catalog, request.recording);
  const view = deriveMontage(montage, entries, { bad: study.catalog.marks.badChannels(request.recording) });
  if (view.refusal !== null) throw new AppError('unsupported', view.refusal);
  const byPosition: (Float32Array | undefined)[] = [];
  const groups = Map.groupBy(channelsOf(view.rows), (position) => filteredAs(entries[position]!));
  for (const [filtered, positions] of groups) {
    const filters = pageFilters(request, filtered);
    const values = await readFiltered({ file, entries, positions, filters, signal }, request);
    positions.forEach((position, at) => (byPosition[position] = values[at]));
  }
  return {
    rows: view.rows,
    entries,
    values: applyMontage(view.rows, byPosition),
    sfreqHz: view.rows.map((row) => entries[row.weights[0]?.channel ?? 0]?.sfreqHz ?? 0),
    reference: view.reference,
    file,
  };
}

/** The channel that a row begins with: its kind, unit and filters are the row's. */
export function leadOf({ rows, entries }: PageSignals, row: number): ChannelMapEntry | null {
  const first = rows[row]?.weights[0];
  return first ? (entries[first.channel] ?? null) : null;
}

/**
 * Which of the page's filters a channel goes through. They are made for potentials of the body: codes, counters and percentages
 * would come out as waves that nobody recorded, and breath is slower than the low filter of EEG.
 */
export function filteredAs({ kind, unit }: Pick<ChannelMapEntry, 'kind' | 'unit'>): TraceView['filtered'] {
  if (kind === 'eeg' || kind === 'eog' || kind === 'ecg' || kind === 'emg') return 'all';
  if (kind === 'trigger' || kind === 'annotations' || microvoltFactor(unit) === null) return 'none';
  return kind === 'resp' ? 'not-low' : 'all';
}

/** 'µV', or what the values of a channel without voltage are counted in. */
export function unitOf({ kind, unit }: Pick<ChannelMapEntry, 'kind' | 'unit'>): string {
  if (kind === 'trigger' || kind === 'annotations') return '';
  const isPotential = kind === 'eeg' || kind === 'eog' || kind === 'ecg' || kind === 'emg';
  return isPotential || microvoltFactor(unit) !== null ? 'µV' : unit;
}

/** Per row where it must not be taken as it looks, in time. */
export interface RowFaults {
  /** A channel that matters to the row rests at its converter's limit. */
  saturated: TraceView['saturated'];
  /** Such a channel of EEG stands still. */
  stuck: TraceView['stuck'];
}

/** Looks at the values as they are in the file: filters would round off what is clipped and make waves of what is flat. */
export async function faultsOf(page: PageSignals, { startS, seconds }: PageRequest): Promise<RowFaults[]> {
  const { file, rows, entries } = page;
  const channels = channelsOf(rows);
  // What the edge of the page cuts to one sample, or to half a second, is still there.
  const marginS = 0.5;
  const raw = await file.read(startS - marginS, seconds + 2 * marginS, channels);
  const within = (stretches: readonly Stretch[]): Stretch[] =>
    stretches
      .filter((stretch) => stretch.endS > startS && stretch.startS < startS + seconds)
      .map((stretch) => ({
        startS: Math.max(startS, stretch.startS),
        endS: Math.min(startS + seconds, stretch.endS),
      }));
  const saturated = new Map<number, Stretch[]>();
  const stuck = new Map<number, Stretch[]>();
  for (const [at, position] of channels.entries()) {
    const channel = file.header.channels[position]!;
    const { kind } = entries[position]!;
    const first = Math.round((startS - marginS) * channel.sfreqHz);
    const limits = converterLimits({ ...channel, kind });
    // Joined where less than a pixel apart on any screen.
    if (limits)
      saturated.set(
        position,
        within(saturatedStretches(raw[at]!, limits, first, channel.sfreqHz, seconds / 1000)),
      );
    if (kind === 'eeg') stuck.set(position, within(stuckStretches(raw[at]!, first, channel.sfreqHz)));
  }
  return rows.map((row) => {
    const main = mainChannels(row);
    return { saturated: inTime(saturated, main), stuck: inTime(stuck, main) };
  });
}

function inTime(
  found: ReadonlyMap<number, readonly Stretch[]>,
  channels: readonly number[],
): (Stretch & { channel: number })[] {
  return channels
    .flatMap((channel) => (found.get(channel) ?? []).map((stretch) => ({ ...stretch, channel })))
    .sort((a, b) => a.startS - b.startS);
}

/** Without the small shares of an average: one saturated site of twenty would otherwise mark every row; neighbours of a Laplacian count. */
function mainChannels({ weights }: MontageRow): number[] {
  const largest = Math.max(0, ...weights.map(({ weight }) => Math.abs(weight)));
  return weights.flatMap(({ channel, weight }) => (Math.abs(weight) >= largest / 8 ? [channel] : []));
}

function pageFilters({ lffHz, hffHz, notchHz }: PageFilters, filtered: TraceView['filtered']): PageFilters {
  if (filtered === 'none') return { lffHz: 0, hffHz: 0, notchHz: 0 };
  return { lffHz: filtered === 'not-low' ? 0 : lffHz, hffHz, notchHz };
}

async function readFiltered(
  what: {
    file: Recording;
    entries: readonly ChannelMapEntry[];
    positions: readonly number[];
    filters: PageFilters;
    signal: AbortSignal | undefined;
  },
  { startS, seconds }: PageRequest,
): Promise<Float32Array[]> {
  const { file, entries, positions, filters, signal } = what;
  const read = async (fromS: number, forS: number): Promise<Float32Array[]> => {
    // Whoever asked has turned the page: the rest is not worth computing.
    if (signal?.aborted) throw new AppError('cancelled', 'The page was turned before it was read.');
    const data = await file.read(fromS, forS, positions);
    data.forEach((values, at) =>
      scale(values, entries[positions[at]!]!, file.header.channels[positions[at]!]!.toMicrovolt),
    );
    return data;
  };
  const rates = positions.map((position) => entries[position]!.sfreqHz);
  return filterWindow(read, rates, file.header.spans, filters, startS, seconds);
}

/** The reader applies the header's unit; an answer about the unit may differ from it. */
function scale(values: Float32Array, entry: ChannelMapEntry, applied: number): void {
  const factor = entry.toMicrovolt / applied;
  if (factor !== 1) for (let i = 0; i < values.length; i++) values[i]! *= factor;
}
