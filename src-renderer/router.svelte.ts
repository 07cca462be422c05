/** Where the page is: routes carry ids only, back and forward restore scroll; the query holds what may be quoted. */
import { SvelteMap } from 'svelte/reactivity';

export type Params = Record<string, string>;

/**
 * Compares a path with a pattern such as '/runs/:id'.
 * @returns the named parts, decoded, or null when they do not match
 */
export function matchRoute(pattern: string, path: string): Params | null {
  const want = pattern.split('/').filter(Boolean);
  const have = path.split('/').filter(Boolean);
  if (want.length !== have.length) return null;
  const params: Params = {};
  for (const [i, part] of want.entries()) {
    if (part.startsWith(':')) params[part.slice(1)] = decodeURIComponent(have[i]!);
    else if (part !== have[i]) return null;
  }
  return params;
}

/** '/recordings?group=W'; empty and null values are left out. */
export function withQuery(path: string, query: Record<string, string | number | null | undefined>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== null && value !== undefined && value !== '') search.set(name, String(value));
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

interface Entry {
  key: number;
}

export class Router {
  path = $state('/');
  query = $state.raw(new URLSearchParams());
  /** Counts real moves, not changes of the query; the frame focuses the heading when it grows. */
  moves = $state(0);
  readonly #scrolls = new SvelteMap<number, [string, number][]>();
  #key = 0;
  #last = 0;

  constructor() {
    if (typeof window === 'undefined') return;
    this.#read();
    this.#key = this.#last = this.#entry()?.key ?? 0;
    window.history.scrollRestoration = 'manual';
    window.history.replaceState({ key: this.#key }, '');
    window.addEventListener('popstate', () => {
      this.#remember();
      const before = this.path;
      this.#read();
      this.#key = this.#entry()?.key ?? 0;
      if (before !== this.path) this.moves++;
      this.#restore(this.#scrolls.get(this.#key) ?? []);
    });
  }

  go(to: string, { replace = false } = {}): void {
    const before = this.path;
    this.#remember();
    if (!replace) this.#key = ++this.#last;
    window.history[replace ? 'replaceState' : 'pushState']({ key: this.#key }, '', to);
    this.#read();
    if (before !== this.path) this.moves++;
  }

  /** Changes parts of the query without a new entry in the history. */
  setQuery(change: Record<string, string | number | null>): void {
    const all = Object.fromEntries(this.query.entries());
    this.go(withQuery(this.path, { ...all, ...change }), { replace: true });
  }

  back(): void {
    window.history.back();
  }

  openWindow(to: string): void {
    window.open(to, '_blank', 'noopener=no');
  }

  #read(): void {
    this.path = window.location.pathname;
    this.query = new URLSearchParams(window.location.search);
  }

  #entry(): Entry | null {
    const state: unknown = window.history.state;
    return typeof state === 'object' && state !== null && 'key' in state && typeof state.key === 'number'
      ? { key: state.key }
      : null;
  }

  #remember(): void {
    const places = [...document.querySelectorAll<HTMLElement>('[data-scroll]')];
    this.#scrolls.set(
      this.#key,
      places.map((place) => [place.dataset['scroll'] ?? '', place.scrollTop]),
    );
  }

  /** The lists fill after a call or two, so it tries for up to a second of frames. */
  #restore(wanted: [string, number][], tries = 60): void {
    const left = wanted.filter(([name, top]) => {
      const place = document.querySelector<HTMLElement>(`[data-scroll="${CSS.escape(name)}"]`);
      if (place) place.scrollTop = top;
      return top > 0 && place?.scrollTop !== top;
    });
    if (left.length > 0 && tries > 0) requestAnimationFrame(() => this.#restore(left, tries - 1));
  }
}

export const router = new Router();
