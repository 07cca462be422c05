/** Which differences between sites a recording holds, and how to add them up from its channels. */
import { siteNamed } from './electrodes.ts';
import type { ChannelMapEntry } from './channel-map-entry.ts';

/** Channel position in the file → weight. */
export type Weights = Map<number, number>;

interface Link {
  to: string;
  channel: number;
  weight: 1 | -1;
}

/** The unnamed common reference of labels such as 'Fp1' and 'Fp1-REF'. */
export const commonReference = 'the recording’s reference';

/**
 * Every channel is a link between two places: a site and its reference, or two sites. What can be told about two places
 * depends only on whether a path of links joins them; the weights are the links of the shortest path with their signs.
 */
export class Potentials {
  readonly #links = new Map<string, Link[]>();
  readonly #parts = new Map<string, number>();
  /** Scalp sites that a usable channel touches (a recorded reference such as Cz counts), in file order. */
  readonly scalp: readonly string[];

  /** @param bad positions of channels that must not be used */
  constructor(entries: readonly ChannelMapEntry[], bad: ReadonlySet<number>) {
    for (const entry of entries) {
      const ends = endsOf(entry);
      if (!ends || bad.has(entry.position)) continue;
      this.#join(ends[0], ends[1], entry.position);
    }
    for (const place of this.#links.keys()) if (!this.#parts.has(place)) this.#flood(place);
    this.scalp = [...this.#links.keys()].filter((place) => siteNamed(place)?.class === 'scalp');
  }

  has(place: string): boolean {
    return this.#links.has(place);
  }

  /** Whether a chain of recorded differences leads from one place to the other. */
  joined(a: string, b: string): boolean {
    return this.#parts.has(a) && this.#parts.get(a) === this.#parts.get(b);
  }

  /** Places by connected part, the largest first. */
  parts(places: readonly string[]): string[][] {
    const known = places.filter((place) => this.has(place));
    return [...Map.groupBy(known, (place) => this.#parts.get(place)!).values()].sort(
      (a, b) => b.length - a.length,
    );
  }

  /** Weights of a − b over the fewest channels; null when no path joins them. */
  difference(a: string, b: string): Weights | null {
    if (!this.joined(a, b)) return null;
    const from = new Map<string, { place: string; link: Link } | null>([[a, null]]);
    const queue = [a];
    for (let place = queue.shift(); place !== undefined && !from.has(b); place = queue.shift())
      for (const link of this.#links.get(place) ?? [])
        if (!from.has(link.to)) {
          from.set(link.to, { place, link });
          queue.push(link.to);
        }
    const weights: Weights = new Map();
    for (let back = from.get(b); back; back = from.get(back.place))
      addWeight(weights, back.link.channel, back.link.weight);
    return weights;
  }

  #join(a: string, b: string, channel: number): void {
    const link = (from: string, to: string, weight: 1 | -1) => {
      const of = this.#links.get(from) ?? [];
      if (!of.some((existing) => existing.to === to)) of.push({ to, channel, weight });
      this.#links.set(from, of);
    };
    link(a, b, 1);
    link(b, a, -1);
  }

  #flood(start: string): void {
    const part = this.#parts.size;
    const queue = [start];
    this.#parts.set(start, part);
    for (let place = queue.pop(); place !== undefined; place = queue.pop())
      for (const { to } of this.#links.get(place) ?? [])
        if (!this.#parts.has(to)) {
          this.#parts.set(to, part);
          queue.push(to);
        }
  }
}

/** Adds, and forgets channels that cancel out. */
export function addWeight(weights: Weights, channel: number, weight: number): void {
  const sum = (weights.get(channel) ?? 0) + weight;
  if (Math.abs(sum) < 1e-12) weights.delete(channel);
  else weights.set(channel, sum);
}

/** Sum of weighted parts; null as soon as one part is. */
export function combine(parts: readonly (readonly [Weights | null, number])[]): Weights | null {
  const total: Weights = new Map();
  for (const [weights, factor] of parts) {
    if (!weights) return null;
    for (const [channel, weight] of weights) addWeight(total, channel, weight * factor);
  }
  return total;
}

function endsOf(entry: ChannelMapEntry): readonly [string, string] | null {
  if (entry.kind !== 'eeg') return null;
  if (entry.bipolar) return entry.bipolar;
  if (entry.electrode === null) return null;
  const reference = entry.reference === null || entry.reference === 'REF' ? commonReference : entry.reference;
  return reference === entry.electrode ? null : [entry.electrode, reference];
}
