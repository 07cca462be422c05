/** The rows of each montage scheme: which recorded differences add up to them, and what is lacking where none do. */
import { compareSites, hemisphere, neighbours, siteNamed, type Hemisphere } from './electrodes.ts';
import { siteOf, type ChannelMapEntry } from './channel-map-entry.ts';
import type { ChainGroup, Montage } from './montages.ts';
import { combine, type Potentials, type Weights } from './potentials.ts';

export interface MontageRow {
  label: string;
  /** Rows of a group stand together; a larger gap parts groups. */
  group: string;
  /** 'none': the channel carries no site. */
  hemisphere: Hemisphere | 'none';
  /** Positions in the file and factors; empty when `missing` is set. */
  weights: readonly { channel: number; weight: number }[];
  /** Why this row cannot be drawn; its values are NaN, never zero. */
  missing?: string;
  /** Why this row is drawn grey and left out of every mean: 'T7 is marked bad'. */
  bad?: string;
  /** What a reader should know: the bridge taken, the neighbours used. */
  note?: string;
}

/** One recording as its montages see it. */
export interface Setting {
  entries: readonly ChannelMapEntry[];
  bad: ReadonlySet<number>;
  bridge: boolean;
  /** Of good channels only: whatever is averaged or compared comes from here. */
  potentials: Potentials;
  /** Of bad channels too, for rows that are drawn in grey; the same object when none is bad. */
  all: Potentials;
}

export interface Derived {
  rows: MontageRow[];
  reference: string;
  refusal?: string;
}

/** Rows of one scheme, or the reason why there are none. */
export function deriveRows(montage: Montage, setting: Setting): Derived {
  const { scheme } = montage;
  switch (scheme.type) {
    case 'as-recorded':
      return asRecorded(setting);
    case 'average':
      return average(setting);
    case 'reference':
      return against(scheme.minus, setting);
    case 'chains':
      return { rows: chains(scheme.groups, scheme.order, setting), reference: 'bipolar' };
    case 'laplacian':
      return laplacian(scheme.count, scheme.maxDegrees, setting);
    case 'custom':
      return {
        rows: scheme.rows.map(({ label, weights }) => custom(label, weights, setting)),
        reference: 'custom',
      };
  }
}

function asRecorded({ entries, bad }: Setting): Derived {
  const rows = entries
    .filter(({ kind }) => kind !== 'annotations')
    .map((entry): MontageRow => {
      const site = siteOf(entry);
      const own = { channel: entry.position, weight: entry.sign };
      const row = {
        label: entry.name,
        group: entry.kind,
        hemisphere: site ? hemisphere(site) : 'none',
      } as const;
      return { ...row, weights: [own], ...(bad.has(entry.position) ? { bad: 'marked bad' } : {}) };
    });
  return { rows, reference: 'as recorded' };
}

/** Sites that can be compared with each other, or the reason why too few can. */
function comparable(purpose: string, setting: Setting): { sites: string[] } | { refusal: string } {
  const { potentials, entries } = setting;
  const parts = potentials.parts(potentials.scalp);
  const [largest = [], second] = parts;
  const sites = [...largest].sort(compareSites);
  if (!second) return sites.length > 1 ? { sites } : { refusal: 'Fewer than two scalp sites can be used.' };
  const rest = parts.slice(1).reduce((sum, part) => sum + part.length, 0);
  const pair = entries.find(({ bipolar }) => bipolar !== null)?.bipolar;
  const bipolarOnly = entries.every((entry) => siteOf(entry) === null || entry.bipolar !== null);
  if (!bipolarOnly && sites.length > 2 * rest) return { sites };
  const [one, other] = [largest[0]!, second[0]!];
  const subject = pair ? pair.join('-') : `${one} and ${other}`;
  const why = `no chain of recorded differences leads from ${one} to ${other}`;
  return { refusal: `${subject} cannot become ${purpose} because ${why}.` };
}

