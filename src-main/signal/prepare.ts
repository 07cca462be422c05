/** Prepares one recording as a stream of segments: filtered, resampled, referenced, judged; memory does not grow with its length. */
import type { Span } from '#shared/eeg/recording.ts';
import { AppError } from '#shared/errors.ts';
import type { PrepareParams } from '#shared/params/prepare.ts';
import { bandPass, cascade, highPass, lowPass, notch, settleSamples, type Sections } from './butterworth.ts';
import { createFifo, type Fifo } from './fifo.ts';
import { createZeroPhaseStream, type ZeroPhaseStream } from './filter.ts';
import type { WindowReader } from './filter-window.ts';
import { judgeSegment, limitAtLeastUv, restS, stuckS } from './quality.ts';
import { averageReference } from './reference.ts';
import { createResampler, rateRatio, type Resampler } from './resample.ts';

export interface PrepareInput {
  /** Values of the channels in µV, all at `sfreqHz`; NaN where nothing was recorded. */
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

/** Read and filtered at a time. */
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
        forgetBefore(lane.missing, window * strideS);
        forgetBefore(lane.stuck, window * strideS);
        forgetBefore(lane.atLimit, window * strideS);
      });
      dropped += drop;
    }
  }

  function judge(values: Float32Array, startS: number, withinS: number): PreparedWindow {
    const toS = withinS + params.windowS;
    if (lanes.some((lane) => lane.missing.some((gap) => gap.endS > withinS && gap.startS < toS)))
      return { startS, values, badChannels: [], rejected: ['no data'] };
    const within = (run: Stretch) => Math.max(0, Math.min(run.endS, toS) - Math.max(run.startS, withinS));
    const stuck = lanes.map((lane) => Math.max(0, ...lane.stuck.map(within)));
    const atLimit = lanes.map((lane) => lane.atLimit.reduce((sum, run) => sum + within(run), 0));
    const { badChannels, reasons } = judgeSegment(values, lanes.length, rateHz, params, stuck, atLimit);
    if (average) averageReference(values, lanes.length, samples, badChannels);
    return reasons.length > 0
      ? { startS, values, badChannels, rejected: reasons }
      : { startS, values, badChannels };
  }

  const blockSamples = Math.round(blockS * sfreqHz);
  for (let at = firstSample; at < lastSample; at += blockSamples) {
    signal?.throwIfAborted();
    const count = Math.min(blockSamples, lastSample - at);
    const data = await read(at / sfreqHz, count / sfreqHz);
    data.forEach((x, c) => lanes[c]!.push(x, (at - firstSample) / sfreqHz));
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

interface Stretch {
  /** Seconds within the span. */
  startS: number;
  endS: number;
}

interface Lane {
  out: Fifo;
  /** Raw values that were no numbers; the value before them is held while filtering, for zero would be a step. */
  missing: Stretch[];
  /** Raw values that did not change for at least `stuckS`; the last may still be going on. */
  stuck: Stretch[];
  /** Shorter rests at the highest or lowest value seen so far, as at the limit of an amplifier. */
  atLimit: Stretch[];
  push(x: Float32Array, withinS: number): void;
  end(): void;
}

function createLane(filter: Sections, fromHz: number, toHz: number): Lane {
  const resampler: Resampler | null = fromHz === toHz ? null : createResampler(rateRatio(fromHz, toHz));
  const stream: ZeroPhaseStream = createZeroPhaseStream(
    filter,
    Math.max(Math.round(blockS * fromHz), settleSamples(filter)),
    resampler?.margin ?? 0,
  );
  const out = createFifo();
  const missing: Stretch[] = [];
  const stuck: Stretch[] = [];
  const deliver = (y: Float64Array) => out.append(resampler ? resampler.push(y) : y);
  const atLimit: Stretch[] = [];
  const stuckSamples = stuckS * fromHz;
  const restSamples = Math.max(3, restS * fromHz);
  let [lowest, highest, middle] = [Infinity, -Infinity, 0];
  /** The latest value and the sample from which on it has not changed. */
  let value = NaN;
  let since = 0;
  /** The latest value that was a number. */
  let known = NaN;
  const noteRun = (start: number, end: number, level: number) => {
    const startS = start / fromHz;
    const isLimit = level === lowest || level === highest;
    if (isLimit && Math.abs(level - middle) > limitAtLeastUv) atLimit.push({ startS, endS: end / fromHz });
    if (end - start < stuckSamples) return;
    const last = stuck.at(-1);
    if (last?.startS === startS) last.endS = end / fromHz;
    else stuck.push({ startS, endS: end / fromHz });
  };
  return {
    out,
    missing,
    stuck,
    atLimit,
    push(x, withinS) {
      let clean = x;
      const first = Math.round(withinS * fromHz);
      let [latest, from] = [value, since];
      for (let i = 0; i < x.length; i++) {
        const now = x[i]!;
        // NaN differs from everything, itself included.
        if (now === latest) continue;
        if (!Number.isNaN(latest)) known = latest;
        if (latest < lowest) lowest = latest;
        if (latest > highest) highest = latest;
        if (first + i - from >= restSamples) noteRun(from, first + i, latest);
        latest = now;
        from = first + i;
        if (!Number.isNaN(now)) continue;
        const atS = from / fromHz;
        if (clean === x) clean = x.slice();
        if (Number.isNaN(known)) known = x.find((later) => !Number.isNaN(later)) ?? 0;
        clean[i] = known;
        const last = missing.at(-1);
        if (last && atS - last.endS < 1.5 / fromHz) last.endS = atS + 1 / fromHz;
        else missing.push({ startS: atS, endS: atS + 1 / fromHz });
      }
      if (first + x.length - from >= stuckSamples) noteRun(from, first + x.length, latest);
      middle = mean(clean);
      [value, since] = [latest, from];
      deliver(stream.push(clean));
    },
    end() {
      deliver(stream.end());
      if (resampler) out.append(resampler.end());
    },
  };
}

function mean(x: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i]!;
  return sum / Math.max(1, x.length);
}

function forgetBefore(stretches: Stretch[], withinS: number): void {
  const kept = stretches.findIndex((stretch) => stretch.endS > withinS);
  stretches.splice(0, kept < 0 ? stretches.length : kept);
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
