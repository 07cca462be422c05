/** How this reader likes pages: the last settings used, kept on this computer, never in a study. */
import { montageById } from '#shared/eeg/montages.ts';
import type { RecordingDetail } from '#shared/views.ts';
import {
  defaultSettings,
  highFilters,
  lowFilters,
  notches,
  pageLengths,
  sensitivities,
  type PageSettings,
} from './page-settings.ts';

export interface ReadingHabits extends PageSettings {
  names: 'modern' | 'older';
  negativeUp: boolean;
  cut: boolean;
  panel: boolean;
  minimap: boolean;
}

export const defaultHabits: ReadingHabits = {
  ...defaultSettings,
  names: 'modern',
  negativeUp: true,
  cut: false,
  panel: true,
  minimap: true,
};

const key = 'limbeck.reading';

export function readHabits(storage: Pick<Storage, 'getItem'>): ReadingHabits {
  return parseHabits(storage.getItem(key));
}

export function keepHabits(storage: Pick<Storage, 'setItem'>, habits: ReadingHabits): void {
  storage.setItem(key, JSON.stringify(habits));
}

/** Takes what is valid of a stored text; anything else is the default. */
export function parseHabits(text: string | null): ReadingHabits {
  const stored = parse(text);
  const from = <Value>(name: keyof ReadingHabits, allowed: readonly Value[], otherwise: Value): Value => {
    const found = allowed.find((value) => value === stored[name]);
    return found === undefined ? otherwise : found;
  };
  const montage = stored['montage'];
  return {
    montage: typeof montage === 'string' ? montage : defaultHabits.montage,
    sensitivity: from<number>('sensitivity', sensitivities, defaultHabits.sensitivity),
    lffHz: from<number>('lffHz', lowFilters, defaultHabits.lffHz),
    hffHz: from<number>('hffHz', highFilters, defaultHabits.hffHz),
    notchHz: from<number>('notchHz', notches, defaultHabits.notchHz),
    seconds: from<number>('seconds', pageLengths, defaultHabits.seconds),
    names: from<'modern' | 'older'>('names', ['modern', 'older'], 'modern'),
    negativeUp: from('negativeUp', [true, false], true),
    cut: from('cut', [true, false], false),
    panel: from('panel', [true, false], true),
    minimap: from('minimap', [true, false], true),
  };
}

function parse(text: string | null): Record<string, unknown> {
  if (text === null) return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/**
 * The montage to begin with: the one an address quotes, the last one used, the double banana, the average, the file's own;
 * of those the first that this recording can show, and a chain of sites only when it holds most of them.
 */
export function firstMontage(
  detail: Pick<RecordingDetail, 'montages' | 'channelList'>,
  quoted: string | null,
  habit: string,
): string {
  const sites = new Set(detail.channelList.flatMap(({ electrode, bipolar }) => bipolar ?? electrode ?? []));
  const can = (id: string): boolean =>
    detail.montages.some((montage) => montage.id === id && montage.blockedBy === null);
  const worthIt = (id: string): boolean => {
    const scheme = montageById(id)?.scheme;
    if (scheme?.type !== 'chains') return true;
    const links = scheme.groups.flatMap(({ chain }) => chain.slice(1).map((site, i) => [chain[i]!, site]));
    return links.filter((link) => link.every((site) => sites.has(site))).length >= links.length * 0.4;
  };
  if (quoted !== null && can(quoted)) return quoted;
  return [habit, 'banana', 'average'].find((id) => can(id) && worthIt(id)) ?? 'as-recorded';
}
