/** The arithmetic of a long table: order, groups, which rows are in sight, which rows a Shift click spans. */

export interface Sort {
  key: string;
  descending: boolean;
}

export type SortValue = string | number | boolean | null;

/** Unknowns last in either direction; text by its numbers ('S-2' before 'S-10'); ties keep their order. */
export function sortRows<Row>(
  rows: readonly Row[],
  value: ((row: Row) => SortValue) | undefined,
  descending: boolean,
): Row[] {
  if (!value) return [...rows];
  const sign = descending ? -1 : 1;
  return rows
    .map((row) => ({ row, by: value(row) }))
    .sort((a, b) => {
      if (a.by === null || b.by === null) return Number(a.by === null) - Number(b.by === null);
      if (typeof a.by === 'string' && typeof b.by === 'string')
        return sign * a.by.localeCompare(b.by, 'en', { numeric: true });
      return sign * (Number(a.by) - Number(b.by));
    })
    .map(({ row }) => row);
}

export type Line<Row> =
  { kind: 'group'; group: string; rows: Row[]; open: boolean } | { kind: 'row'; row: Row; group: string };

/** Lines as they stand below one another: group heads, and the rows of open groups. Groups in order of first appearance in `order`, then of rows. */
export function toLines<Row>(
  rows: readonly Row[],
  groupOf: ((row: Row) => string) | null,
  closed: ReadonlySet<string>,
  order: readonly string[] = [],
): Line<Row>[] {
  if (!groupOf) return rows.map((row) => ({ kind: 'row', row, group: '' }));
  const groups = Map.groupBy(rows, groupOf);
  const names = [...new Set([...order.filter((name) => groups.has(name)), ...groups.keys()])];
  return names.flatMap((group): Line<Row>[] => {
    const members = groups.get(group) ?? [];
    const open = !closed.has(group);
    return [
      { kind: 'group', group, rows: members, open },
      ...(open ? members.map((row): Line<Row> => ({ kind: 'row', row, group })) : []),
    ];
  });
}

/** First and last + 1 of the lines to draw, with a margin on both sides; everything up to 200 lines. */
export function visibleRange(
  count: number,
  rowPx: number,
  scrollTop: number,
  heightPx: number,
): [number, number] {
  if (count <= 200 || rowPx <= 0) return [0, count];
  const margin = 12;
  const first = Math.max(0, Math.floor(scrollTop / rowPx) - margin);
  return [Math.min(first, count), Math.min(count, Math.ceil((scrollTop + heightPx) / rowPx) + margin)];
}

/** Ids between two, both included, in the order shown; both alone when one is not shown. */
export function spanOf(ids: readonly string[], from: string, to: string): string[] {
  const [a, b] = [ids.indexOf(from), ids.indexOf(to)];
  return a < 0 || b < 0 ? [to] : ids.slice(Math.min(a, b), Math.max(a, b) + 1);
}
