/** The viewer's verbs and montages as commands: one table for the keyboard, the palette and the key sheet. */
import type { Command } from '../commands.svelte.ts';
import type { Desk } from './desk.svelte.ts';
import { viewerKeys } from './keys.ts';

export function deskCommands(desk: Desk): Command[] {
  // Enter belongs to whatever has the focus unless an automatic mark waits for an answer.
  const answerable = desk.selected?.source === 'automatic';
  const keys = viewerKeys
    .filter(({ id }) => id !== 'accept' || answerable)
    .map(({ id, title, keys: own }) => ({
      id: `viewer-${id}`,
      title,
      group: 'This screen',
      keys: own,
      run: desk.act[id],
    }));
  const montages = desk.viewer.now.montages.map(({ id, name, key, blockedBy }) => ({
    id: `montage-${id}`,
    title: `Montage: ${name}`,
    group: 'This screen',
    keys: key === null ? [] : [key],
    blockedBy: blockedBy === null ? undefined : `${name}: ${blockedBy}`,
    run: () => desk.useMontage(id),
  }));
  return [...keys, ...montages];
}
