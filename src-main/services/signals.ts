/** Pages, overviews and spectra: read by window, derived and filtered for display only. */
import type { ChannelMapEntry } from '#shared/eeg/channel-map.ts';
import { applyMontage, channelsOf, deriveMontage, type MontageRow } from '#shared/eeg/montage.ts';
import { montageById } from '#shared/eeg/montages.ts';
import { AppError } from '#shared/errors.ts';
import type { OverviewView, SpectrumView, TraceView, WindowView } from '#shared/views.ts';
import { minMaxColumns } from '#main/signal/decimate.ts';
import { filterWindow } from '#main/signal/filter-window.ts';
import { decibel, welch } from '#main/signal/spectrum.ts';
import { entriesOf } from './channel-entries.ts';
import { os } from './implementer.ts';
import { overviewOf } from './overview.ts';
import type { Study, Studies } from './study.ts';

interface PageRequest {
  recording: string;
  startS: number;
  seconds: number;
  montage: string;
  lffHz: number;
  hffHz: number;
  notchHz: number;
  pixels: number;
}

interface Page {
  rows: MontageRow[];
  entries: ChannelMapEntry[];
  bad: ReadonlySet<number>;
  values: Float32Array[];
  sfreqHz: number[];
  reference: string;
}

export function signalService(studies: Studies) {
  return os.signals.router({
    window: os.signals.window.handler(({ input }) => windowOf(studies.current(), input)),
    overview: os.signals.overview.handler(({ input }): Promise<OverviewView> =>
      overviewOf(studies.current(), input.recording, input.columns),
    ),
    spectrum: os.signals.spectrum.handler(({ input }) => spectrumOf(studies.current(), input)),
  });
}

async function windowOf(study: Study, request: PageRequest): Promise<WindowView> {
  const page = await pageOf(study, request);
  let offset = 0;
  const parts: Float32Array[] = [];
  const traces = page.rows.map((row, at): TraceView => {
    const full = page.values[at]!;
    const decimate = request.pixels > 0 && full.length > 2 * request.pixels;
    const values = decimate ? minMaxColumns(full, request.pixels) : full;
    const trace: TraceView = {
      label: row.label,
      group: row.group,
      hemisphere: row.hemisphere,
      kind: kindOf(row, page.entries),
      sfreqHz: decimate ? values.length / request.seconds : page.sfreqHz[at]!,
      offset,
      count: row.missing === undefined ? values.length : 0,
      bad: row.weights.some(({ channel }) => page.bad.has(channel)),
      missing: row.missing ?? null,
      note: row.note ?? null,
      channels: row.weights.map(({ channel }) => channel),
    };
    if (row.missing === undefined) {
      parts.push(values);
      offset += values.length;
    }
    return trace;
  });
  return {
    startS: request.startS,
    seconds: request.seconds,
    traces,
    data: new Blob(parts as Float32Array<ArrayBuffer>[]),
    footer: `${montageById(request.montage)?.name ?? request.montage} · ${page.reference}`,
  };
}

async function pageOf(study: Study, request: PageRequest): Promise<Page> {
  const montage = montageById(request.montage);
  if (!montage)
    throw new AppError('not-found', `There is no montage "${request.montage}". Choose one from the list.`);
  const file = await study.files.get(request.recording);
  const entries = entriesOf(study.catalog, request.recording);
  const bad = study.catalog.marks.badChannels(request.recording);
  const view = deriveMontage(montage, entries, { bad });
  if (view.refusal !== null) throw new AppError('unsupported', view.refusal);
  const positions = channelsOf(view.rows);
  const rates = positions.map((position) => entries[position]!.sfreqHz);
  const read = async (startS: number, seconds: number) => {
    const data = await file.read(startS, seconds, positions);
    data.forEach((values, at) =>
      scale(values, entries[positions[at]!]!, file.header.channels[positions[at]!]!.toMicrovolt),
    );
    return data;
  };
  const { lffHz, hffHz, notchHz } = request;
  const filtered = await filterWindow(
    read,
    rates,
    file.header.spans,
    { lffHz, hffHz, notchHz },
    request.startS,
    request.seconds,
  );
  const byPosition: (Float32Array | undefined)[] = [];
  positions.forEach((position, at) => (byPosition[position] = filtered[at]));
  return {
    rows: view.rows,
    entries,
    bad,
    values: applyMontage(view.rows, byPosition),
    sfreqHz: view.rows.map((row) => entries[row.weights[0]?.channel ?? 0]?.sfreqHz ?? 0),
    reference: view.reference,
  };
}

/** The reader applies the header's unit; an answer about the unit may differ from it. */
function scale(values: Float32Array, entry: ChannelMapEntry, applied: number): void {
  const factor = entry.toMicrovolt / applied;
  if (factor !== 1) for (let i = 0; i < values.length; i++) values[i]! *= factor;
}

function kindOf(row: MontageRow, entries: readonly ChannelMapEntry[]): TraceView['kind'] {
  const first = row.weights[0];
  return first ? entries[first.channel]!.kind : 'eeg';
}

const spectrumUpToHz = 70;

async function spectrumOf(study: Study, request: PageRequest): Promise<SpectrumView> {
  const page = await pageOf(study, request);
  let frequencies: number[] = [];
  const traces = page.rows.flatMap((row, at) => {
    if (row.missing !== undefined || kindOf(row, page.entries) !== 'eeg') return [];
    const psd = welch(page.values[at]!, page.sfreqHz[at]!);
    if (psd.windows === 0) return [];
    const bins = psd.frequencies.findIndex((hz) => hz > spectrumUpToHz);
    const count = bins < 0 ? psd.frequencies.length : bins;
    if (frequencies.length < count) frequencies = [...psd.frequencies.subarray(0, count)];
    return [
      {
        label: row.label,
        hemisphere: row.hemisphere,
        power: Array.from(psd.power.subarray(0, count), decibel),
      },
    ];
  });
  return {
    frequencies,
    traces,
    peakHz: alphaPeak(
      frequencies,
      traces.map((trace) => trace.power),
    ),
  };
}

/** Largest mean power between 8 and 13 Hz when it stands out from both sides; null otherwise. */
function alphaPeak(frequencies: readonly number[], powers: readonly number[][]): number | null {
  if (powers.length === 0) return null;
  const mean = frequencies.map(
    (_, bin) => powers.reduce((sum, power) => sum + (power[bin] ?? 0), 0) / powers.length,
  );
  let best = -1;
  frequencies.forEach((hz, bin) => {
    if (hz >= 8 && hz <= 13 && (best < 0 || mean[bin]! > mean[best]!)) best = bin;
  });
  if (best <= 0 || best >= mean.length - 1) return null;
  return mean[best]! > mean[best - 1]! && mean[best]! > mean[best + 1]! ? frequencies[best]! : null;
}
