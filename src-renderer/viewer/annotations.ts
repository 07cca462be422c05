/** Marks and bad channels as changes that can be taken back; each is saved the moment it is made. */
import type { AnsweredMark, MarkView } from '#shared/views.ts';
import type { Api } from '../client.ts';
import type { Change } from '../undo.svelte.ts';
import { plural } from '../words.ts';

export type NewMark = Pick<MarkView, 'startS' | 'durationS' | 'text' | 'channel'>;
type Recordings = Pick<Api['recordings'], 'mark' | 'unmark' | 'setBad' | 'answer' | 'backToAutomatic'>;

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
      // An automatic one is still there, rejected: only the answer is put back as it was.
      undo: mark.found
        ? () => this.#answer([mark], mark.source === 'human' ? 'accepted' : null)
        : async () => void (held.view = (await this.#add(mark)).view),
      redo: () => this.#remove(held),
    });
  }

  /** Automatic marks become marks by hand, all at once. */
  async accept(marks: readonly MarkView[]): Promise<void> {
    await this.#answer(marks, 'accepted');
    this.#done({
      name: marks.length === 1 ? `accept mark ${marks[0]!.text}` : `accept ${plural(marks.length, 'mark')}`,
      undo: () => this.#answer(marks, null),
      redo: () => this.#answer(marks, 'accepted'),
    });
  }

  /** Automatic marks are taken away, all at once. */
  async reject(marks: readonly MarkView[]): Promise<void> {
    await this.#answer(marks, 'rejected');
    this.#done({
      name: `reject ${plural(marks.length, 'automatic mark')}`,
      undo: () => this.#answer(marks, null),
      redo: () => this.#answer(marks, 'rejected'),
    });
  }

  /**
   * Takes back what people said of the automatic marks and the channel.
   * @param channel null: the whole recording
   * @returns what was done, in a sentence
   */
  async backToAutomatic(channel: { position: number; label: string } | null): Promise<string> {
    const whose = channel?.label ?? 'The recording';
    const ask = { recording: this.#recording, channel: channel?.position ?? null };
    const { answers, bad } = await this.#api.backToAutomatic(ask);
    if (answers.length + bad.length === 0) return `${whose} is as it was found: nobody changed it.`;
    this.#done({
      name: `back to automatic, ${channel?.label ?? 'whole recording'}`,
      undo: async () => void (await this.#api.answer({ recording: this.#recording, answers, bad })),
      redo: async () => void (await this.#api.backToAutomatic(ask)),
    });
    const what = [
      answers.length > 0 ? `${plural(answers.length, 'automatic mark')} open again` : '',
      bad.length > 0 ? `${plural(bad.length, 'channel')} no longer bad` : '',
    ].filter(Boolean);
    return `${whose} is back to automatic: ${what.join(', ')}.`;
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

  async #answer(marks: readonly MarkView[], answer: AnsweredMark['answer'] | null): Promise<void> {
    await this.#api.answer({
      recording: this.#recording,
      answers: marks.map(({ id }) => ({ id, answer })),
    });
  }

  async #remove(held: { view: MarkView }): Promise<void> {
    await this.#api.unmark({ recording: this.#recording, id: held.view.id });
  }
}
