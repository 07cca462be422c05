/** One line of a subset's index: which segment, what became of it, and why. */
import { AppError } from '#shared/errors.ts';

export const fates = ['kept', 'left out', 'rejected', 'pinned'] as const;
export type Fate = (typeof fates)[number];

export interface SegmentRow {
  /** Row in the whole store. */
  index: number;
  recording: string;
  subject: string;
  /** Position in the source's groups. */
  group: number;
  startS: number;
  durationS: number;
  /** Place in the order of choosing, 0 first; null when never chosen. */
  order: number | null;
  /** Difference from everything chosen before it, or, left out, from the nearest that is kept. */
  distance: number | null;
  fate: Fate;
  reason: string;
  label: string | null;
}

/** Kept and pinned segments are handed over. */
export const isHandedOver = ({ fate }: SegmentRow): boolean => fate === 'kept' || fate === 'pinned';

/** Rows handed over, group by group, in the order they were chosen; those without an order last, by index. */
export function handedOver(rows: readonly SegmentRow[]): Map<number, SegmentRow[]> {
  const kept = rows.filter(isHandedOver);
  if (kept.length === 0)
    throw new AppError('no-data', 'No segment is kept, so there is nothing to export. Keep a larger share.');
  kept.sort(
    (a, b) => a.group - b.group || (a.order ?? Infinity) - (b.order ?? Infinity) || a.index - b.index,
  );
  return Map.groupBy(kept, ({ group }) => group);
}
