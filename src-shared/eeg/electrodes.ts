/** Where scalp sites are: the 10-20, 10-10 and 10-5 names on a unit sphere, computed from the arcs that define them. */

/** Unit sphere: x to the right ear, y to the nose, z up; Cz is (0, 0, 1), the equator runs Nz – T10 – Iz – T9. */
export type Position = readonly [x: number, y: number, z: number];
export type Hemisphere = 'left' | 'right' | 'midline';
/** `scalp`: on the cap; the rest are places next to it that carry names of their own. */
export type SiteClass = 'scalp' | 'ear' | 'mastoid' | 'basal';
export type SiteSystem = '10-20' | '10-10' | '10-5' | 'own';

export interface Site {
  name: string;
  position: Position;
  /** True where tradition, not an arc, says where it is. */
  approximate: boolean;
  class: SiteClass;
  system: SiteSystem;
  hemisphere: Hemisphere;
}

/** The site of that exact canonical name ('Fp1', 'AFF5h'), or of a derivation of two ('Fp1-F7': half-way); null when unknown. */
export function position(name: string): Position | null {
  const site = bySite.get(name);
  if (site) return site.position;
  const [a, b] = name.split('-').map((part) => bySite.get(part)?.position);
  return a && b ? normalise([a[0] + b[0], a[1] + b[1], a[2] + b[2]]) : null;
}

export function siteNamed(name: string): Site | null {
  return bySite.get(name) ?? null;
}

/** Finds 'FP1', 'fpz' or 'afz' under its canonical spelling; the whole token or nothing. */
export function canonicalSite(token: string): string | null {
  return byUpper.get(token.toUpperCase()) ?? null;
}

/**
 * Azimuthal equidistant projection for a head seen from above, nose up: Cz in the middle, the equator at radius 1, sites
 * below it outside.
 */
export function project2d(name: string): { x: number; y: number } | null {
  const at = position(name);
  if (!at) return null;
  const radius = Math.acos(Math.max(-1, Math.min(1, at[2]))) / (Math.PI / 2);
  const flat = Math.hypot(at[0], at[1]);
  return flat < 1e-12 ? { x: 0, y: 0 } : { x: (at[0] / flat) * radius, y: (at[1] / flat) * radius };
}

/** Of a site or of a derivation: one side when no end lies on the other. */
export function hemisphere(name: string): Hemisphere {
  const sides = new Set(name.split('-').map((part) => bySite.get(part)?.hemisphere ?? 'midline'));
  if (sides.has('left') === sides.has('right')) return 'midline';
  return sides.has('left') ? 'left' : 'right';
}

/** Degrees between two sites as seen from the centre of the head; NaN when one is unknown. */
export function angleBetween(a: string, b: string): number {
  const p = position(a);
  const q = position(b);
  if (!p || !q) return NaN;
  const dot = p[0] * q[0] + p[1] * q[1] + p[2] * q[2];
  return (Math.acos(Math.max(-1, Math.min(1, dot))) * 180) / Math.PI;
}

/**
 * The nearest of the sites at hand, nearest first; ties go to the canonical order, so the answer never depends on the file.
 *
 * @param among      sites to choose from; the site itself and unknown names are passed over
 * @param count      at most so many
 * @param maxDegrees none farther than this
 */
export function neighbours(
  name: string,
  among: Iterable<string>,
  count = 4,
  maxDegrees = 60,
): { site: string; degrees: number }[] {
  return [...new Set(among)]
    .filter((site) => site !== name && bySite.has(site))
    .map((site) => ({ site, degrees: angleBetween(name, site) }))
    .filter(({ degrees }) => degrees <= maxDegrees)
    .sort((a, b) => Math.round((a.degrees - b.degrees) * 1e6) || compareSites(a.site, b.site))
    .slice(0, count);
}

/** Front to back, then left to right; derivations after sites, by their first and second end. */
export function compareSites(a: string, b: string): number {
  const [a1 = '', a2] = a.split('-');
  const [b1 = '', b2] = b.split('-');
  if ((a2 === undefined) !== (b2 === undefined)) return a2 === undefined ? -1 : 1;
  const last = sites.length;
  const difference = (rank.get(a1) ?? last) - (rank.get(b1) ?? last);
  if (difference) return difference;
  return a2 === undefined || b2 === undefined || a1 !== b1 ? a.localeCompare(b, 'en') : compareSites(a2, b2);
}

