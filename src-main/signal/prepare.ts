/** Prepares one recording as a stream of segments: filtered, resampled, referenced, judged; memory does not grow with its length. */
import type { Span } from '#shared/eeg/recording.ts';
import { AppError } from '#shared/errors.ts';
import type { PrepareParams } from '#shared/params/prepare.ts';
import { bandPass, cascade, highPass, lowPass, notch, settleSamples, type Sections } from './butterworth.ts';
import { createFifo, type Fifo } from './fifo.ts';
import { createZeroPhaseStream } from './filter.ts';
import type { WindowReader } from './filter-window.ts';
import { judgeSegment } from './quality.ts';
import { createRawFaults, type RawFaults, type Stretch } from './raw-faults.ts';
import { averageReference } from './reference.ts';
import { createResampler, rateRatio, type Resampler } from './resample.ts';

export interface PrepareInput {
  /** Values of the channels in µV, all at `sfreqHz`; NaN where nothing was recorded. The arrays may be used again by the next call. */
  read: WindowReader;
  /** Site of each channel, in the reader's order. */
  electrodes: readonly string[];
  sfreqHz: number;
  /** Recorded stretches; no segment crosses a border. */
  spans: readonly Span[];
  /** `windowS` must be set here: 0 is for whoever knows all recordings of the group. */
  params: PrepareParams;
  signal?: AbortSignal;
}

export interface PreparedWindow {
  /** From the recording's start. */
  startS: number;
  /** [channels, windowS · rate] in µV */
  values: Float32Array;
  badChannels: number[];
  /** Set when the segment is not used: 'amplitude', 'bad channels: flat', 'no data', 'too short'. */
  rejected?: string[];
}

/** Read at a time: small enough to stay near the processor until it is filtered. */
const pieceS = 10;
/** Filtered backward at a time, at least. */
const blockS = 30;
const order = 4;

/**
 * Segments in order of time. Stretches shorter than one segment, and the rest at the end of a stretch, come as rejected: 'too short'.
 *
 * @throws AppError 'invalid-input' when a filter does not fit the rate
 */
export async function* prepareRecording(input: PrepareInput): AsyncGenerator<PreparedWindow> {
  const { params, sfreqHz, electrodes, spans } = input;
  const rateHz = params.sfreqHz || sfreqHz;
  const samples = Math.round(params.windowS * rateHz);
  if (samples < 2)
    throw new AppError(
      'invalid-input',
      `A segment of ${params.windowS} s at ${rateHz} Hz holds no signal; choose a longer one.`,
    );
  const filter = designFilter(params, sfreqHz, rateHz);
  // Derivations between two sites have no common reference to take away.
  const average =
    params.reference === 'average' &&
    electrodes.every((site) => !site.includes('-')) &&
    electrodes.length > 1;
  for (const span of spans) yield* prepareSpan(input, span, { filter, rateHz, samples, average });
}

interface Plan {
  filter: Sections;
  rateHz: number;
  samples: number;
  average: boolean;
}

