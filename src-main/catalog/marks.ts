/** Marks on the page, by hand or automatic, and channels called bad. */
import type Database from 'better-sqlite3';
import type { MarkView } from '#shared/views.ts';

interface MarkRow {
  id: string;
  recording: string;
  source: 'human' | 'automatic';
  start_s: number;
  duration_s: number;
  text: string;
  channel: string | null;
}

export class MarkTable {
  readonly #database: Database.Database;

  constructor(database: Database.Database) {
    this.#database = database;
  }

  of(recording: string): MarkView[] {
    return this.#database
      .prepare<[string], MarkRow>('SELECT * FROM mark WHERE recording = ? ORDER BY start_s, id')
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

  remove(id: string): void {
    this.#database.prepare('DELETE FROM mark WHERE id = ?').run(id);
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
    source: row.source,
    startS: row.start_s,
    durationS: row.duration_s,
    text: row.text,
    channel: row.channel,
  };
}
