/** How this window looks: theme, density, paper, the screen's millimetres. Kept on this computer, never in a study. */
import { host } from './host.ts';

export interface Preferences {
  theme: 'system' | 'light' | 'dark';
  density: 'compact' | 'regular' | 'roomy';
  /** White paper under the traces while the frame is dark. */
  paper: 'theme' | 'white';
  hemispheres: 'left-blue' | 'left-red' | 'by-type' | 'black';
  /** CSS pixels per millimetre, measured with a card; 96 / 25.4 until then. */
  pxPerMm: number;
  calibrated: boolean;
  railNarrow: boolean;
}

export const defaultPreferences: Preferences = {
  theme: 'system',
  density: 'regular',
  paper: 'theme',
  hemispheres: 'left-blue',
  pxPerMm: 96 / 25.4,
  calibrated: false,
  railNarrow: false,
};

const key = 'limbeck.preferences';

/** Takes what is valid of a stored text; anything else is the default. */
export function parsePreferences(text: string | null): Preferences {
  const stored = parse(text);
  const entries = Object.entries(defaultPreferences).map(([name, fallback]) => {
    const value = stored[name];
    return [name, typeof value === typeof fallback ? value : fallback];
  });
  const preferences = Object.fromEntries(entries) as unknown as Preferences;
  const usable = preferences.pxPerMm > 1 && preferences.pxPerMm < 40;
  return usable ? preferences : { ...preferences, pxPerMm: defaultPreferences.pxPerMm, calibrated: false };
}

function parse(text: string | null): Record<string, unknown> {
  if (text === null) return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

class PreferenceState {
  current = $state.raw<Preferences>(
    parsePreferences(typeof localStorage === 'undefined' ? null : localStorage.getItem(key)),
  );
  /** What the theme comes to now; grows a new value when the OS changes its mind. */
  dark = $state(false);

  constructor() {
    if (typeof window === 'undefined' || !window.matchMedia) return;
    const query = window.matchMedia('(prefers-color-scheme: dark)');
    const update = (): void => {
      this.dark = this.current.theme === 'system' ? query.matches : this.current.theme === 'dark';
    };
    query.addEventListener('change', update);
    window.addEventListener('storage', (event) => {
      if (event.key === key) this.#apply(parsePreferences(event.newValue));
    });
    this.#refresh = update;
    this.#apply(this.current);
  }

  #refresh: () => void = () => undefined;

  set(change: Partial<Preferences>): void {
    const next = { ...this.current, ...change };
    localStorage.setItem(key, JSON.stringify(next));
    this.#apply(next);
  }

  #apply(next: Preferences): void {
    this.current = next;
    const root = document.documentElement;
    if (next.theme === 'system') delete root.dataset['theme'];
    else root.dataset['theme'] = next.theme;
    root.dataset['density'] = next.density;
    void host?.setTheme(next.theme);
    this.#refresh();
  }
}

export const preferences = new PreferenceState();
