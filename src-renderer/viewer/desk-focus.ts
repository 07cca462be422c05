/** Whose key it is: a control that has the focus keeps those it understands, all others mean the page. */
import { commands, keyName } from '../commands.svelte.ts';

/** Looks at keys and presses inside the desk; the controls do their own work. */
export class DeskFocus {
  /** Gets the focus when the keys mean the page again. */
  element: HTMLElement | null = null;
  /** The last press was made by a pointer: the reader is not walking through the controls. */
  #byPointer = false;

  readonly onpointerdowncapture = (): void => {
    this.#byPointer = true;
  };

  readonly onkeydowncapture = (event: KeyboardEvent): void => {
    const { target } = event;
    const isResting = this.#byPointer && target instanceof HTMLSelectElement && !target.matches(':open');
    if (isResting) this.#toPage(event);
    // A modifier alone is half a key and says nothing of how the reader works.
    else if (!/^(Shift|Control|Alt|Meta)$/.test(event.key)) this.#byPointer = false;
  };

  readonly onkeydown = (event: KeyboardEvent): void => {
    const { target } = event;
    if (!(target instanceof HTMLElement) || event.altKey || event.ctrlKey || event.metaKey) return;
    if (target.closest('dialog')) return;
    if (event.key === 'Escape' && target.matches('select, input')) {
      this.element?.focus({ preventScroll: true });
      event.stopPropagation();
    } else if (keepsKey(target, event.key)) event.stopPropagation();
  };

  /** After a press by pointer the focus goes back to the page, except into what is written in. */
  readonly onclick = (event: MouseEvent): void => {
    // A key pressed on a button clicks it too; its detail is 0.
    if (!this.#byPointer || event.detail === 0) return;
    const isField =
      event.target instanceof Element && event.target.closest('select, input, textarea, dialog, [popover]');
    if (!isField) this.#giveBack();
  };

  readonly onchange = (event: Event): void => {
    const isChoice =
      event.target instanceof HTMLSelectElement ||
      (event.target instanceof HTMLInputElement && event.target.type === 'radio');
    if (this.#byPointer && isChoice) this.#giveBack();
  };

  /** A list that was looked at with the pointer and closed again has the focus, but nobody means it. */
  #toPage(event: KeyboardEvent): void {
    const command = commands.withKey(keyName(event));
    this.element?.focus({ preventScroll: true });
    if (!command) return;
    event.preventDefault();
    event.stopPropagation();
    commands.run(command);
  }

  #giveBack(): void {
    requestAnimationFrame(() => {
      if (!document.querySelector('dialog[open]') && !isWriting(document.activeElement))
        this.element?.focus({ preventScroll: true });
    });
  }
}

/** True for keys that the control itself understands. */
export function keepsKey(target: HTMLElement, key: string): boolean {
  if (target.closest('select, input, textarea, [role="slider"]'))
    return /^( |Enter|Arrow.*|Home|End|Page.*)$/.test(key);
  if (target.closest('button, a, summary')) return key === 'Enter' || (key === ' ' && !target.closest('a'));
  return false;
}

function isWriting(element: Element | null): boolean {
  return element instanceof HTMLInputElement && element.type === 'text';
}