function average(setting: Setting): Derived {
  const found = comparable('an average reference', setting);
  if ('refusal' in found) return { rows: [], reference: 'average', refusal: found.refusal };
  const { potentials } = setting;
  const { sites } = found;
  const share = 1 / sites.length;
  const anchor = sites[0]!;
  const toAnchor = new Map(sites.map((site) => [site, potentials.difference(site, anchor)]));
  const mean = combine(sites.map((site) => [toAnchor.get(site)!, share]));
  const rows = scalpSites(setting).map((site) => {
    const minusMean = (from: Potentials): Weights | null =>
      combine([
        [from.difference(site, anchor), 1],
        [mean, -1],
      ]);
    return siteRow(site, `${site}-AVG`, minusMean, setting);
  });
  return { rows, reference: `average of ${sites.length} sites` };
}

function against(choices: readonly (readonly string[])[], setting: Setting): Derived {
  const { potentials } = setting;
  const minus = choices.find((places) => places.every((place) => potentials.has(place)));
  const asked = choices.map((places) => places.join(' and ')).join(', or ');
  if (!minus) {
    const single = choices.length === 1 && choices[0]!.length === 1 ? choices[0]![0] : undefined;
    const why =
      single === undefined ? `This recording has none of: ${asked}.` : `${absent(single, setting)}.`;
    return { rows: [], reference: asked, refusal: why };
  }
  const name = minus.length === 1 ? minus[0]! : minus.join(' and ');
  const short = minus.join('+');
  const rows = scalpSites(setting)
    .filter((site) => !minus.includes(site))
    .map((site) => {
      const minusMean = (from: Potentials): Weights | null =>
        combine(minus.map((place) => [from.difference(site, place), 1 / minus.length] as const));
      const row = siteRow(site, `${site}-${short}`, minusMean, setting);
      if (row.missing === undefined || !potentials.has(site)) return row;
      return {
        ...row,
        missing: unjoined(
          site,
          minus.find((place) => !potentials.joined(site, place))!,
        ),
      };
    });
  return { rows, reference: name };
}

function chains(
  groups: readonly ChainGroup[],
  order: 'groups' | 'alternating',
  setting: Setting,
): MontageRow[] {
  const runs = groups.map((group) => links(group, setting));
  if (order === 'groups') return runs.flat();
  const rows: MontageRow[] = [];
  for (let i = 0; i < runs.length; i += 2) {
    const [left = [], right = []] = [runs[i], runs[i + 1]];
    for (let k = 0; k < Math.max(left.length, right.length); k++)
      rows.push(
        ...[left[k], right[k]].flatMap((row) =>
          row ? [{ ...row, group: left[0]!.group.replace(/^left /, '') }] : [],
        ),
      );
  }
  return rows;
}

function links({ group, chain }: ChainGroup, setting: Setting): MontageRow[] {
  const { potentials, bridge } = setting;
  const usable = bridge ? chain.filter((site) => potentials.has(site)) : chain;
  return usable.slice(1).map((second, i) => {
    const first = usable[i]!;
    const label = `${first}-${second}`;
    const skipped = chain.slice(chain.indexOf(first) + 1, chain.indexOf(second));
    const lacking = [first, second].filter((site) => !potentials.has(site));
    const why = (): string =>
      lacking.length ? lacking.map((site) => absent(site, setting)).join('; ') : unjoined(first, second);
    return {
      label,
      group,
      hemisphere: hemisphere(label),
      ...settled((from) => from.difference(first, second), why, setting),
      ...(skipped.length
        ? { note: `${skipped.map((site) => absent(site, setting)).join('; ')}: ${label} used` }
        : {}),
    };
  });
}

function laplacian(count: number, maxDegrees: number, setting: Setting): Derived {
  const found = comparable('a Laplacian', setting);
  if ('refusal' in found) return { rows: [], reference: 'Laplacian', refusal: found.refusal };
  const { potentials } = setting;
  const rows = scalpSites(setting).map((site) => {
    const near = neighbours(site, found.sites, count, maxDegrees);
    const total = near.reduce((sum, { degrees }) => sum + 1 / degrees, 0);
    const enough = near.length >= 3;
    const minusNear = (from: Potentials): Weights | null =>
      enough
        ? combine(
            near.map(
              ({ site: other, degrees }) => [from.difference(site, other), 1 / degrees / total] as const,
            ),
          )
        : null;
    const row = siteRow(site, `${site}-Lap`, minusNear, setting);
    if (row.missing === undefined)
      return { ...row, note: `neighbours ${near.map(({ site: other }) => other).join(', ')}` };
    if (!potentials.has(site)) return row;
    return {
      ...row,
      missing: `${site} has only ${near.length} neighbours within ${maxDegrees}°, three are needed`,
    };
  });
  return { rows, reference: 'Laplacian' };
}

