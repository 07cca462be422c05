/** One trace as a line: every sample while they are few, minimum and maximum of each pixel column once they are many. */
import { offsetPx } from './scale.ts';

/** A stretch of one trace. `pairs`: values are minimum, maximum of each column in turn. NaN: nothing recorded. */
export interface Piece {
  values: Float32Array;
  /** Time of the first value (of the first pair's middle). */
  firstS: number;
  /** Seconds from value to value (from pair to pair). */
  stepS: number;
  pairs: boolean;
}

/** What is drawn into: a canvas, or a test. */
export interface Pen {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
}

export interface TracePlace {
  startS: number;
  seconds: number;
  left: number;
  width: number;
  /** Lane's centre, and the value that lies on it. */
  y: number;
  centre: number;
  pxPerUv: number;
  inverted: boolean;
  /** Each value holds until the next one. */
  stairs?: boolean;
  /** Values farther than this from the lane's centre are drawn at its edge. Without it traces run over their neighbours. */
  reachPx?: number;
}

/** Draws adjoining pieces as one line that breaks where nothing was recorded. @returns points given to the pen */
export function tracePath(pen: Pen, pieces: readonly Piece[], place: TracePlace): number {
  const state = { pen, place, down: false, points: 0 };
  for (const piece of pieces) {
    const perPixel = (piece.pairs ? 2 : 1) * (place.seconds / piece.stepS / place.width);
    if (piece.pairs) columnsOfPairs(state, piece);
    else if (perPixel > 2) columnsOfSamples(state, piece);
    else everySample(state, piece);
  }
  return state.points;
}

interface State {
  pen: Pen;
  place: TracePlace;
  down: boolean;
  points: number;
}

function everySample(state: State, { values, firstS, stepS }: Piece): void {
  const { pen, place } = state;
  const [first, last] = visible(values.length, firstS, stepS, place);
  const pxPerS = place.width / place.seconds;
  const perUv = offsetPx(1, place.pxPerUv, place.inverted);
  let x = place.left + (firstS + first * stepS - place.startS) * pxPerS;
  const dx = stepS * pxPerS;
  const reach = place.reachPx ?? Infinity;
  let level = NaN;
  for (let i = first; i <= last; i++, x += dx) {
    const value = values[i]!;
    if (value !== value) {
      state.down = false;
      continue;
    }
    const y = place.y + within((value - place.centre) * perUv, reach);
    if (!state.down) pen.moveTo(x, y);
    else if (!place.stairs) pen.lineTo(x, y);
    else if (y !== level) {
      if (level === level) pen.lineTo(x, level);
      pen.lineTo(x, y);
      state.points++;
    }
    level = y;
    state.down = true;
    state.points++;
  }
  // The last value holds as well; what follows begins there.
  if (place.stairs && state.down && level === level) pen.lineTo(x, level);
}

function columnsOfSamples(state: State, { values, firstS, stepS }: Piece): void {
  const { place } = state;
  const [first, last] = visible(values.length, firstS, stepS, place);
  const pxPerS = place.width / place.seconds;
  let low = Infinity;
  let high = -Infinity;
  let column = Math.floor((firstS + first * stepS - place.startS) * pxPerS);
  for (let i = first; i <= last; i++) {
    const at = Math.floor((firstS + i * stepS - place.startS) * pxPerS);
    if (at !== column) {
      strokeColumn(state, place.left + column + 0.5, low, high);
      column = at;
      low = Infinity;
      high = -Infinity;
    }
    const value = values[i]!;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  strokeColumn(state, place.left + column + 0.5, low, high);
}

function columnsOfPairs(state: State, { values, firstS, stepS }: Piece): void {
  const { place } = state;
  const [first, last] = visible(values.length / 2, firstS, stepS, place);
  const pxPerS = place.width / place.seconds;
  for (let c = first; c <= last; c++) {
    const x = place.left + (firstS + c * stepS - place.startS) * pxPerS;
    strokeColumn(state, x, values[2 * c]!, values[2 * c + 1]!);
  }
}

/** An upright stroke, joined to the one before; low > high or NaN is a hole. */
function strokeColumn(state: State, x: number, low: number, high: number): void {
  if (!(low <= high)) {
    state.down = false;
    return;
  }
  const { pen, place } = state;
  const perUv = offsetPx(1, place.pxPerUv, place.inverted);
  const reach = place.reachPx ?? Infinity;
  const a = place.y + within((low - place.centre) * perUv, reach);
  const b = place.y + within((high - place.centre) * perUv, reach);
  if (state.down) pen.lineTo(x, a);
  else pen.moveTo(x, a);
  pen.lineTo(x, a === b ? b + 0.01 : b);
  state.down = true;
  state.points += 2;
}

function within(offset: number, reach: number): number {
  return offset > reach ? reach : offset < -reach ? -reach : offset;
}

/** First and last value on the page, one more on each side so that lines reach its edges. */
function visible(
  count: number,
  firstS: number,
  stepS: number,
  { startS, seconds }: TracePlace,
): [number, number] {
  const first = Math.floor((startS - firstS) / stepS) - 1;
  const last = Math.ceil((startS + seconds - firstS) / stepS) + 1;
  return [Math.max(0, first), Math.min(count - 1, last)];
}
