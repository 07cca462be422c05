/** One row of sites for many recordings: the union of all, and who has which. Missing is marked, never filled. */
import { compareSites, siteNamed } from './electrodes.ts';
import { siteOf, type ChannelMapEntry } from './channel-map-entry.ts';

type Entries = readonly ChannelMapEntry[];

/**
 * All scalp sites (and bipolar derivations, after the sites) that any recording carries, front to back and left to right.
 * Ears, mastoids and basal electrodes are references or not on the scalp and stay out.
 */
export function unionSchema(maps: Iterable<Entries>): string[] {
  const found = new Set<string>();
  for (const entries of maps)
    for (const entry of entries) {
      const site = schemaSite(entry);
      if (site !== null) found.add(site);
    }
  return [...found].sort(compareSites);
}

/** Sites that every recording carries, in the same order; for comparison with the union. */
export function commonSchema(maps: readonly Entries[]): string[] {
  const union = unionSchema(maps);
  const masks = maps.map((entries) => presence(union, entries));
  return union.filter((_, i) => masks.every((mask) => mask[i] === 1));
}

/**
 * Which channel of the file feeds each site.
 * @returns [schema.length] position in the file, −1 where the recording lacks the site
 */
export function schemaChannels(schema: readonly string[], entries: Entries): Int32Array {
  const positions = new Map<string, number>();
  for (const entry of entries) {
    const site = schemaSite(entry);
    if (site !== null && !positions.has(site)) positions.set(site, entry.position);
  }
  return Int32Array.from(schema, (site) => positions.get(site) ?? -1);
}

/** [schema.length] 1 where the recording has the site. */
export function presence(schema: readonly string[], entries: Entries): Uint8Array {
  return Uint8Array.from(schemaChannels(schema, entries), (position) => (position < 0 ? 0 : 1));
}

export interface Coverage {
  electrodes: string[];
  /** [electrodes.length] in how many recordings each site is. */
  counts: number[];
  /** [recordings][electrodes.length] presence masks, in the order given. */
  matrix: Uint8Array[];
}

/** Recordings × sites, over their union. */
export function coverage(maps: readonly Entries[]): Coverage {
  const electrodes = unionSchema(maps);
  const matrix = maps.map((entries) => presence(electrodes, entries));
  const counts = electrodes.map((_, i) => matrix.reduce((sum, mask) => sum + mask[i]!, 0));
  return { electrodes, counts, matrix };
}

/** The symbol a channel has in a schema; null for ears, mastoids, basal electrodes and everything without a site. */
export function schemaSite(entry: ChannelMapEntry): string | null {
  const site = siteOf(entry);
  if (site === null) return null;
  return site.split('-').every((end) => siteNamed(end)?.class === 'scalp') ? site : null;
}