/** How a site is written for a reader who grew up with the older names. */
export function displayName(name: string, style: 'modern' | 'older'): string {
  if (style === 'modern') return name;
  return name
    .split('-')
    .map((part) => olderNames[part] ?? part)
    .join('-');
}

const olderNames: Record<string, string> = { T7: 'T3', T8: 'T4', P7: 'T5', P8: 'T6' };

/** Midline sites every 5 % from nasion to inion: 9° each on the sphere. */
const midline =
  'Nz NFpz Fpz AFpz AFz AFFz Fz FFCz FCz FCCz Cz CCPz CPz CPPz Pz PPOz POz POOz Oz OIz Iz'.split(' ');
/** Row names from AFp to POO at the temple (columns 7, 7h, 9, 9h) and over the top (columns 1 to 5h). */
const temporal = 'AFp AF AFF F FFT FT FTT T TTP TP TPP P PPO PO POO'.split(' ');
const central = 'AFp AF AFF F FFC FC FCC C CCP CP CPP P PPO PO POO'.split(' ');
const columns = ['7h', '5', '5h', '3', '3h', '1', '1h'];
/** The two sites between the midline and row AFp (POO), on the ring at 10 %, on the one at 5 % and on the equator. */
const front = [
  ['Fp1h', 'Fp1'],
  ['NFp1h', 'NFp1'],
  ['N1h', 'N1'],
];
const back = [
  ['O1h', 'O1'],
  ['OI1h', 'OI1'],
  ['I1h', 'I1'],
];
const ringColumns = ['7', '9h', '9'];
const step = Math.PI / 20;

/** Left and midline sites by the arcs of Oostenveld & Praamstra 2001 (10-5 system). */
function leftSites(): [string, Position][] {
  const found: [string, Position][] = midline.map((name, i) => [
    name,
    [0, Math.cos(i * step), Math.sin(i * step)],
  ]);
  for (const [level, column] of ringColumns.entries()) {
    const height = (2 - level) * step;
    const ring = (azimuth: number): Position => [
      -Math.cos(height) * Math.sin(azimuth),
      Math.cos(height) * Math.cos(azimuth),
      Math.sin(height),
    ];
    for (const [k, name] of front[level]!.entries()) found.push([name, ring((k + 1) * step)]);
    for (const [k, name] of back[level]!.entries()) found.push([name, ring(Math.PI - (k + 1) * step)]);
    for (const [row, name] of temporal.entries()) found.push([`${name}${column}`, ring((row + 3) * step)]);
  }
  const ends = new Map(found);
  for (const [row, name] of central.entries()) {
    const end = ends.get(`${temporal[row]}7`)!;
    const top = ends.get(`${name}z`)!;
    for (const [k, column] of columns.entries())
      found.push([`${column === '7h' ? temporal[row] : name}${column}`, alongRow(end, top, (k + 1) / 8)]);
  }
  return found;
}

/** A point on the circle through the left end, the midline site and the mirrored right end of a row; 0 at the end, 1 on top. */
function alongRow(end: Position, top: Position, share: number): Position {
  const [a, y, z] = end;
  const rise = Math.hypot(top[1] - y, top[2] - z);
  const centre = (rise * rise - a * a) / (2 * rise);
  const radius = rise - centre;
  const angle = Math.atan2(-a, -centre) * (1 - share);
  const along = (centre + radius * Math.cos(angle)) / rise;
  return [-radius * Math.sin(angle), y + along * (top[1] - y), z + along * (top[2] - z)];
}

function normalise([x, y, z]: Position): Position {
  const length = Math.hypot(x, y, z);
  return length < 1e-9 ? [0, 0, 1] : [x / length, y / length, z / length];
}

/** Number 2n for 2n − 1. */
const mirrored = (name: string): string => name.replace(/\d+/, (digits) => String(Number(digits) + 1));

const flip = ([x, y, z]: Position): Position => [-x, y, z];

