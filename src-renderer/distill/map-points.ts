/** The drawn segments of a distillate: where they lie, when each is kept, which is under the pointer. */
import type { SegmentMapView } from '#shared/views.ts';

export type Fate = 'kept' | 'left-out' | 'rejected';
export type ColourBy = 'fate' | 'group' | 'label' | 'order';

/** Shares above 1 are codes of the map: 2 is never in this order, 3 is rejected. */
const rejectedCode = 3;

export interface MapPoints {
  count: number;
  /** Segments of which these were drawn. */
  total: number;
  /** [2 · count] x and y; y grows upwards. */
  points: Float32Array;
  index: Int32Array;
  share: Float32Array;
  groupOf: Uint8Array;
  labelOf: Uint8Array;
  groups: string[];
  labels: string[];
  /** Positions of all that are ever kept, in the order of choosing. */
  order: Int32Array;
  /** Position by segment index. */
  at: ReadonlyMap<number, number>;
}

export async function readMap(view: SegmentMapView): Promise<MapPoints> {
  const [points, index, share, groupOf, labelOf] = await Promise.all(
    [view.points, view.index, view.share, view.groupOf, view.labelOf].map((blob) => blob.arrayBuffer()),
  );
  const shares = new Float32Array(share!);
  const indices = new Int32Array(index!);
  const order = Int32Array.from(indices.keys())
    .filter((at) => shares[at]! <= 1)
    .sort((a, b) => shares[a]! - shares[b]! || a - b);
  return {
    count: view.count,
    total: view.total,
    points: new Float32Array(points!),
    index: indices,
    share: shares,
    groupOf: new Uint8Array(groupOf!),
    labelOf: new Uint8Array(labelOf!),
    groups: view.groups,
    labels: view.labels,
    order,
    at: new Map(Array.from(indices, (segment, at) => [segment, at])),
  };
}

/** Shares travel as float32, so equality needs this much room. */
const slack = 1 + 1e-6;

export function fateOf({ share }: Pick<MapPoints, 'share'>, at: number, kept: number): Fate {
  const own = share[at]!;
  return own === rejectedCode ? 'rejected' : own <= kept * slack ? 'kept' : 'left-out';
}

export function countFates(map: Pick<MapPoints, 'share' | 'count'>, kept: number): Record<Fate, number> {
  const counts: Record<Fate, number> = { kept: 0, 'left-out': 0, rejected: 0 };
  for (let at = 0; at < map.count; at++) counts[fateOf(map, at, kept)]++;
  return counts;
}

/** Next one in the order of choosing among those kept; round again at both ends. @param at position, −1 for none */
export function stepInOrder(map: MapPoints, at: number, kept: number, step: 1 | -1): number {
  let count = 0;
  while (count < map.order.length && fateOf(map, map.order[count]!, kept) === 'kept') count++;
  if (count === 0) return -1;
  const now = map.order.subarray(0, count).indexOf(at);
  if (now < 0) return map.order[step === 1 ? 0 : count - 1]!;
  return map.order[(now + step + count) % count]!;
}

/** Places points in a box without stretching: x right, y down, in CSS pixels. */
export interface Placement {
  x: Float32Array;
  y: Float32Array;
}

export function placePoints(
  { points, count }: Pick<MapPoints, 'points' | 'count'>,
  width: number,
  height: number,
  margin = 14,
): Placement {
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < count; i++) {
    const [px, py] = [points[2 * i]!, points[2 * i + 1]!];
    if (px < left) left = px;
    if (px > right) right = px;
    if (py < bottom) bottom = py;
    if (py > top) top = py;
  }
  const scale = Math.min(
    (width - 2 * margin) / (right - left || 1),
    (height - 2 * margin) / (top - bottom || 1),
  );
  const x = new Float32Array(count);
  const y = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    x[i] = width / 2 + (points[2 * i]! - (left + right) / 2) * scale;
    y[i] = height / 2 - (points[2 * i + 1]! - (bottom + top) / 2) * scale;
  }
  return { x, y };
}

/** Squares of the plane with the points in them: the nearest within reach is found by looking at few. */
export class PointGrid {
  readonly #cells = new Map<number, number[]>();
  readonly #place: Placement;
  readonly #size: number;

  /** @param size side of a square, at least the reach of `nearest` */
  constructor(place: Placement, size: number) {
    this.#place = place;
    this.#size = size;
    for (let i = 0; i < place.x.length; i++) {
      const key = this.#key(Math.floor(place.x[i]! / size), Math.floor(place.y[i]! / size));
      const cell = this.#cells.get(key);
      if (cell) cell.push(i);
      else this.#cells.set(key, [i]);
    }
  }

  /** @param prefer wins over nearer ones that are not preferred. @returns position, or −1 when nothing is within reach */
  nearest(x: number, y: number, reach: number, prefer: (at: number) => boolean = () => false): number {
    const [column, row] = [Math.floor(x / this.#size), Math.floor(y / this.#size)];
    let best = -1;
    let distance = Infinity;
    for (let dr = -1; dr <= 1; dr++)
      for (let dc = -1; dc <= 1; dc++)
        for (const at of this.#cells.get(this.#key(column + dc, row + dr)) ?? []) {
          const own = Math.hypot(this.#place.x[at]! - x, this.#place.y[at]! - y);
          const weighed = prefer(at) ? own / 2 : own;
          if (own <= reach && weighed < distance) [best, distance] = [at, weighed];
        }
    return best;
  }

  #key(column: number, row: number): number {
    return (column + 32_768) * 65_536 + (row + 32_768);
  }
}
