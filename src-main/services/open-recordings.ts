/** Keeps the last few recordings open, so that turning a page does not read the header again. */
import { AppError } from '#shared/errors.ts';
import type { Catalog } from '#main/catalog/catalog.ts';
import { openRecording } from '#main/io/readers.ts';
import type { Recording } from '#main/io/reader.ts';

const most = 4;

export class OpenRecordings {
  readonly #catalog: Catalog;
  readonly #open = new Map<string, Promise<Recording>>();

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  /** @throws AppError 'not-found' when the recording is unknown or its file is not there */
  async get(id: string): Promise<Recording> {
    const known = this.#open.get(id);
    if (known) {
      this.#open.delete(id);
      this.#open.set(id, known);
      return known;
    }
    const entry = this.#catalog.recordings.get(id);
    if (!entry) throw new AppError('not-found', `There is no recording ${id} in this study.`);
    if (entry.refusal) throw new AppError('damaged-file', entry.refusal);
    const opening = openRecording(entry.path);
    this.#open.set(id, opening);
    try {
      await opening;
    } catch (error) {
      this.#open.delete(id);
      throw error;
    }
    await this.#closeOldest();
    return opening;
  }

  async close(): Promise<void> {
    const all = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(all.map(async (opening) => (await opening).close()));
  }

  async #closeOldest(): Promise<void> {
    while (this.#open.size > most) {
      const [oldest, opening] = this.#open.entries().next().value!;
      this.#open.delete(oldest);
      await (await opening).close();
    }
  }
}
