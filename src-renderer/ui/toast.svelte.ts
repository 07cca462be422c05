/** Short sentences at the lower edge: what was done, with the way back. Never for errors of a panel. */
import type { IconName } from './icons.ts';

export interface ToastMessage {
  id: number;
  sentence: string;
  icon: IconName;
  action?: { text: string; run: () => void };
}

const shownMs = 7000;

class Toasts {
  current = $state.raw<ToastMessage | null>(null);
  #next = 1;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Replaces what is shown; goes by itself after seven seconds. */
  say(sentence: string, options: { icon?: IconName; action?: ToastMessage['action'] } = {}): void {
    clearTimeout(this.#timer);
    this.current = {
      id: this.#next++,
      sentence,
      icon: options.icon ?? 'check',
      ...(options.action ? { action: options.action } : {}),
    };
    this.#timer = setTimeout(() => this.close(), shownMs);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.current = null;
  }
}

export const toasts = new Toasts();
