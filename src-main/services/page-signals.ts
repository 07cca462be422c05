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

/** Per row the stretches in which a channel that matters to it rests at its converter's limit, in time. */
export async function saturationOf(
  page: PageSignals,
  request: PageRequest,
): Promise<TraceView['saturated'][]> {
  const { file, rows, entries } = page;
  const { startS, seconds } = request;
  const endS = startS + seconds;
  const limited = channelsOf(rows).flatMap((position) => {
    const channel = file.header.channels[position]!;
    const limits = converterLimits({ ...channel, kind: entries[position]!.kind });
    return limits ? [{ position, limits, sfreqHz: channel.sfreqHz }] : [];
  });
  // A stretch that the edge of the page cuts to one sample is still one.
  const marginS = 0.1;
  const raw = await file.read(
    startS - marginS,
    seconds + 2 * marginS,
    limited.map(({ position }) => position),
  );
  const found = new Map<number, Stretch[]>();
  for (const [at, { position, limits, sfreqHz }] of limited.entries()) {
    const first = Math.round((startS - marginS) * sfreqHz);
    // Less than a pixel apart on any screen.
    const stretches = saturatedStretches(raw[at]!, limits, first, sfreqHz, seconds / 1000);
    const own = stretches
      .filter((stretch) => stretch.endS > startS && stretch.startS < endS)
      .map((stretch) => ({
        startS: Math.max(startS, stretch.startS),
        endS: Math.min(endS, stretch.endS),
      }));
    if (own.length > 0) found.set(position, own);
  }
  return rows.map((row) =>
    mainChannels(row)
      .flatMap((channel) => (found.get(channel) ?? []).map((stretch) => ({ ...stretch, channel })))
      .sort((a, b) => a.startS - b.startS),
  );
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
