/** How this reader likes pages: the last settings used, kept on this computer, never in a study. */
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
  panel: boolean;
  minimap: boolean;
}

export const defaultHabits: ReadingHabits = {
  ...defaultSettings,
  names: 'modern',
  negativeUp: true,
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

/** The montage to begin with: the last one used if this recording can show it, else the double banana, the average, the file's own. */
export function firstMontage(
  montages: readonly { id: string; blockedBy: string | null }[],
  wanted: string,
): string {
  const can = (id: string): boolean =>
    montages.some((montage) => montage.id === id && montage.blockedBy === null);
  return [wanted, 'banana', 'average'].find(can) ?? 'as-recorded';
}
