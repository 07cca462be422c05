/** Which height every trace has on the page: lanes of one height, groups a little apart, labels in columns when lanes are narrow. */

export interface LanePlace {
  /** Centre. */
  y: number;
  /** 0, 1, 2: which of the label's columns, so that labels of 11 px never lie on one another. */
  column: number;
}

export interface GroupBar {
  group: string;
  first: number;
  last: number;
}

export interface LaneLayout {
  places: LanePlace[];
  /** Height of one lane. */
  unit: number;
  /** Columns that labels need. */
  columns: number;
  /** Runs of one group, for the bar beside their labels; none where groups take turns. */
  bars: GroupBar[];
}

const labelPx = 13;

/**
 * @param groups one per trace, in order
 * @param top    upper edge of the first lane
 */
export function layLanes(groups: readonly string[], top: number, height: number): LaneLayout {
  const runs = runsOf(groups);
  // Groups that come back (left, right, left …) are an order of their own and are not parted.
  const parted = runs.length > 1 && new Set(groups).size === runs.length && groups.length > runs.length;
  const gap = parted ? (groups.length > 40 ? 0.3 : 0.5) : 0;
  const unit = Math.max(1, height / Math.max(1, groups.length + gap * (runs.length - 1)));
  const columns = Math.min(3, Math.max(1, Math.ceil(labelPx / unit)));
  const places: LanePlace[] = [];
  let y = top + unit / 2;
  for (const { first, last } of runs) {
    for (let i = first; i <= last; i++, y += unit) places.push({ y, column: i % columns });
    y += unit * gap;
  }
  return { places, unit, columns, bars: parted ? runs : [] };
}

/** The lane nearest to a height; null on an empty page. */
export function laneAt({ places, unit }: LaneLayout, y: number): number | null {
  let best: number | null = null;
  let distance = unit * 1.5;
  for (const [i, place] of places.entries()) {
    const away = Math.abs(place.y - y);
    if (away < distance) {
      best = i;
      distance = away;
    }
  }
  return best;
}

function runsOf(groups: readonly string[]): GroupBar[] {
  const runs: GroupBar[] = [];
  for (const [i, group] of groups.entries()) {
    const last = runs.at(-1);
    if (last?.group === group) last.last = i;
    else runs.push({ group, first: i, last: i });
  }
  return runs;
}
