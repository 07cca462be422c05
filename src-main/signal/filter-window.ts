/** Display filters of one page: the same sample always gets the same value, whichever page it is drawn on. */
import type { Span } from '#shared/eeg/recording.ts';
import { cascade, highPass, lowPass, notch, settleSamples, type Sections } from './butterworth.ts';
import { filterBothWays } from './filter.ts';

export interface PageFilters {
  /** 0: off */
  lffHz: number;
  /** 0: off */
  hffHz: number;
  /** 0: off */
  notchHz: number;
}

export interface PageFilter {
  /** null when nothing is left to filter. */
  sections: Sections | null;
  /** Filters that this rate cannot carry: they lie at or above half of it. */
  ignored: ('high filter' | 'notch')[];
}

/** Two poles at each edge, run both ways: 6 dB down at the edge, 24 dB per octave. */
export function designPageFilter({ lffHz, hffHz, notchHz }: PageFilters, sfreqHz: number): PageFilter {
  const parts: Sections[] = [];
  const ignored: PageFilter['ignored'] = [];
  if (lffHz > 0 && lffHz < sfreqHz / 2) parts.push(highPass(2, lffHz, sfreqHz));
  if (hffHz >= sfreqHz / 2) ignored.push('high filter');
  else if (hffHz > 0) parts.push(lowPass(2, hffHz, sfreqHz));
  if (notchHz >= sfreqHz / 2) ignored.push('notch');
  else if (notchHz > 0) parts.push(notch(notchHz, sfreqHz));
  return { sections: parts.length > 0 ? cascade(...parts) : null, ignored };
}

/** Reads all channels, each at its own rate, in µV; NaN where nothing was recorded. */
export type WindowReader = (startS: number, seconds: number) => Promise<Float32Array[]>;

/** Time is cut at multiples of this; a block is always filtered with the same surroundings. */
const blockS = 10;
const paddingAtLeastS = 10;

/**
 * @param sfreqHz rate of each channel that `read` gives
 * @param spans   recorded stretches; filters start and stop at their borders
 * @returns one array per channel, samples round(startS · f) ≤ j < round((startS + seconds) · f); NaN in gaps
 */
export async function filterWindow(
  read: WindowReader,
  sfreqHz: readonly number[],
  spans: readonly Span[],
  filters: PageFilters,
  startS: number,
  seconds: number,
): Promise<Float32Array[]> {
  const designs = new Map([...new Set(sfreqHz)].map((rate) => [rate, designPageFilter(filters, rate)]));
  if ([...designs.values()].every(({ sections }) => !sections)) return read(startS, seconds);
  const endS = startS + seconds;
  const out = sfreqHz.map((rate) =>
    new Float32Array(Math.round(endS * rate) - Math.round(startS * rate)).fill(NaN),
  );
  const paddingS = Math.max(
    paddingAtLeastS,
    ...[...designs].map(([rate, { sections }]) => (sections ? settleSamples(sections) / rate : 0)),
  );
  for (const span of spans) {
    const firstS = Math.max(startS, span.startS);
    const lastS = Math.min(endS, span.endS);
    if (firstS >= lastS) continue;
    for (let block = Math.floor(firstS / blockS); block * blockS < lastS; block++) {
      const fromS = Math.max(span.startS, block * blockS - paddingS);
      const toS = Math.min(span.endS, (block + 1) * blockS + paddingS);
      const raw = await read(fromS, toS - fromS);
      raw.forEach((x, c) => {
        const rate = sfreqHz[c]!;
        const sections = designs.get(rate)?.sections;
        const filtered = sections ? filterBetweenGaps(sections, x) : x;
        const begin = Math.round(Math.max(startS, span.startS, block * blockS) * rate);
        const end = Math.round(Math.min(lastS, (block + 1) * blockS) * rate);
        const at = Math.round(fromS * rate);
        out[c]!.set(filtered.subarray(begin - at, end - at), begin - Math.round(startS * rate));
      });
    }
  }
  return out;
}

/** Filters each stretch of numbers by itself and leaves NaN where it was. */
export function filterBetweenGaps(filter: Sections, x: Float32Array): Float32Array {
  const out = new Float32Array(x.length).fill(NaN);
  for (let from = 0; from < x.length;) {
    if (Number.isNaN(x[from]!)) {
      from++;
      continue;
    }
    let to = from + 1;
    while (to < x.length && !Number.isNaN(x[to]!)) to++;
    out.set(filterBothWays(filter, x.subarray(from, to)), from);
    from = to;
  }
  return out;
}