/** Degrees below the equator and behind the ear, from the usual drawings; good enough for a head map, no more. */
const place = (azimuth: number, below: number): Position => {
  const [a, b] = [(azimuth * Math.PI) / 180, (below * Math.PI) / 180];
  return [-Math.cos(b) * Math.sin(a), Math.cos(b) * Math.cos(a), -Math.sin(b)];
};
const own: [string, Position, SiteClass][] = [
  ['A1', place(92, 24), 'ear'],
  ['M1', place(112, 18), 'mastoid'],
  // Cerebellar sites of Neuroscan caps, below and beside O1 and O2.
  ['CB1', place(150, 6), 'scalp'],
  // Special temporal electrodes (Silverman): above a third of the line from ear to eye, near FT9.
  ['T1', place(72, 6), 'scalp'],
  ['Sp1', place(70, 35), 'basal'],
  ['Pg1', place(35, 50), 'basal'],
];

const twenty = new Set('Fp1 Fpz Fp2 F7 F3 Fz F4 F8 T7 C3 Cz C4 T8 P7 P3 Pz P4 P8 O1 Oz O2'.split(' '));
const tenRows =
  /^(?:(?:F|FC|C|CP|P)(?:[1-6]|z)|(?:F|FT|T|TP|P)(?:[789]|10)|(?:AF|PO)[34z]|(?:AF|PO)[78]|PO9|PO10|(?:Fp|O)[12z]|Nz|Iz)$/;

function systemOf(name: string): SiteSystem {
  if (twenty.has(name)) return '10-20';
  return tenRows.test(name) ? '10-10' : '10-5';
}

function bothSides(): Site[] {
  const describe = (
    name: string,
    at: Position,
    rest: Pick<Site, 'approximate' | 'class' | 'system'>,
  ): Site => ({
    name,
    position: at,
    ...rest,
    hemisphere: Math.abs(at[0]) < 1e-12 ? 'midline' : at[0] < 0 ? 'left' : 'right',
  });
  const arcs = leftSites().flatMap(([name, at]) => {
    const sides: [string, Position][] = name.endsWith('z')
      ? [[name, at]]
      : [
          [name, at],
          [mirrored(name), flip(at)],
        ];
    return sides.map(([side, where]) =>
      describe(side, where, { approximate: false, class: 'scalp', system: systemOf(side) }),
    );
  });
  const beside = own.flatMap(([name, at, kind]) =>
    [[name, at] as const, [mirrored(name), flip(at)] as const].map(([side, where]) =>
      describe(side, where, { approximate: true, class: kind, system: 'own' }),
    ),
  );
  return [...arcs, ...beside];
}

const rows = new Map<string, number>([
  ...'N NFp Fp'.split(' ').map((name, i) => [name, i] as [string, number]),
  ...temporal.map((name, i) => [name, i + 3] as [string, number]),
  ...central.map((name, i) => [name, i + 3] as [string, number]),
  ...'O OI I'.split(' ').map((name, i) => [name, i + 18] as [string, number]),
  ['CB', 18],
  // Sites beside the scalp come last.
  ...'Pg Sp A M'.split(' ').map((name, i) => [name, i + 30] as [string, number]),
]);

/** Row first, then the column: left is negative, a half-way site ('5h') lies towards the midline. */
function orderKey(name: string): [number, number] {
  const [, row = '', digits, half] = /^(\D+?)(?:z|(\d+)(h?))$/.exec(name) ?? [];
  if (name === 'T1' || name === 'T2') return [8, name === 'T1' ? -9.5 : 9.5];
  if (digits === undefined) return [rows.get(row) ?? 99, 0];
  const number = Number(digits);
  const column = (number % 2 ? number : number - 1) + 1 - (half ? 1 : 0);
  const outward = row === 'CB' ? 20 : column;
  return [rows.get(row) ?? 99, number % 2 ? -outward : outward];
}

/** Every known site in canonical order, front to back and left to right: 345 of the 10-5 system and 12 with names of their own. */
export const sites: readonly Site[] = bothSides().sort((a, b) => {
  const [p, q] = [orderKey(a.name), orderKey(b.name)];
  return p[0] - q[0] || p[1] - q[1];
});

const bySite = new Map(sites.map((site) => [site.name, site]));
const byUpper = new Map(sites.map((site) => [site.name.toUpperCase(), site.name]));
const rank = new Map(sites.map((site, i) => [site.name, i]));
