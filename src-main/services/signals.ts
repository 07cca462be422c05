/** Pages, overviews and spectra: read by window, derived and filtered for display only. */
import { montageById } from '#shared/eeg/montages.ts';
import type { OverviewView, SpectrumView, TraceView, WindowView } from '#shared/views.ts';
import { minMaxColumns } from '#main/signal/decimate.ts';
import { decibel, welch } from '#main/signal/spectrum.ts';
import { os } from './implementer.ts';
import { overviewOf } from './overview.ts';
import { faultsOf, filteredAs, leadOf, pageSignals, unitOf, type PageRequest } from './page-signals.ts';
import { alphaPeak, mainsPeak, meanSpectrum } from './spectrum-peaks.ts';
import type { Study, Studies } from './study.ts';

export function signalService(studies: Studies) {
  return os.signals.router({
    window: os.signals.window.handler(({ input, signal }) => windowOf(studies.current(), input, signal)),
    overview: os.signals.overview.handler(({ input }): Promise<OverviewView> =>
      overviewOf(studies.current(), input.recording, input.columns),
    ),
    spectrum: os.signals.spectrum.handler(({ input, signal }) =>
      spectrumOf(studies.current(), input, signal),
    ),
  });
}

async function windowOf(
  study: Study,
  request: PageRequest,
  signal: AbortSignal | undefined,
): Promise<WindowView> {
  const page = await pageSignals(study, request, signal);
  const faults = await faultsOf(page, request);
  let offset = 0;
  const parts: Float32Array[] = [];
  const traces = page.rows.map((row, at): TraceView => {
    const full = page.values[at]!;
    const lead = leadOf(page, at);
    const decimate = request.pixels > 0 && full.length > 2 * request.pixels;
    const values = decimate ? minMaxColumns(full, request.pixels) : full;
    const trace: TraceView = {
      label: row.label,
      group: row.group,
      hemisphere: row.hemisphere,
      kind: lead?.kind ?? 'eeg',
      unit: lead ? unitOf(lead) : 'µV',
      filtered: lead ? filteredAs(lead) : 'all',
      sfreqHz: decimate ? values.length / request.seconds : page.sfreqHz[at]!,
      offset,
      count: row.missing === undefined ? values.length : 0,
      bad: row.bad !== undefined,
      missing: row.missing ?? null,
      note: row.bad ?? row.note ?? null,
      channels: row.weights.map(({ channel }) => channel),
      ...faults[at]!,
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
    footer: footerOf(montageById(request.montage)?.name ?? request.montage, page.reference),
  };
}

/** 'Average reference · average of 18 sites'; a name that says it already is not said twice. */
function footerOf(name: string, reference: string): string {
  return name.toLowerCase() === reference.toLowerCase() ? name : `${name} · ${reference}`;
}

const spectrumUpToHz = 70;

async function spectrumOf(
  study: Study,
  request: PageRequest,
  signal: AbortSignal | undefined,
): Promise<SpectrumView> {
  const page = await pageSignals(study, request, signal);
  let frequencies: number[] = [];
  const traces = page.rows.flatMap((row, at) => {
    if (row.missing !== undefined || row.bad !== undefined || leadOf(page, at)?.kind !== 'eeg') return [];
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
  const mean = meanSpectrum(
    frequencies,
    traces.map(({ power }) => power),
  );
  return {
    frequencies,
    traces,
    peakHz: alphaPeak(frequencies, mean),
    mainsHz: mainsPeak(frequencies, mean),
  };
}
