import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createRandom } from '#shared/random.ts';
import { drawnTraces } from '#renderer/system/banner.ts';
import { layoutLineage } from '#renderer/system/lineage.ts';

describe('the drawn banner', () => {
  it('is the same from the same seed and never flat', () => {
    const a = drawnTraces(5, createRandom('x'));
    const b = drawnTraces(5, createRandom('x'));
    expect(a).toEqual(b);
    for (const { values } of a) expect(Math.max(...values) - Math.min(...values)).toBeGreaterThan(1);
  });
});

describe('lineage', () => {
  const artifact = (id: string, inputs: string[]) => ({
    id,
    kind: 'model' as const,
    hash: 'h',
    createdAt: '',
    engine: '',
    seed: 0,
    seconds: 0,
    inputs: inputs.map((input) => ({ role: 'x', id: input, hash: 'h' })),
  });

  it('puts everything right of what it was made from', () => {
    const drawn = layoutLineage([
      artifact('model', ['distillate', 'segments']),
      artifact('distillate', ['segments']),
      artifact('segments', ['rec1', 'rec2']),
    ]);
    const level = Object.fromEntries(drawn.nodes.map(({ artifact: { id }, level: at }) => [id, at]));
    expect(level).toEqual({ segments: 0, distillate: 1, model: 2 });
    expect(drawn.edges).toHaveLength(3);
    expect(drawn.outside).toBe(2);
  });

  it('survives a circle', () => {
    expect(layoutLineage([artifact('a', ['b']), artifact('b', ['a'])]).nodes).toHaveLength(2);
  });
});

/** WCAG 2.2 relative luminance. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((i) => {
    const value = parseInt(hex.slice(i, i + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function ratio(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high! + 0.05) / (low! + 0.05);
}

describe('colours', () => {
  const css = readFileSync(
    fileURLToPath(new URL('../../../src-renderer/styles/tokens.css', import.meta.url)),
    'utf8',
  );
  const tokens = new Map(
    [...css.matchAll(/--([\w-]+):\s*light-dark\((#[\dA-Fa-f]{6}), (#[\dA-Fa-f]{6})\)/g)].map(
      ([, name, light, dark]) => [name!, [light!, dark!] as const],
    ),
  );
  const grounds = ['bg-app', 'bg-rail', 'bg-panel', 'bg-sunken', 'bg-raised', 'bg-hover'];
  const pairs: [ink: string, grounds: string[], floor: number][] = [
    ...['ink', 'ink-2', 'ink-3'].map((ink): [string, string[], number] => [ink, grounds, 4.5]),
    ['accent', ['bg-panel', 'bg-app', 'accent-soft'], 4.5],
    ['on-accent', ['accent', 'accent-hover'], 4.5],
    ['ink-disabled', ['bg-disabled'], 4.5],
    ...['ok', 'warn', 'danger', 'info'].map((name): [string, string[], number] => [
      name,
      ['bg-panel', `${name}-soft`],
      4.5,
    ]),
    ...['trace', 'trace-mid', 'trace-blue', 'trace-red', 'trace-ecg', 'trace-eog', 'trace-aux'].map(
      (name): [string, string[], number] => [name, ['paper'], 4.5],
    ),
    ['line-control', ['bg-panel', 'bg-control'], 3],
    ...[1, 2, 3, 4, 5, 6, 7, 8].map((n): [string, string[], number] => [`cat-${n}`, ['bg-panel'], 3]),
    ['kept', ['bg-panel'], 3],
    ['rejected', ['bg-panel'], 3],
  ];

  it.each(pairs)('%s can be read on its grounds in both themes', (ink, on, floor) => {
    for (const ground of on)
      for (const theme of [0, 1] as const) {
        const [a, b] = [tokens.get(ink)?.[theme], tokens.get(ground)?.[theme]];
        expect(
          a && b ? ratio(a, b) : 0,
          `${ink} on ${ground}, ${theme ? 'dark' : 'light'}`,
        ).toBeGreaterThanOrEqual(floor);
      }
  });
});
