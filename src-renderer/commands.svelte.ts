/** Everything that can be done now, by name and by key: one table feeds the palette, the key sheet and the keyboard. */

export interface Command {
  id: string;
  title: string;
  /** Heading in the key sheet: 'Everywhere', 'Go to', 'This screen'. */
  group: string;
  /** 'Ctrl+K', 'F6', '/', 'Shift+Enter', 'B'. The first is shown. */
  keys?: readonly string[];
  run(): void | Promise<void>;
  /** Why it cannot be done now; absent when it can. */
  blockedBy?: string | undefined;
  /** Listed in the key sheet only. */
  hidden?: boolean;
}

/** The name of a key press: modifiers in the order Ctrl, Alt, Shift; Command counts as Ctrl; letters upper-case. */
export function keyName(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>,
): string {
  const letter = event.key.length === 1;
  const name = event.key === ' ' ? 'Space' : letter ? event.key.toUpperCase() : event.key;
  // '?' and '/' are what the layout makes of Shift; only letters and named keys tell Shift apart.
  const shift = event.shiftKey && (!letter || /[A-Z]/.test(name) || event.key === ' ');
  return [event.ctrlKey || event.metaKey ? 'Ctrl' : '', event.altKey ? 'Alt' : '', shift ? 'Shift' : '', name]
    .filter(Boolean)
    .join('+');
}

/** 'Ctrl+ArrowDown' as it stands on a key cap: 'Ctrl Down'. */
export function keyCap(name: string): string {
  return name.replace(/\+(?=.)/g, ' ').replace('Arrow', '');
}

/**
 * True where a plain key is text: fields, and anything that edits. A field of a dialog that was closed just now keeps the
 * focus until the next frame, and what is typed then is not for it.
 */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement) || !target.checkVisibility()) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLInputElement)
    return !['checkbox', 'radio', 'range', 'button', 'submit', 'file', 'color'].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

/** Keys that fire even inside a text field. */
export function worksWhileTyping(name: string): boolean {
  return (
    /^F\d+$/.test(name) ||
    name === 'Escape' ||
    (/^(Ctrl|Alt)\+/.test(name) && !/^Ctrl\+(Shift\+)?[ZYACVX]$/.test(name))
  );
}

export class Commands {
  /** The truth, beside the state: an effect's clean-up reads state as it was before the change that ends it. */
  #offered: readonly (readonly Command[])[] = [];
  #sets = $state.raw<readonly (readonly Command[])[]>([]);
  /** Ids of the last ones run from the palette, newest first. */
  recent = $state.raw<string[]>([]);

  get all(): Command[] {
    return this.#sets.flat();
  }

  /** Adds commands while a screen is shown. @returns takes them away again; give it back from an effect */
  offer(commands: readonly Command[]): () => void {
    this.#set([...this.#offered, commands]);
    return () => this.#set(this.#offered.filter((set) => set !== commands));
  }

  #set(sets: readonly (readonly Command[])[]): void {
    this.#offered = sets;
    this.#sets = sets;
  }

  /** The newest command with this key: a screen may override the frame. */
  withKey(name: string): Command | null {
    return this.all.findLast((command) => command.keys?.includes(name)) ?? null;
  }

  run(command: Command): void {
    if (command.blockedBy !== undefined) return;
    this.recent = [command.id, ...this.recent.filter((id) => id !== command.id)].slice(0, 5);
    void command.run();
  }
}

/** Best first: words of the query must all occur; a start of a word beats a middle. */
export function searchCommands(
  commands: readonly Command[],
  query: string,
  recent: readonly string[],
): Command[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return commands
    .filter((command) => !command.hidden)
    .map((command, order) => {
      const text = `${command.title} ${command.group}`.toLowerCase();
      if (!words.every((word) => text.includes(word))) return null;
      const starts = words.filter((word) => new RegExp(`\\b${escapeText(word)}`).test(text)).length;
      const used = recent.indexOf(command.id);
      const score = starts * 10 + (used < 0 ? 0 : 5 - used) + (command.group === 'This screen' ? 3 : 0);
      return { command, score, order };
    })
    .filter((hit) => hit !== null)
    .sort((a, b) => b.score - a.score || a.order - b.order)
    .map(({ command }) => command);
}

function escapeText(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

export const commands = new Commands();
