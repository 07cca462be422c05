/** Draws the map of segments: dots left out, discs kept, crosses rejected; names of groups or labels where their points lie. */
import { canvasFont } from '../plot/theme.ts';
import { fateOf, type ColourBy, type MapPoints, type Placement } from './map-points.ts';

type Ink = (token: string) => string;

export interface MapLook {
  kept: number;
  by: ColourBy;
  /** Category token 1–8 by position in `groups`. */
  groupColours: readonly number[];
}

/** Token of a point's colour. Fates keep their shapes in every colouring. */
export function pointColour(map: MapPoints, at: number, { kept, by, groupColours }: MapLook): string {
  const fate = fateOf(map, at, kept);
  if (fate === 'rejected') return 'rejected';
  if (by === 'group') return category(groupColours[map.groupOf[at]!] ?? 0);
  // Label 0 is "no label".
  if (by === 'label') return map.labelOf[at]! === 0 ? 'left-out' : category(map.labelOf[at]!);
  if (by === 'order') return fate === 'kept' ? orderColour(map.share[at]!, kept) : 'left-out';
  return fate;
}

function category(number: number): string {
  return number >= 1 && number <= 8 ? `cat-${number}` : 'left-out';
}

/** First chosen strongest; five steps of equal ratio. */
function orderColour(share: number, kept: number): string {
  const steps = Math.min(4, Math.floor(Math.log2(Math.max(1, kept / Math.max(share, 1e-9)))));
  return `seq-${3 + steps}`;
}

export function drawMap(
  context: CanvasRenderingContext2D,
  map: MapPoints,
  place: Placement,
  look: MapLook,
  ink: Ink,
): void {
  const dots = new Map<string, number[]>();
  const discs = new Map<string, number[]>();
  const crosses: number[] = [];
  for (let at = 0; at < map.count; at++) {
    const fate = fateOf(map, at, look.kept);
    if (fate === 'rejected') crosses.push(at);
    else add(fate === 'kept' ? discs : dots, pointColour(map, at, look), at);
  }
  const dot = map.count > 20_000 ? 1 : 1.5;
  context.globalAlpha = 0.75;
  for (const [token, members] of dots) {
    context.fillStyle = ink(token);
    for (const at of members) context.fillRect(place.x[at]! - dot / 2, place.y[at]! - dot / 2, dot, dot);
  }
  context.globalAlpha = 1;
  const radius = map.count > 20_000 ? 2.2 : 2.8;
  context.lineWidth = 1;
  context.strokeStyle = ink('bg-panel');
  for (const [token, members] of discs) {
    context.fillStyle = ink(token);
    for (const at of members) {
      context.beginPath();
      context.arc(place.x[at]!, place.y[at]!, radius, 0, 2 * Math.PI);
      context.fill();
      context.stroke();
    }
  }
  context.strokeStyle = ink('rejected');
  context.lineWidth = 1.5;
  context.beginPath();
  for (const at of crosses) {
    const [x, y] = [place.x[at]!, place.y[at]!];
    context.moveTo(x - 3, y - 3);
    context.lineTo(x + 3, y + 3);
    context.moveTo(x + 3, y - 3);
    context.lineTo(x - 3, y + 3);
  }
  context.stroke();
}

/** The layer above: what is selected, what is under the pointer, and the one it is compared with. */
export function drawSelection(
  context: CanvasRenderingContext2D,
  place: Placement,
  marked: { selected: number; hovered: number; nearest: number; text: string; between: string },
  ink: Ink,
): void {
  const { selected, hovered, nearest } = marked;
  if (selected >= 0 && nearest >= 0) {
    context.setLineDash([3, 3]);
    context.strokeStyle = ink('ink');
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(place.x[selected]!, place.y[selected]!);
    context.lineTo(place.x[nearest]!, place.y[nearest]!);
    context.stroke();
    context.setLineDash([]);
    ring(context, place.x[nearest]!, place.y[nearest]!, 4.5, ink('ink'));
    halo(
      context,
      marked.between,
      (place.x[selected]! + place.x[nearest]!) / 2,
      (place.y[selected]! + place.y[nearest]!) / 2 - 6,
      ink,
      400,
    );
  }
  if (hovered >= 0 && hovered !== selected)
    ring(context, place.x[hovered]!, place.y[hovered]!, 6, ink('ink-3'));
  if (selected >= 0) {
    ring(context, place.x[selected]!, place.y[selected]!, 7, ink('pinned'), 2);
    halo(context, marked.text, place.x[selected]!, place.y[selected]! + 20, ink, 600);
  }
}

/** Names at the middle of their points, dropped where they would run into one already there. */
export function drawNames(
  context: CanvasRenderingContext2D,
  map: MapPoints,
  place: Placement,
  by: 'group' | 'label',
  width: number,
  ink: Ink,
): void {
  const names = by === 'group' ? map.groups : map.labels;
  const of = by === 'group' ? map.groupOf : map.labelOf;
  const taken: { x: number; y: number; w: number }[] = [];
  for (const [number, name] of names.entries()) {
    if (by === 'label' && number === 0) continue;
    const members = Array.from({ length: map.count }, (_, at) => at).filter(
      (at) => of[at] === number && map.share[at]! <= 2,
    );
    if (members.length === 0) continue;
    // The member nearest to the mean: a mean of a ring would lie on nothing.
    const [mx, my] = [mean(members, place.x), mean(members, place.y)];
    const at = members.reduce((best, each) =>
      Math.hypot(place.x[each]! - mx, place.y[each]! - my) <
      Math.hypot(place.x[best]! - mx, place.y[best]! - my)
        ? each
        : best,
    );
    context.font = canvasFont(11, 500);
    const w = context.measureText(name).width;
    const x = Math.min(width - w / 2 - 4, Math.max(w / 2 + 4, place.x[at]!));
    const y = place.y[at]! - 8;
    if (taken.some((other) => Math.abs(other.y - y) < 15 && Math.abs(other.x - x) < (other.w + w) / 2 + 6))
      continue;
    taken.push({ x, y, w });
    halo(context, name, x, y, ink, 500);
  }
}

function mean(members: readonly number[], values: Float32Array): number {
  return members.reduce((sum, at) => sum + values[at]!, 0) / members.length;
}

function add(into: Map<string, number[]>, token: string, at: number): void {
  const members = into.get(token);
  if (members) members.push(at);
  else into.set(token, [at]);
}

function ring(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  radius: number,
  colour: string,
  width = 1.5,
): void {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke();
}

function halo(
  context: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  ink: Ink,
  weight: number,
): void {
  if (text === '') return;
  context.font = canvasFont(11, weight);
  context.textAlign = 'center';
  context.textBaseline = 'alphabetic';
  context.lineJoin = 'round';
  context.lineWidth = 4;
  context.strokeStyle = ink('bg-panel');
  context.strokeText(text, x, y);
  context.fillStyle = ink('ink');
  context.fillText(text, x, y);
}
