/** One answer of the back end as a panel sees it: loading, there, refused; an answer that comes late is dropped. */
import { isAbort, toRefusal, type Refusal } from './client.ts';

export class Resource<T> {
  value = $state.raw<T | null>(null);
  refusal = $state.raw<Refusal | null>(null);
  busy = $state(false);
  #asked = 0;
  #abort: AbortController | null = null;

  /** Asks again. What is shown stays until the new answer is there; only the newest question's answer counts. */
  async load(call: (signal: AbortSignal) => Promise<T>): Promise<T | null> {
    const asked = ++this.#asked;
    this.#abort?.abort();
    const abort = (this.#abort = new AbortController());
    this.busy = true;
    try {
      const value = await call(abort.signal);
      if (asked !== this.#asked) return null;
      this.value = value;
      this.refusal = null;
      return value;
    } catch (error) {
      if (asked === this.#asked && !isAbort(error)) this.refusal = toRefusal(error);
      return null;
    } finally {
      if (asked === this.#asked) this.busy = false;
    }
  }

  clear(): void {
    this.#asked++;
    this.#abort?.abort();
    this.value = null;
    this.refusal = null;
    this.busy = false;
  }
}
