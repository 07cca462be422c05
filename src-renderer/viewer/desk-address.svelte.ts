/** The address bar quotes the page, so that a page can be passed on; back and forward turn it. */
import { untrack } from 'svelte';
import { router } from '../router.svelte.ts';
import type { Desk } from './desk.svelte.ts';
import { keepLastPlace } from './last-place.ts';
import { quoteOf, settingsFrom } from './page-settings.ts';
import { keepHabits } from './reading-habits.ts';

const settleMs = 300;

/** Call while a component starts: its effects live as long as that component. */
export function quoteInAddress(desk: Desk): void {
  const { viewer } = desk;
  // The address quotes the page a moment after it stands still; habits and place are kept for next time.
  let written = router.query.toString();
  $effect(() => {
    const quote = quoteOf(viewer.settings, viewer.startS);
    const kept = viewer.habits(desk.panels.panel, desk.panels.minimap);
    const timer = setTimeout(() => {
      router.setQuery(quote);
      written = router.query.toString();
      keepHabits(localStorage, kept);
      keepLastPlace(localStorage, { recording: viewer.detail.id, atS: viewer.startS });
    }, settleMs);
    return () => clearTimeout(timer);
  });
  // Back, forward, and links that quote another page of this recording.
  $effect(() => {
    const query = router.query;
    untrack(() => {
      if (query.toString() === written) return;
      written = query.toString();
      viewer.set(settingsFrom(query, viewer.settings));
      const asked = Number(query.get('t') ?? NaN);
      if (Number.isFinite(asked)) viewer.goTo(asked);
    });
  });
}
