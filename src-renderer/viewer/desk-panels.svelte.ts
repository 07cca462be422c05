/** What stands around the page. In a small window it stands aside until it is asked for, and what is asked there is no habit. */
import { MediaQuery } from 'svelte/reactivity';
import type { ReadingHabits } from './reading-habits.ts';

export class DeskPanels {
  /** Habits, for windows with room. */
  panel = $state(true);
  minimap = $state(true);
  readonly #short = new MediaQuery('max-height: 560px');
  readonly #narrow = new MediaQuery('max-width: 900px');
  #asked = $state({ panel: false, minimap: false, tools: false });

  constructor(habits: Pick<ReadingHabits, 'panel' | 'minimap'>) {
    this.panel = habits.panel;
    this.minimap = habits.minimap;
  }

  get panelShown(): boolean {
    return this.#narrow.current ? this.#asked.panel : this.panel;
  }

  /** In a narrow window the panel lies over the page. */
  get panelOver(): boolean {
    return this.#narrow.current;
  }

  get minimapShown(): boolean {
    return this.#short.current ? this.#asked.minimap : this.minimap;
  }

  /** The page's settings have their row only where there is height for it; keys and footer do without. */
  get toolsFold(): boolean {
    return this.#short.current;
  }

  get toolsShown(): boolean {
    return !this.#short.current || this.#asked.tools;
  }

  togglePanel(to = !this.panelShown): void {
    if (this.#narrow.current) this.#asked.panel = to;
    else this.panel = to;
  }

  toggleMinimap(): void {
    if (this.#short.current) this.#asked.minimap = !this.#asked.minimap;
    else this.minimap = !this.minimap;
  }

  toggleTools(): void {
    this.#asked.tools = !this.#asked.tools;
  }
}