/** Weights over sites. They must add up to zero, or the recording's reference would leak into the row. */
function custom(label: string, weights: Readonly<Record<string, number>>, setting: Setting): MontageRow {
  const { all } = setting;
  const terms = Object.entries(weights).filter(([, weight]) => weight !== 0);
  const lacking = terms.map(([site]) => site).filter((site) => !all.has(site));
  const row = {
    label,
    group: 'custom',
    hemisphere: hemisphere(terms.map(([site]) => site).join('-')),
    weights: [],
  } as const;
  const [anchor] = terms[0] ?? [];
  if (anchor === undefined) return { ...row, missing: 'It has no sites' };
  if (lacking.length) return { ...row, missing: lacking.map((site) => absent(site, setting)).join('; ') };
  const sum = terms.reduce((total, [, weight]) => total + weight, 0);
  if (Math.abs(sum) > 1e-6)
    return {
      ...row,
      missing: `The weights add up to ${Number(sum.toFixed(3))}, not to zero, so the reference would stay in`,
    };
  const stranger = terms.find(([site]) => !all.joined(anchor, site));
  const derive = (from: Potentials): Weights | null =>
    combine(terms.map(([site, weight]) => [from.difference(site, anchor), weight] as const));
  return { ...row, ...settled(derive, () => unjoined(anchor, stranger?.[0] ?? anchor), setting) };
}

/** Scalp sites of the file, bad ones too, so that each gets its row or its reason. */
function scalpSites({ entries, potentials }: Setting): string[] {
  const recorded = entries.flatMap((entry) =>
    entry.kind === 'eeg' ? [entry.electrode ?? [], entry.bipolar ?? []].flat() : [],
  );
  const all = new Set([
    ...potentials.scalp,
    ...recorded.filter((site) => siteNamed(site)?.class === 'scalp'),
  ]);
  return [...all].sort(compareSites);
}

function siteRow(
  site: string,
  label: string,
  derive: (from: Potentials) => Weights | null,
  setting: Setting,
): MontageRow {
  const why = (): string =>
    setting.potentials.has(site) ? `${site} cannot be compared with the other sites` : absent(site, setting);
  return { label, group: hemisphere(site), hemisphere: hemisphere(site), ...settled(derive, why, setting) };
}

/** What a row is made of: good channels where they suffice, else bad ones too and why it is grey, else why there is none. */
function settled(
  derive: (from: Potentials) => Weights | null,
  why: () => string,
  setting: Setting,
): Pick<MontageRow, 'weights' | 'bad' | 'missing'> {
  const { potentials, all } = setting;
  const good = derive(potentials);
  if (good) return { weights: listed(good) };
  const grey = all === potentials ? null : derive(all);
  return grey ? { weights: listed(grey), bad: badReason(grey, setting) } : { weights: [], missing: why() };
}

/** 'T7 is marked bad', 'F7 and T7 are marked bad'. */
function badReason(weights: Weights, { entries, bad }: Setting): string {
  const names = entries
    .filter(({ position }) => bad.has(position) && weights.has(position))
    .map((entry) => siteOf(entry) ?? entry.name);
  return `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} marked bad`;
}

const listed = (weights: Weights | null): { channel: number; weight: number }[] =>
  [...(weights ?? [])].sort(([a], [b]) => a - b).map(([channel, weight]) => ({ channel, weight }));

function absent(site: string, { entries, bad }: Setting): string {
  const touching = entries.filter(
    ({ electrode, bipolar, position }) =>
      (electrode === site || bipolar?.includes(site)) && bad.has(position),
  );
  return touching.length ? `${site} is marked bad` : `${site} is not recorded`;
}

const unjoined = (a: string, b: string): string => `no chain of recorded differences leads from ${a} to ${b}`;
