/** The potential over the head at one moment: which traces stand for a site, and a spherical spline between them. */
import { canonicalSite, position, project2d, siteNamed, type Position } from '#shared/eeg/electrodes.ts';
import type { ChannelView, TraceView } from '#shared/views.ts';

export interface SiteValue {
  site: string;
  /** µV; NaN where nothing was recorded. */
  microvolt: number;
  /** Drawn as a cross and left out of the map. */
  bad: boolean;
}

/** A map is a guess below this many sites. */
export const leastSites = 10;
/** Points along each edge of the map. */
export const mapSize = 96;

/** What a page's traces are to a map: potentials against one reference, or differences that are none. */
export type Footing = 'average' | 'recorded' | 'none';

/** Traces with one site each: those of the average reference, or channels recorded against one and the same place. */
export function footingOf(traces: readonly TraceView[], channels: readonly ChannelView[]): Footing {
  const eeg = traces.filter(({ kind }) => kind === 'eeg');
  if (eeg.length === 0) return 'none';
  if (eeg.every(({ label }) => label.endsWith('-AVG'))) return 'average';
  const own = eeg.map((trace) => ownChannel(trace, channels));
  if (own.some((channel) => channel === null)) return 'none';
  const references = new Set(own.flatMap((channel) => (channel?.electrode ? [channel.reference] : [])));
  return references.size === 1 ? 'recorded' : 'none';
}

/** The channel that a trace shows unchanged; null for a difference of two. */
function ownChannel(trace: TraceView, channels: readonly ChannelView[]): ChannelView | null {
  const [only, ...others] = trace.channels;
  const channel = channels.find((each) => each.position === only);
  if (!channel || others.length > 0 || channel.bipolar !== null) return null;
  // A row of another montage can rest on one channel; it then has a name of two ends.
  return trace.label.split('-').filter((part) => canonicalSite(part) !== null).length > 1 &&
    trace.label !== channel.label
    ? null
    : channel;
}

/** The scalp site a trace stands for; null where it stands for none. */
export function siteOfTrace(
  trace: TraceView,
  footing: Footing,
  channels: readonly ChannelView[],
): string | null {
  if (trace.kind !== 'eeg') return null;
  const site =
    footing === 'average'
      ? canonicalSite(trace.label.replace(/-AVG$/, ''))
      : footing === 'recorded'
        ? (ownChannel(trace, channels)?.electrode ?? null)
        : null;
  return site !== null && siteNamed(site)?.class === 'scalp' ? site : null;
}

/** Value at a moment of a page. Decimated traces (minimum and maximum in turn) give the middle of their column; NaN off the page. */
export function valueOn(
  trace: TraceView,
  values: Float32Array,
  sinceStartS: number,
  channels: readonly ChannelView[],
): number {
  const decimated = samplesPerColumn(trace, channels) > 0;
  if (!decimated) return values[Math.round(sinceStartS * trace.sfreqHz)] ?? NaN;
  const column = Math.floor((sinceStartS * trace.sfreqHz) / 2);
  return ((values[2 * column] ?? NaN) + (values[2 * column + 1] ?? NaN)) / 2;
}

/** Samples that went into each minimum and maximum; 0 when every sample is there. */
export function samplesPerColumn(trace: TraceView, channels: readonly ChannelView[]): number {
  const recorded = channels.find((each) => each.position === trace.channels[0])?.sfreqHz ?? trace.sfreqHz;
  return trace.sfreqHz < recorded * 0.999 ? (2 * recorded) / trace.sfreqHz : 0;
}

/** One value per site; of two traces of one site the first, and a bad one only when no other is there. */
export function siteValues(
  traces: readonly TraceView[],
  footing: Footing,
  channels: readonly ChannelView[],
  read: (trace: TraceView) => number,
): SiteValue[] {
  const found = new Map<string, SiteValue>();
  for (const trace of traces) {
    const site = siteOfTrace(trace, footing, channels);
    if (site === null) continue;
    const marked = channels.some((channel) => channel.bad && channel.electrode === site);
    const microvolt = trace.missing === null ? read(trace) : NaN;
    const bad = trace.bad || marked;
    if (Number.isNaN(microvolt) && !bad) continue;
    const known = found.get(site);
    if (!known || (known.bad && !bad)) found.set(site, { site, microvolt, bad });
  }
  return [...found.values()];
}

/** The ends of a symmetric colour scale: the next of a plain ladder above the largest size. */
export function symmetricLimit(values: readonly SiteValue[]): number {
  const largest = Math.max(
    0,
    ...values.filter(({ bad }) => !bad).map(({ microvolt }) => Math.abs(microvolt)),
  );
  for (let power = 1; power <= 1e6; power *= 10)
    for (const step of [1, 1.5, 2, 3, 5, 7]) if (step * power >= largest) return step * power;
  return largest;
}

/** The good site that is farthest from zero; null when there is none. */
export function extremeSite(values: readonly SiteValue[]): SiteValue | null {
  return values
    .filter(({ bad, microvolt }) => !bad && Number.isFinite(microvolt))
    .reduce<SiteValue | null>(
      (best, each) => (best && Math.abs(best.microvolt) >= Math.abs(each.microvolt) ? best : each),
      null,
    );
}

/** Everything of a map that depends on the sites alone, so that a moved cursor costs one multiplication. */
export interface SplineMap {
  sites: readonly string[];
  /** [(n + 1)²] inverse of the spline's system, rows after one another. */
  inverse: Float64Array;
  /** Places inside the head: index into the map, and [n] kernel values each. */
  points: Int32Array;
  kernel: Float64Array;
}

