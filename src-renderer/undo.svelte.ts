/** What can be taken back: each change brings its own way back and forth. */
export interface Change {
  /** 'mark bad, C4': completes “Undo …”. */
  name: string;
  undo(): Promise<void> | void;
  redo(): Promise<void> | void;
}

const limit = 200;

export class UndoStack {
  #done = $state.raw<Change[]>([]);
  #undone = $state.raw<Change[]>([]);
  #busy = false;

  get next(): Change | null {
    return this.#done.at(-1) ?? null;
  }

  get again(): Change | null {
    return this.#undone.at(-1) ?? null;
  }

  /** Call after the change has been made. */
  push(change: Change): void {
    this.#done = [...this.#done, change].slice(-limit);
    this.#undone = [];
  }

  /** @returns what was taken back, or null when there was nothing or one is under way */
  async undo(): Promise<Change | null> {
    const change = this.next;
    if (!change || this.#busy) return null;
    await this.#alone(() => change.undo());
    this.#done = this.#done.slice(0, -1);
    this.#undone = [...this.#undone, change];
    return change;
  }

  async redo(): Promise<Change | null> {
    const change = this.again;
    if (!change || this.#busy) return null;
    await this.#alone(() => change.redo());
    this.#undone = this.#undone.slice(0, -1);
    this.#done = [...this.#done, change];
    return change;
  }

  clear(): void {
    this.#done = [];
    this.#undone = [];
  }

  async #alone(run: () => Promise<void> | void): Promise<void> {
    this.#busy = true;
    try {
      await run();
    } finally {
      this.#busy = false;
    }
  }
}

export const undoStack = new UndoStack();
