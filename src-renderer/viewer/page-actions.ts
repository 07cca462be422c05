/** The actions that only move the page or change how it is shown. */
import type { ViewerAction } from './keys.ts';
import { highFilters, lowFilters, nextInRing, notches, playSpeeds, sensitivities } from './page-settings.ts';
import type { Viewer } from './viewer.svelte.ts';

export function pageActions(viewer: Viewer) {
  return {
    back: () => viewer.move(-1),
    on: () => viewer.move(1),
    'page-back': () => viewer.move(-viewer.settings.seconds),
    'page-on': () => viewer.move(viewer.settings.seconds),
    start: () => viewer.goTo(0),
    end: () => viewer.goTo(viewer.durationS),
    larger: () => viewer.stepSetting('sensitivity', sensitivities, -1),
    smaller: () => viewer.stepSetting('sensitivity', sensitivities, 1),
    'page-length': () => viewer.nextPageLength(),
    high: () => viewer.stepSetting('hffHz', highFilters, 1),
    'high-back': () => viewer.stepSetting('hffHz', highFilters, -1),
    low: () => viewer.stepSetting('lffHz', lowFilters, 1),
    'low-back': () => viewer.stepSetting('lffHz', lowFilters, -1),
    notch: () => viewer.set({ notchHz: nextInRing<number>(notches, viewer.settings.notchHz) }),
    polarity: () => {
      viewer.negativeUp = !viewer.negativeUp;
    },
    overlap: () => {
      viewer.cut = !viewer.cut;
    },
    faster: () => {
      viewer.speed = nextInRing<number>(playSpeeds, viewer.speed);
    },
    cursor: () => viewer.toggleSecond(),
  } satisfies Partial<Record<ViewerAction, () => void>>;
}
