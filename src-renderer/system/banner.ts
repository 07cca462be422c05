/** Drawn traces for the welcome page: made up from a seed, shaped like quiet EEG whose eyes close half-way. Nothing recorded. */
import type { Random } from '#shared/random.ts';

const rate = 200;

/** A slow and a fast leaky sum of noise: what lies under every rhythm. */
function background(n: number, random: Random): Float32Array {
  const out = new Float32Array(n);
  const taus = [0.6, 0.16, 0.05, 0.015];
  const weights = [0.35, 0.6, 0.62, 0.42];
  const state = taus.map(() => 0);
  for (let i = -rate * 2; i < n; i++) {
    let value = 0.1 * random.normal();
    for (const [k, tau] of taus.entries()) {
      const a = Math.exp(-1 / (tau * rate));
      state[k] = a * state[k]! + Math.sqrt(1 - a * a) * random.normal();
      value += state[k]! * weights[k]!;
    }
    if (i >= 0) out[i] = value / 1.4;
  }
  return out;
}

/** Noise through a resonator: a rhythm that waxes and wanes. */
function rhythm(n: number, hz: number, random: Random): Float32Array {
  const r = Math.exp((-Math.PI * 0.9) / rate);
  const c = 2 * r * Math.cos((2 * Math.PI * hz) / rate);
  const out = new Float32Array(n);
  let [a, b, sum] = [0, 0, 0];
  for (let i = -rate * 3; i < n; i++) {
    const value = random.normal() + c * a - r * r * b;
    [b, a] = [a, value];
    if (i >= 0) {
      out[i] = value;
      sum += value * value;
    }
  }
  const scale = 1 / Math.sqrt(sum / n);
  return out.map((value) => value * scale);
}

export interface DrawnLane {
  colour: string;
  values: Float32Array;
}

/** @returns eight lanes at 200 Hz in units of about 1, front to back, left above right */
export function drawnTraces(seconds: number, random: Random): DrawnLane[] {
  const n = Math.round(seconds * rate);
  return Array.from({ length: 8 }, (_, lane) => {
    const [side, place] = [lane < 4 ? 0 : 1, lane % 4];
    const noise = background(n, random.fork(`noise ${lane}`));
    const alpha = rhythm(n, 9.8 + 0.1 * side, random.fork(`alpha ${side}`));
    const strength = [0.1, 0.14, 0.45, 1.6][place]!;
    const values = noise.map((value, i) => {
      const t = i / rate;
      const closing = 0.25 + 0.75 / (1 + Math.exp(-(t - seconds * 0.47) / 0.3));
      const bump = (at: number, width: number): number => Math.exp(-0.5 * ((t - at) / width) ** 2);
      const blink =
        place === 0 ? 4.2 * bump(seconds * 0.35, 0.09) : place === 1 ? -1.2 * bump(seconds * 0.35, 0.09) : 0;
      const sharp =
        side === 0 && (place === 1 || place === 2)
          ? (place === 1 ? 1 : -1) *
            (3.2 * bump(seconds * 0.78, 0.022) - 1.5 * bump(seconds * 0.78 + 0.27, 0.095))
          : 0;
      return value + strength * closing * alpha[i]! + blink + sharp;
    });
    return { colour: side === 0 ? 'trace-blue' : 'trace-red', values };
  });
}

/** Draws lanes over a width; a lane has `gap` px of room, one unit is `unit` px. */
export function drawTraces(
  context: CanvasRenderingContext2D,
  lanes: readonly DrawnLane[],
  place: { width: number; top: number; gap: number; unit: number },
  colour: (token: string) => string,
): void {
  context.lineWidth = 1.1;
  context.lineJoin = 'round';
  for (const [k, { colour: token, values }] of lanes.entries()) {
    const middle = place.top + k * place.gap;
    context.strokeStyle = colour(token);
    context.beginPath();
    for (let i = 0; i < values.length; i++) {
      const [x, y] = [(i / (values.length - 1)) * place.width, middle - values[i]! * place.unit];
      if (i === 0) context.moveTo(x, y);
      else context.lineTo(x, y);
    }
    context.stroke();
  }
}
