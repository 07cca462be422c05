import { describe, expect, it } from 'vitest';
import { keyName } from '#renderer/commands.svelte.ts';
import { markKinds, viewerKeys } from '#renderer/viewer/keys.ts';

const press = (key: string, held: { shiftKey?: boolean; altKey?: boolean } = {}): string =>
  keyName({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });
const meantBy = (name: string): string | undefined =>
  viewerKeys.find(({ keys }) => (keys as readonly string[]).includes(name))?.id;

describe('the keys of the viewer', () => {
  it('have one meaning each', () => {
    const keys = viewerKeys.flatMap(({ keys }) => [...keys] as string[]);
    expect(keys).toHaveLength(new Set(keys).size);
  });

  it('leave the digits to the montages and the letters of a mark to the question', () => {
    for (const { keys } of viewerKeys) for (const key of keys) expect(key).not.toMatch(/^[0-9]$/);
    expect(markKinds.map(({ key }) => key)).toEqual(['O', 'C', 'V', 'P', 'S', 'Z', 'X']);
  });

  it.each([
    [press('ArrowRight'), 'on'],
    [press('ArrowRight', { shiftKey: true }), 'page-on'],
    [press(' '), 'page-on'],
    [press('PageUp'), 'page-back'],
    [press('g'), 'go-to'],
    [press('['), 'mark-before'],
    [press('+', { shiftKey: true }), 'larger'],
    [press('-'), 'smaller'],
    [press('h'), 'high'],
    [press('H', { shiftKey: true }), 'high-back'],
    [press('n'), 'notch'],
    [press('a'), 'mark'],
    [press('b'), 'bad'],
    [press('i'), 'panel'],
    [press('t'), 'table'],
  ])('know what the keyboard calls %s', (name, id) => {
    expect(meantBy(name)).toBe(id);
  });
});
