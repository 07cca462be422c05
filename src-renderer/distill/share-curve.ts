/** What a distillate is at any share along its order: everything the slider shows comes from here, without a call. */
import type { DistillateView, MethodRow } from '#shared/views.ts';

export type TableBy = DistillateView['tables'][number]['by'];

/** Position of the share on the curve that is nearest in ratio. */
export function nearestShare(shares: readonly number[], wanted: number): number {
  let best = 0;
  for (const [i, share] of shares.entries())
    if (Math.abs(Math.log(share / wanted)) < Math.abs(Math.log(shares[best]! / wanted))) best = i;
  return best;
}

export interface AtShare {
  share: number;
  kept: number;
  hours: number;
  /** Farthest left out of what was chosen, in units of difference. */
  radius: number;
}

/** @param at position on `view.curve.share` */
export function atShare(view: DistillateView, at: number): AtShare {
  const kept = sumKept(view, at);
  return {
    share: view.curve.share[at] ?? view.keep,
    kept,
    hours: view.segments === 0 ? 0 : (view.hours * kept) / view.segments,
    radius: ownCurve(view)?.radius[at] ?? view.radius,
  };
}

/** The curve of what was chosen; the others are what it is held against. */
export function ownCurve(view: DistillateView): DistillateView['curve']['methods'][number] | null {
  const own = view.methods[0]?.name;
  return view.curve.methods.find(({ name }) => name === own) ?? view.curve.methods[0] ?? null;
}

function sumKept(view: DistillateView, at: number): number {
  const groups = view.tables.find(({ by }) => by === 'group');
  return groups ? groups.rows.reduce((sum, row) => sum + (row.kept[at] ?? 0), 0) : view.kept;
}

export interface Retained {
  name: string;
  before: number;
  kept: number;
  /** Share kept of this row over the share kept of all; 1 is even. Null where nothing could be kept. */
  factor: number | null;
}

export function retention(view: DistillateView, by: TableBy, at: number): Retained[] {
  const overall = sumKept(view, at) / Math.max(1, view.segments);
  const table = view.tables.find((each) => each.by === by);
  return (table?.rows ?? []).map(({ name, before, kept }) => {
    const now = kept[at] ?? 0;
    return { name, before, kept: now, factor: before === 0 || overall === 0 ? null : now / before / overall };
  });
}

/** Rows that had segments and have none left. */
export function lost(rows: readonly Retained[]): Retained[] {
  return rows.filter(({ before, kept }) => before > 0 && kept === 0);
}

/** The comparison at another share than the distilled one: distances from the curves; picks in common are known only there. */
export function methodsAt(view: DistillateView, at: number): MethodRow[] {
  const share = view.curve.share[at];
  const distilled = share !== undefined && Math.abs(share - view.keep) < 1e-9;
  if (distilled) return view.methods;
  const kept = sumKept(view, at);
  return view.methods.flatMap((row) => {
    const curve = view.curve.methods.find(({ name }) => name === row.name);
    if (!curve) return [];
    const [low, high] = [curve.low?.[at], curve.high?.[at]];
    return [
      {
        ...row,
        kept,
        radius: curve.radius[at] ?? row.radius,
        radiusRange: low === undefined || high === undefined ? null : [low, high],
        overlap: null,
      },
    ];
  });
}

/** 1 becomes '1st', 212 becomes '212th'. */
export function ordinal(value: number): string {
  const end =
    value % 100 >= 11 && value % 100 <= 13
      ? 'th'
      : (({ 1: 'st', 2: 'nd', 3: 'rd' } as const)[value % 10] ?? 'th');
  return `${value.toLocaleString('en-GB')}${end}`;
}
