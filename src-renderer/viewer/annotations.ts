/** Marks and bad channels as changes that can be taken back; each is saved the moment it is made. */
import type { MarkView } from '#shared/views.ts';
import type { Api } from '../client.ts';
import type { Change } from '../undo.svelte.ts';

export type NewMark = Pick<MarkView, 'startS' | 'durationS' | 'text' | 'channel'>;
type Recordings = Pick<Api['recordings'], 'mark' | 'unmark' | 'setBad'>;

/** Makes one change after the other and hands each to `done` with its way back. */
export class Annotations {
  readonly #api: Recordings;
  readonly #recording: string;
  readonly #done: (change: Change) => void;

  constructor(api: Recordings, recording: string, done: (change: Change) => void) {
    this.#api = api;
    this.#recording = recording;
    this.#done = done;
  }

  async mark(mark: NewMark): Promise<MarkView> {
    const held = await this.#add(mark);
    this.#done({
      name: `mark ${mark.text}`,
      undo: () => this.#remove(held),
      redo: async () => void (held.view = (await this.#add(mark)).view),
    });
    return held.view;
  }

  /** @throws Error for a mark of the file itself: files are never changed */
  async remove(mark: MarkView): Promise<void> {
    if (mark.source === 'file')
      throw new Error(`${mark.text} is a mark of the file; files are never changed.`);
    const held = { view: mark };
    await this.#remove(held);
    this.#done({
      name: `take away mark ${mark.text}`,
      undo: async () => void (held.view = (await this.#add(mark)).view),
      redo: () => this.#remove(held),
    });
  }

  /** An automatic mark becomes one by hand. */
  async accept(mark: MarkView): Promise<void> {
    const held = await this.#add(mark);
    const automatic = { view: mark };
    await this.#remove(automatic);
    this.#done({
      name: `accept mark ${mark.text}`,
      // The service only writes marks by hand: what returns is the mark, no longer called automatic.
      undo: () => this.#remove(held),
      redo: async () => void (held.view = (await this.#add(mark)).view),
    });
  }

  async setBad(channel: { position: number; label: string }, bad: boolean): Promise<void> {
    const set = async (to: boolean): Promise<void> => {
      await this.#api.setBad({ recording: this.#recording, channel: channel.position, bad: to });
    };
    await set(bad);
    this.#done({
      name: `${bad ? 'mark bad' : 'mark good'}, ${channel.label}`,
      undo: () => set(!bad),
      redo: () => set(bad),
    });
  }

  async #add({ startS, durationS, text, channel }: NewMark): Promise<{ view: MarkView }> {
    return {
      view: await this.#api.mark({ recording: this.#recording, mark: { startS, durationS, text, channel } }),
    };
  }

  async #remove(held: { view: MarkView }): Promise<void> {
    await this.#api.unmark({ recording: this.#recording, id: held.view.id });
  }
}
