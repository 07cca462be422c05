/** Marks on the page, by hand or automatic, and channels called bad. */
import type Database from 'better-sqlite3';
import type { AnsweredMark, MarkView } from '#shared/views.ts';

interface MarkRow {
  id: string;
  recording: string;
  source: 'human' | 'automatic';
  start_s: number;
  duration_s: number;
  text: string;
  channel: string | null;
  /** Only of automatic ones. */
  answer: 'accepted' | 'rejected' | null;
}

export class MarkTable {
  readonly #database: Database.Database;

  constructor(database: Database.Database) {
    this.#database = database;
  }

  /** Those to be shown: an accepted automatic mark counts as one by hand, a rejected one not at all. */
  of(recording: string): MarkView[] {
    return this.#database
      .prepare<[string], MarkRow>(
        "SELECT * FROM mark WHERE recording = ? AND answer IS NOT 'rejected' ORDER BY start_s, id",
      )
      .all(recording)
      .map(toView);
  }

  get(id: string): MarkView | undefined {
    const row = this.#database.prepare<[string], MarkRow>('SELECT * FROM mark WHERE id = ?').get(id);
    return row && toView(row);
  }

  add(recording: string, mark: MarkView, at: string): void {
    this.#database
      .prepare(
        'INSERT INTO mark (id, recording, source, start_s, duration_s, text, channel, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      )
      .run(mark.id, recording, mark.source, mark.startS, mark.durationS, mark.text, mark.channel, at);
  }

  /** Deletes a mark by hand; an automatic one is kept as rejected. */
  remove(id: string): void {
    this.#database.prepare("DELETE FROM mark WHERE id = ? AND source = 'human'").run(id);
    this.answer(id, 'rejected');
  }

  /** Automatic marks that a person accepted or rejected. */
  answered(recording: string): AnsweredMark[] {
    return this.#database
      .prepare<[string], MarkRow>(
        'SELECT * FROM mark WHERE recording = ? AND answer IS NOT NULL ORDER BY start_s, id',
      )
      .all(recording)
      .flatMap((row) => (row.answer === null ? [] : [{ mark: toView(row), answer: row.answer }]));
  }

  /** @param answer null takes it back: the mark waits for one again. @returns false when there is no such automatic mark */
  answer(id: string, answer: AnsweredMark['answer'] | null): boolean {
    return (
      this.#database
        .prepare("UPDATE mark SET answer = ? WHERE id = ? AND source = 'automatic'")
        .run(answer, id).changes > 0
    );
  }

  badChannels(recording: string): Set<number> {
    return new Set(
      this.#database
        .prepare<[string], { position: number }>('SELECT position FROM bad_channel WHERE recording = ?')
        .all(recording)
        .map((row) => row.position),
    );
  }

  setBad(recording: string, position: number, bad: boolean): void {
    this.#database
      .prepare(
        bad
          ? 'INSERT OR IGNORE INTO bad_channel (recording, position) VALUES (?, ?)'
          : 'DELETE FROM bad_channel WHERE recording = ? AND position = ?',
      )
      .run(recording, position);
  }
}

function toView(row: MarkRow): MarkView {
  return {
    id: row.id,
    source: row.answer === 'accepted' ? 'human' : row.source,
    startS: row.start_s,
    durationS: row.duration_s,
    text: row.text,
    channel: row.channel,
    ...(row.source === 'automatic' ? { found: true } : {}),
  };
}
