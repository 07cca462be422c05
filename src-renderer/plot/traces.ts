/** Small EEG cut-outs on a canvas: lanes below one another, one scale, holes left open. */
import type { TraceView, WindowView } from '#shared/views.ts';

export interface Lane {
  label: string;
  /** Token of the line. */
  colour: string;
  sfreqHz: number;
  values: Float32Array;
  missing: string | null;
}

/** Reads the numbers of a window's traces. `order` keeps the most telling ones when only some fit. */
export async function lanesOf(window: WindowView, limit: number): Promise<Lane[]> {
  const data = new Float32Array(await window.data.arrayBuffer());
  const picked = pickTraces(window.traces, limit);
  const suffix = commonSuffix(picked.map(({ label }) => label));
  return picked.map((trace) => ({
    label: trace.label.slice(0, trace.label.length - suffix.length),
    colour: traceColour(trace),
    sfreqHz: trace.sfreqHz,
    values: data.subarray(trace.offset, trace.offset + trace.count),
    missing: trace.missing,
  }));
}

/** '-AVG' when every label ends so: said once by the montage's name, not on every lane. */
export function commonSuffix(labels: readonly string[]): string {
  const suffix = /-[^-]+$/.exec(labels[0] ?? '')?.[0] ?? '';
  return labels.length > 1 && labels.every((label) => label.endsWith(suffix)) ? suffix : '';
}

/** EEG first; evenly over what there is when more than fit. */
export function pickTraces<Trace extends Pick<TraceView, 'kind' | 'missing' | 'bad'>>(
  traces: readonly Trace[],
  limit: number,
): Trace[] {
  const usable = traces.filter(({ missing }) => missing === null);
  const eeg = usable.filter(({ kind, bad }) => kind === 'eeg' && !bad);
  const from = eeg.length > 0 ? eeg : usable;
  if (from.length <= limit) return [...from];
  return Array.from(
    { length: limit },
    (_, i) => from[Math.round((i * (from.length - 1)) / Math.max(1, limit - 1))]!,
  );
}

export function traceColour(trace: Pick<TraceView, 'kind' | 'hemisphere' | 'bad'>): string {
  if (trace.bad) return 'trace-bad';
  if (trace.kind === 'ecg') return 'trace-ecg';
  if (trace.kind === 'eog') return 'trace-eog';
  if (trace.kind !== 'eeg') return 'trace-aux';
  return { left: 'trace-blue', right: 'trace-red', midline: 'trace-mid', none: 'trace' }[trace.hemisphere];
}

/** µV from lane to lane that lets most of the signal through: twice the 95th percentile of |x|, on the 1–2–5 ladder. */
export function niceScale(lanes: readonly Lane[]): number {
  const sample: number[] = [];
  for (const { values } of lanes) {
    const step = Math.max(1, Math.floor(values.length / 400));
    for (let i = 0; i < values.length; i += step)
      if (!Number.isNaN(values[i]!)) sample.push(Math.abs(values[i]!));
  }
  sample.sort((a, b) => a - b);
  const wanted = 2 * (sample[Math.floor(sample.length * 0.95)] ?? 50);
  for (let power = 1; power <= 1e6; power *= 10)
    for (const step of [1, 2, 5]) if (step * power >= wanted) return step * power;
  return 1e6;
}

/** @param colour turns a token into a colour here */
export function drawLanes(
  context: CanvasRenderingContext2D,
  lanes: readonly Lane[],
  place: { width: number; height: number; seconds: number; uvPerLane: number; labels: boolean },
  colour: (token: string) => string,
): void {
  context.font = '11px "Plex Sans", system-ui, sans-serif';
  const widths = lanes.map(({ label }) => context.measureText(label.slice(0, 8)).width);
  const left = place.labels ? Math.max(44, ...widths.map((each) => each + 10)) : 0;
  const laneHeight = place.height / Math.max(1, lanes.length);
  const width = place.width - left;
  context.lineWidth = 1;
  context.lineJoin = 'round';
  for (const [k, lane] of lanes.entries()) {
    const middle = (k + 0.5) * laneHeight;
    if (place.labels) {
      context.textBaseline = 'middle';
      context.fillStyle = colour('ink-3');
      context.fillText(lane.label.slice(0, 8), 4, middle);
    }
    const perUv = laneHeight / place.uvPerLane;
    context.strokeStyle = colour(lane.colour);
    context.beginPath();
    let pen = false;
    const perPixel = lane.values.length / width;
    if (perPixel <= 2) {
      for (let i = 0; i < lane.values.length; i++) {
        const value = lane.values[i]!;
        if (Number.isNaN(value)) pen = false;
        else {
          const x = left + (i / lane.sfreqHz / place.seconds) * width;
          // Negative up, as EEG is read.
          const y = middle + value * perUv;
          if (pen) context.lineTo(x, y);
          else context.moveTo(x, y);
          pen = true;
        }
      }
    } else {
      for (let x = 0; x < width; x++) {
        let [low, high] = [Infinity, -Infinity];
        for (
          let i = Math.floor(x * perPixel);
          i < Math.min(lane.values.length, Math.ceil((x + 1) * perPixel));
          i++
        ) {
          const value = lane.values[i]!;
          if (value < low) low = value;
          if (value > high) high = value;
        }
        if (low > high) {
          pen = false;
          continue;
        }
        if (pen) context.lineTo(left + x, middle + low * perUv);
        else context.moveTo(left + x, middle + low * perUv);
        context.lineTo(left + x, middle + high * perUv);
        pen = true;
      }
    }
    context.stroke();
  }
}
