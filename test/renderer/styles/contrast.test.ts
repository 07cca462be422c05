/** Contrast of the tokens, computed as WCAG 2.2 defines it: 4.5 for text and traces, 3 for edges and marks, in every theme. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const renderer = fileURLToPath(new URL('../../../src-renderer', import.meta.url));
const css = readFileSync(join(renderer, 'styles/tokens.css'), 'utf8');
const [plain, more] = css.split('@media (prefers-contrast: more)');
type Pair = readonly [light: string, dark: string];
const read = (text: string | undefined): [string, Pair][] =>
  [...(text ?? '').matchAll(/--([\w-]+):\s*light-dark\((#[\dA-Fa-f]{6}), (#[\dA-Fa-f]{6})\)/g)].map(
    ([, name, light, dark]) => [name!, [light!, dark!]],
  );
const tokens = new Map(read(plain));
const withMoreContrast = new Map([...tokens, ...read(more)]);

/** Relative luminance. */
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

/** The filter function of that name (Filter Effects, 9.6). */
function saturate(hex: string, kept: number): string {
  const rgb = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
  const grey = 0.213 * rgb[0]! + 0.715 * rgb[1]! + 0.072 * rgb[2]!;
  const paler = rgb.map((value) => Math.round(Math.min(255, Math.max(0, grey + kept * (value - grey)))));
  return `#${paler.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

const [text, graphic] = [4.5, 3];
const grounds = [
  'bg-app',
  'bg-rail',
  'bg-panel',
  'bg-sunken',
  'bg-raised',
  'bg-control',
  'bg-hover',
  'bg-selected',
];
const states = ['ok', 'warn', 'danger', 'info'];
const traces = ['trace', 'trace-mid', 'trace-blue', 'trace-red', 'trace-ecg', 'trace-eog', 'trace-aux'];
const pairs: [ink: string, grounds: string[], floor: number][] = [
  ...['ink', 'ink-2', 'ink-3'].map((ink): [string, string[], number] => [ink, grounds, text]),
  ['ink', ['accent-soft', 'bg-press', ...states.map((state) => `${state}-soft`)], text],
  ['ink-2', ['accent-soft', 'bg-press', ...states.map((state) => `${state}-soft`)], text],
  ['ink-3', ['accent-soft'], text],
  [
    'accent',
    ['bg-panel', 'bg-app', 'bg-rail', 'bg-raised', 'bg-control', 'bg-selected', 'accent-soft'],
    text,
  ],
  ['on-accent', ['accent', 'accent-hover', 'accent-press'], text],
  ['on-danger', ['danger'], text],
  ['ink-disabled', ['bg-disabled', 'bg-panel', 'bg-raised'], text],
  ...states.map((state): [string, string[], number] => [
    state,
    ['bg-panel', 'bg-app', `${state}-soft`],
    text,
  ]),
  ...[...traces, 'mark-human', 'mark-auto'].map((ink): [string, string[], number] => [ink, ['paper'], text]),
  ['ink', ['seq-0', 'seq-1', 'seq-2', 'seq-3'], text],
  ['on-seq-4', ['seq-4'], text],
  ['ink-inverse', ['seq-5', 'seq-6', 'seq-7'], text],
  ['line-control', ['bg-panel', 'bg-app', 'bg-sunken', 'bg-control'], graphic],
  ['focus', ['bg-panel', 'bg-app', 'bg-rail', 'bg-raised'], graphic],
  ...['kept', 'rejected', 'pinned'].map((mark): [string, string[], number] => [
    mark,
    ['bg-panel', 'paper'],
    graphic,
  ]),
  ...[1, 2, 3, 4, 5, 6, 7, 8].map((n): [string, string[], number] => [`cat-${n}`, ['bg-panel'], graphic]),
];

describe('contrast', () => {
  it.each(pairs)(
    '%s can be read on its grounds in both themes, with usual and with more contrast',
    (ink, on, floor) => {
      const low: string[] = [];
      for (const [set, all] of [
        ['usual', tokens],
        ['more', withMoreContrast],
      ] as const)
        for (const ground of on)
          for (const [i, theme] of ['light', 'dark'].entries()) {
            const [a, b] = [all.get(ink)?.[i], all.get(ground)?.[i]];
            const reached = a && b ? ratio(a, b) : 0;
            if (reached < floor) low.push(`${ink} on ${ground}, ${theme}, ${set}: ${reached.toFixed(2)}`);
          }
      expect(low).toEqual([]);
    },
  );

  it('stays as it is in results that are old: they lose colour, not contrast', () => {
    const kept = Number(/--stale:\s*saturate\(([\d.]+)\)/.exec(css)?.[1]);
    expect(kept).toBeGreaterThan(0);
    const low = pairs
      .filter(([, , floor]) => floor === text)
      .flatMap(([ink, on, floor]) =>
        on.flatMap((ground) =>
          [0, 1].flatMap((i) => {
            const [a, b] = [tokens.get(ink)![i]!, tokens.get(ground)![i]!].map((hex) => saturate(hex, kept));
            return ratio(a!, b!) < floor ? [`${ink} on ${ground}: ${ratio(a!, b!).toFixed(2)}`] : [];
          }),
        ),
      );
    expect(low).toEqual([]);
  });

  it('comes from the tokens alone: no other file of the page names a colour of its own', () => {
    const files = readdirSync(renderer, { recursive: true, encoding: 'utf8' }).filter(
      (file) => /\.(svelte|css)$/.test(file) && !file.endsWith('tokens.css'),
    );
    const own = files.flatMap((file) => {
      const style = readFileSync(join(renderer, file), 'utf8').replace(/^[\s\S]*?<style>/, '');
      return [...style.matchAll(/:[^;{}]*(#[\dA-Fa-f]{3,8}\b|\brgba?\(|\bhsla?\()/g)].map(
        ([match]) => `${file}${match}`,
      );
    });
    expect(own).toEqual([]);
  });
});