async function* prepareSpan(input: PrepareInput, span: Span, plan: Plan): AsyncGenerator<PreparedWindow> {
  const { sfreqHz, params, electrodes, read, signal } = input;
  const { rateHz, samples, average } = plan;
  const firstSample = Math.round(span.startS * sfreqHz);
  const lastSample = Math.round(span.endS * sfreqHz);
  const lanes = electrodes.map(() => createLane(plan.filter, sfreqHz, rateHz));
  const strideS = params.strideS;
  let window = 0;
  let dropped = 0;

  function* windows(): Generator<PreparedWindow> {
    for (;;) {
      const from = Math.round(window * strideS * rateHz);
      if (lanes.some(({ out }) => dropped + out.size() < from + samples)) return;
      const values = new Float32Array(lanes.length * samples);
      lanes.forEach(({ out }, c) =>
        values.set(out.view().subarray(from - dropped, from - dropped + samples), c * samples),
      );
      const startS = span.startS + window * strideS;
      yield judge(values, startS, startS - span.startS);
      window++;
      const done = Math.round(window * strideS * rateHz);
      const drop = Math.min(done - dropped, ...lanes.map(({ out }) => out.size()));
      lanes.forEach((lane) => {
        lane.out.drop(drop);
        lane.faults.forgetBefore(window * strideS);
      });
      dropped += drop;
    }
  }

  function judge(values: Float32Array, startS: number, withinS: number): PreparedWindow {
    const toS = withinS + params.windowS;
    if (lanes.some(({ faults }) => faults.missing.some((gap) => gap.endS > withinS && gap.startS < toS)))
      return { startS, values, badChannels: [], rejected: ['no data'] };
    const within = (run: Stretch) => Math.max(0, Math.min(run.endS, toS) - Math.max(run.startS, withinS));
    const stuck = lanes.map(({ faults }) => Math.max(0, ...faults.stuck.map(within)));
    const atLimit = lanes.map(({ faults }) => faults.atLimit.reduce((sum, run) => sum + within(run), 0));
    const { badChannels, reasons } = judgeSegment(values, lanes.length, rateHz, params, stuck, atLimit);
    if (average) averageReference(values, lanes.length, samples, badChannels);
    return reasons.length > 0
      ? { startS, values, badChannels, rejected: reasons }
      : { startS, values, badChannels };
  }

  const pieceSamples = Math.round(pieceS * sfreqHz);
  for (let at = firstSample; at < lastSample; at += pieceSamples) {
    signal?.throwIfAborted();
    const count = Math.min(pieceSamples, lastSample - at);
    const data = await read(at / sfreqHz, count / sfreqHz);
    data.forEach((x, c) => lanes[c]!.push(x));
    yield* windows();
  }
  lanes.forEach((lane) => lane.end());
  yield* windows();
  const rest = lanes[0] ? dropped + lanes[0].out.size() - Math.round(window * strideS * rateHz) : 0;
  // What is left over counts only where it would have begun a segment of its own.
  if (rest > 0 && (window === 0 || rest > Math.max(0, samples - Math.round(strideS * rateHz)))) {
    yield {
      startS: span.startS + window * strideS,
      values: new Float32Array(0),
      badChannels: [],
      rejected: ['too short'],
    };
  }
}

/** One channel on its way through a stretch. */
interface Lane {
  out: Fifo;
  faults: RawFaults;
  push(x: Float32Array): void;
  end(): void;
}

function createLane(filter: Sections, fromHz: number, toHz: number): Lane {
  const resampler: Resampler | null = fromHz === toHz ? null : createResampler(rateRatio(fromHz, toHz));
  const faults = createRawFaults(fromHz);
  const out = createFifo();
  const stream = createZeroPhaseStream(
    filter,
    Math.max(Math.round(blockS * fromHz), settleSamples(filter)),
    resampler?.margin ?? 0,
    (y) => out.append(resampler ? resampler.push(y) : y),
  );
  return {
    out,
    faults,
    push: (x) => stream.push(faults.look(x)),
    end() {
      stream.end();
      if (resampler) out.append(resampler.end());
    },
  };
}

/** Butterworth of four poles at each edge, run both ways; a notch after it. */
function designFilter(params: PrepareParams, sfreqHz: number, rateHz: number): Sections {
  const { highPassHz, lowPassHz, notchHz } = params;
  const nyquist = Math.min(sfreqHz, rateHz) / 2;
  if (lowPassHz >= nyquist) {
    throw new AppError(
      'invalid-input',
      `The high filter of ${lowPassHz} Hz must lie below half of every rate, here ${nyquist} Hz. Choose --low-pass-hz ${Math.floor(0.9 * nyquist)} or lower, or leave out this data set.`,
    );
  }
  if (highPassHz >= lowPassHz)
    throw new AppError(
      'invalid-input',
      `The low filter (${highPassHz} Hz) must lie below the high filter (${lowPassHz} Hz).`,
    );
  const band =
    highPassHz > 0
      ? highPassHz * 20 < lowPassHz
        ? cascade(highPass(order, highPassHz, sfreqHz), lowPass(order, lowPassHz, sfreqHz))
        : bandPass(order, highPassHz, lowPassHz, sfreqHz)
      : lowPass(order, lowPassHz, sfreqHz);
  return notchHz > 0 && notchHz < sfreqHz / 2 ? cascade(band, notch(notchHz, sfreqHz)) : band;
}
