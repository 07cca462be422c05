/** What was kept and what was lost, counted and compared at any share, from stored results alone. */
import {
  coverageAt,
  keptAt,
  methodOf,
  positionsOf,
  sharedPicks,
  type Distillate,
} from '#shared/eeg/distillate.ts';
import type { LabelledSegment, Segment } from '#shared/eeg/segment.ts';
import type { MethodRow } from '#shared/views.ts';

export interface RetentionRow {
  name: string;
  before: number;
  /** Kept at each of the shares. */
  kept: number[];
}

export interface RetentionTable {
  by: 'subject' | 'label' | 'group' | 'hour';
  rows: RetentionRow[];
}

export interface CoverageCurve {
  name: string;
  label: string;
  /** Farthest left out over all groups, in units of `difference`; one value a share. */
  radius: number[];
  /** Over the runs by chance. */
  low?: number[];
  high?: number[];
}

/** Names of the methods as people read them. */
export const methodLabels: Record<string, string> = {
  'k-center': 'Limbeck',
  random: 'By chance',
  pca: 'PCA and k-center',
  raw: 'Signal and k-center',
};

/** Shares on a logarithmic grid from the smallest that keeps something to the largest ordered, `keep` among them. */
export function shareGrid({ groups, keep, orderUpTo }: Distillate, count = 40): number[] {
  const least = Math.min(keep, Math.max(0.001, ...groups.map((group) => 1 / group.count)));
  const ratio = orderUpTo / least;
  const grid = Array.from({ length: count }, (_, i) => least * ratio ** (i / (count - 1)));
  return [...new Set([...grid.slice(0, -1), orderUpTo, keep])].sort((a, b) => a - b);
}

/** Before and after, per subject, label (only labelled segments), data set and hour of the recording. */
export function countRetention(
  distillate: Distillate,
  segments: readonly Segment[],
  labelled: readonly LabelledSegment[],
  shares: readonly number[],
): RetentionTable[] {
  const labelOf = new Map(labelled.map(({ index, label }) => [index, label]));
  const keys = {
    subject: (segment: Segment) => segment.subject,
    label: (segment: Segment) => labelOf.get(segment.index),
    group: (_: Segment, group: string) => group,
    hour: (segment: Segment) => `hour ${Math.floor(segment.startS / 3600) + 1}`,
  };
  const tables = new Map(
    Object.keys(keys).map((by) => [by as keyof typeof keys, new Map<string, RetentionRow>()]),
  );
  for (const group of distillate.groups) {
    const positions = positionsOf(group);
    const kept = shares.map((share) => keptAt(group, share));
    for (let row = 0; row < group.count; row++) {
      const segment = segments[group.first + row]!;
      for (const [by, rows] of tables) {
        const name = keys[by](segment, group.name);
        if (name === undefined) continue;
        const entry = rows.get(name) ?? { name, before: 0, kept: shares.map(() => 0) };
        rows.set(name, entry);
        entry.before++;
        const position = positions[row]!;
        if (position >= 0) kept.forEach((count, i) => (entry.kept[i]! += position < count ? 1 : 0));
      }
    }
  }
  const byName = new Intl.Collator('en', { numeric: true });
  return [...tables].map(([by, rows]) => ({
    by,
    rows: [...rows.values()].sort((a, b) => byName.compare(a.name, b.name)),
  }));
}

/** Farthest left out against share, per method; the runs by chance as mean, low and high. */
export function coverageCurves(distillate: Distillate, shares: readonly number[]): CoverageCurve[] {
  return familiesOf(distillate).map(({ name, runs }) => {
    const values = runs.map((run) => shares.map((share) => radiusOf(distillate, run, share)));
    const radius = shares.map((_, i) => values.reduce((sum, run) => sum + run[i]!, 0) / values.length);
    const curve = { name, label: methodLabels[name] ?? name, radius };
    if (name !== 'random') return curve;
    return {
      ...curve,
      low: shares.map((_, i) => Math.min(...values.map((run) => run[i]!))),
      high: shares.map((_, i) => Math.max(...values.map((run) => run[i]!))),
    };
  });
}

/** All methods at one budget: farthest left out, and the share of a method's picks that are also the chosen ones'. */
export function compareMethods(distillate: Distillate, share: number): MethodRow[] {
  const [chosen] = familiesOf(distillate);
  return familiesOf(distillate).map(({ name, runs }) => {
    const radii = runs.map((run) => radiusOf(distillate, run, share));
    const kept = distillate.groups.reduce((sum, group) => sum + keptAt(group, share), 0);
    const shared = runs.map((run) =>
      distillate.groups.reduce((sum, group) => {
        const method = methodOf(group, run);
        return sum + (method ? sharedPicks(group.chosen, method, keptAt(group, share)) : 0);
      }, 0),
    );
    return {
      name,
      label: methodLabels[name] ?? name,
      kept,
      radius: radii.reduce((a, b) => a + b, 0) / radii.length,
      radiusRange: name === 'random' ? [Math.min(...radii), Math.max(...radii)] : null,
      overlap:
        name === chosen!.name || kept === 0 ? null : shared.reduce((a, b) => a + b, 0) / shared.length / kept,
    };
  });
}

/** Methods that every group has, the chosen one first; the runs by chance as one. */
function familiesOf({ groups }: Distillate): { name: string; runs: string[] }[] {
  const lists = groups.map(({ chosen, others }) => [chosen, ...others].map(({ name }) => name));
  const common = (lists[0] ?? []).filter((name) => lists.every((list) => list.includes(name)));
  const families = Map.groupBy(common, (name) => (name.startsWith('random-') ? 'random' : name));
  return [...families].map(([name, runs]) => ({ name, runs }));
}

function radiusOf({ groups }: Distillate, name: string, share: number): number {
  // where a share keeps nothing of a group, its first pick tells at least how bad it is
  return Math.max(
    0,
    ...groups.map(
      (group) => coverageAt(group, Math.max(1, keptAt(group, share)), methodOf(group, name)) ?? 0,
    ),
  );
}
