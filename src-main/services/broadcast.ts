/** Tells any number of listeners; each reads at its own pace as an async sequence and loses nothing but merged messages. */

export class Broadcast<T> {
  readonly #listeners = new Set<(message: T) => void>();

  send(message: T): void {
    for (const listener of this.#listeners) listener(message);
  }

  on(listener: (message: T) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Messages from now on until the signal aborts.
   * @param replaces whether a newer message makes a waiting one pointless, so that a slow reader does not pile them up
   */
  async *stream(
    signal: AbortSignal | undefined,
    replaces?: (newer: T, waiting: T) => boolean,
  ): AsyncGenerator<T> {
    const waiting: T[] = [];
    let wake: () => void = () => undefined;
    const off = this.on((message) => {
      const stale = replaces ? waiting.findIndex((candidate) => replaces(message, candidate)) : -1;
      if (stale >= 0) waiting.splice(stale, 1);
      waiting.push(message);
      wake();
    });
    const onAbort = () => wake();
    signal?.addEventListener('abort', onAbort);
    try {
      while (!signal?.aborted) {
        const next = waiting.shift();
        if (next !== undefined) yield next;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      off();
      signal?.removeEventListener('abort', onAbort);
    }
  }
}