/** Sums of Legendre polynomials over the cosine of the angle, order m = 4 (Perrin et al. 1989, doi:10.1016/0013-4694(89)90180-6). */
const order = 4;
const terms = 50;
/** Keeps the system solvable where two sites nearly meet; small beside the kernel of 19 sites, so that the map goes through them. */
const smoothing = 1e-8;

export function splineKernel(cosine: number): number {
  let [before, current] = [1, cosine];
  let sum = 0;
  for (let n = 1; n <= terms; n++) {
    sum += ((2 * n + 1) / (n * (n + 1)) ** order) * current;
    [before, current] = [current, ((2 * n + 1) * cosine * current - n * before) / (n + 1)];
  }
  return sum / (4 * Math.PI);
}

const tableStep = 1e-4;
let table: Float64Array | null = null;

/** The kernel from a table; weights of a map are large and of both signs, so the steps must be fine and joined by lines. */
function tabled(cosine: number): number {
  table ??= Float64Array.from({ length: 2 / tableStep + 2 }, (_, i) => splineKernel(i * tableStep - 1));
  const place = (cosine + 1) / tableStep;
  const low = Math.floor(place);
  return table[low]! + (place - low) * (table[low + 1]! - table[low]!);
}

/**
 * @param sites canonical names with a place on the head, each once
 * @param size  points along each edge
 */
export function splineMap(sites: readonly string[], size = mapSize): SplineMap {
  const places = sites.map((site) => position(site)!);
  const n = sites.length;
  const system = new Float64Array((n + 1) * (n + 1));
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) system[i * (n + 1) + k] = splineKernel(dot(places[i]!, places[k]!));
    system[i * (n + 1) + i]! += smoothing;
    system[i * (n + 1) + n] = 1;
    system[n * (n + 1) + i] = 1;
  }
  const inside: number[] = [];
  const kernel: number[] = [];
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) {
      const at = onSphere((2 * (column + 0.5)) / size - 1, 1 - (2 * (row + 0.5)) / size);
      if (!at) continue;
      inside.push(row * size + column);
      for (const place of places) kernel.push(tabled(dot(at, place)));
    }
  return {
    sites,
    inverse: inverseOf(system, n + 1),
    points: Int32Array.from(inside),
    kernel: Float64Array.from(kernel),
  };
}

/** @param values one per site of the map, µV. @returns one per point inside the head, µV */
export function interpolate(map: SplineMap, values: readonly number[]): Float32Array {
  const n = map.sites.length;
  const weights = new Float64Array(n + 1);
  for (let i = 0; i <= n; i++)
    for (let k = 0; k < n; k++) weights[i]! += map.inverse[i * (n + 1) + k]! * values[k]!;
  return Float32Array.from(map.points, (_, point) => {
    let sum = weights[n]!;
    for (let k = 0; k < n; k++) sum += weights[k]! * map.kernel[point * n + k]!;
    return sum;
  });
}

/** Back from the drawn head to the sphere; null outside. A margin of one point covers the rim. */
function onSphere(x: number, y: number): Position | null {
  const radius = Math.hypot(x, y);
  if (radius > 1.03) return null;
  const angle = (radius * Math.PI) / 2;
  const flat = radius < 1e-9 ? 0 : Math.sin(angle) / radius;
  return [x * flat, y * flat, Math.cos(angle)];
}

function dot(a: Position, b: Position): number {
  return Math.max(-1, Math.min(1, a[0] * b[0] + a[1] * b[1] + a[2] * b[2]));
}

/** Gauss and Jordan with the largest pivot. */
function inverseOf(matrix: Float64Array, n: number): Float64Array {
  const a = matrix.slice();
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) out[i * n + i] = 1;
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let row = column + 1; row < n; row++)
      if (Math.abs(a[row * n + column]!) > Math.abs(a[pivot * n + column]!)) pivot = row;
    for (const each of [a, out])
      for (let k = 0; k < n; k++) {
        const kept = each[column * n + k]!;
        each[column * n + k] = each[pivot * n + k]!;
        each[pivot * n + k] = kept;
      }
    const scale = 1 / a[column * n + column]!;
    for (const each of [a, out]) for (let k = 0; k < n; k++) each[column * n + k]! *= scale;
    for (let row = 0; row < n; row++) {
      const factor = a[row * n + column]!;
      if (row === column || factor === 0) continue;
      for (const each of [a, out])
        for (let k = 0; k < n; k++) each[row * n + k]! -= factor * each[column * n + k]!;
    }
  }
  return out;
}

/** RGBA of the map; nothing outside the head. @param ramp from −limit to +limit */
export function potentialPixels(
  map: SplineMap,
  values: Float32Array,
  limit: number,
  ramp: readonly (readonly [number, number, number])[],
  size = mapSize,
): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(4 * size * size);
  map.points.forEach((at, i) => {
    const place = Math.max(0, Math.min(1, (values[i]! / limit + 1) / 2)) * (ramp.length - 1);
    const low = ramp[Math.floor(place)]!;
    const high = ramp[Math.min(ramp.length - 1, Math.floor(place) + 1)]!;
    const share = place - Math.floor(place);
    for (let c = 0; c < 3; c++) pixels[4 * at + c] = low[c]! + share * (high[c]! - low[c]!);
    pixels[4 * at + 3] = 255;
  });
  return pixels;
}

/** Where a site is drawn: nose up, centre (0, 0), the head's edge at 1. */
export function placeOf(site: string): { x: number; y: number } {
  return project2d(site) ?? { x: 0, y: 0 };
}
