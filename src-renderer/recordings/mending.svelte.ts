/** Repaired copies under way and done in this window: it goes on while other screens are looked at. */
import { SvelteMap } from 'svelte/reactivity';
import type { RepairMessage } from '#shared/views.ts';
import { api, isAbort, toRefusal, type Api, type Refusal } from '../client.ts';

export type Outcome = Exclude<RepairMessage, { type: 'progress' }>;

/** A copy to be written. */
export interface MendOrder {
  recording: string;
  group: string;
}

export class Mending {
  /** The recording that is copied now, and the bytes done of all that will be read. */
  now = $state.raw<{ recording: string; done: number; total: number } | null>(null);
  /** Asked for and not ended yet, the one under way first. */
  waiting = $state.raw<readonly MendOrder[]>([]);
  /** Asked for and given up by hand before they were written. */
  stopped = $state.raw<readonly string[]>([]);
  /** Why the writing ended before its end; per file see `outcomes`. */
  refusal = $state.raw<Refusal | null>(null);
  readonly outcomes = new SvelteMap<string, Outcome>();
  readonly #api: Pick<Api, 'repairs' | 'jobs'>;
  #abort: AbortController | null = null;

  constructor(given: Pick<Api, 'repairs' | 'jobs'>) {
    this.#api = given;
  }

  get busy(): boolean {
    return this.waiting.length > 0;
  }

  isWaiting(recording: string): boolean {
    return this.waiting.some((order) => order.recording === recording);
  }

  /**
   * Writes copies one after another; does nothing while others are written.
   *
   * @param folder '' for the study's own
   * @param add    whether the copies are listed in the study as well
   */
  async start(orders: readonly MendOrder[], folder: string, add: boolean): Promise<void> {
    if (this.busy || orders.length === 0) return;
    const abort = (this.#abort = new AbortController());
    const written: { group: string; copy: string }[] = [];
    this.waiting = orders;
    this.refusal = null;
    this.stopped = [];
    for (const { recording } of orders) this.outcomes.delete(recording);
    try {
      const messages = await this.#api.repairs.write(
        { recordings: orders.map(({ recording }) => recording), folder },
        { signal: abort.signal },
      );
      for await (const message of messages) {
        // Leaving the stream ends the writing, also where the signal alone would not reach.
        if (abort.signal.aborted) break;
        if (message.type === 'progress') {
          this.now = message;
          continue;
        }
        this.outcomes.set(message.recording, message);
        const order = orders.find(({ recording }) => recording === message.recording);
        if (message.type === 'written' && order) written.push({ group: order.group, copy: message.copy });
        this.waiting = this.waiting.filter(({ recording }) => recording !== message.recording);
        this.now = null;
      }
    } catch (error) {
      if (!abort.signal.aborted && !isAbort(error)) this.refusal = toRefusal(error);
    }
    if (abort.signal.aborted) this.stopped = this.waiting.map(({ recording }) => recording);
    this.waiting = [];
    this.now = null;
    if (add) await this.#addToStudy(written);
  }

  /** Ends with the copies that are whole; the one under way is removed again. */
  stop(): void {
    this.#abort?.abort();
  }

  async #addToStudy(written: readonly { group: string; copy: string }[]): Promise<void> {
    try {
      for (const [dataset, copies] of Map.groupBy(written, ({ group }) => group))
        await this.#api.jobs.start({ kind: 'import', paths: copies.map(({ copy }) => copy), dataset });
    } catch (error) {
      this.refusal = toRefusal(error);
    }
  }
}

export const mending = new Mending(api);
