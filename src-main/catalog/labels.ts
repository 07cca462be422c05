/** Labelled spans of recordings, by where they came from: a label table, the file's annotations, a BIDS events file. */
import type Database from 'better-sqlite3';
import type { LabelSpan } from '#shared/eeg/segment.ts';

export type LabelSource = 'table' | 'annotation' | 'events';

interface LabelRow {
  recording: string;
  source: LabelSource;
  start_s: number;
  end_s: number | null;
  label: string;
  session: string;
  trial: string;
  subject: string;
}

export class LabelTable {
  readonly #database: Database.Database;

  constructor(database: Database.Database) {
    this.#database = database;
  }

  /** Replaces what this source said about a recording. */
  set(recording: string, source: LabelSource, spans: readonly Omit<LabelSpan, 'recording'>[]): void {
    this.#database.prepare('DELETE FROM label WHERE recording = ? AND source = ?').run(recording, source);
    const insert = this.#database.prepare(
      'INSERT INTO label (recording, source, position, start_s, end_s, label, session, trial) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    );
    for (const [position, span] of spans.entries()) {
      insert.run(
        recording,
        source,
        position,
        span.startS,
        span.endS,
        span.label,
        span.session ?? '',
        span.trial ?? '',
      );
    }
  }

  /** What counts for a recording: a label table outranks events, events outrank annotations. */
  of(recording: string): LabelSpan[] {
    const rows = this.#rows(recording);
    for (const source of ['table', 'events', 'annotation'] as const) {
      const chosen = rows.filter((row) => row.source === source);
      if (chosen.length > 0) return chosen.map(toSpan);
    }
    return [];
  }

  /**
   * Labels to learn from: of the chosen recordings, all of the highest source that any of them has. A table for some of a data set
   * means that the annotations of the others are not labels.
   */
  chosen(recordings: ReadonlySet<string>): LabelSpan[] {
    for (const source of ['table', 'events', 'annotation'] as const) {
      const spans = [...recordings].flatMap((recording) =>
        this.#rows(recording)
          .filter((row) => row.source === source)
          .map(toSpan),
      );
      if (spans.length > 0) return spans;
    }
    return [];
  }

  all(): LabelSpan[] {
    const recordings = this.#database
      .prepare<[], { recording: string }>('SELECT DISTINCT recording FROM label ORDER BY recording')
      .all();
    return recordings.flatMap(({ recording }) => this.of(recording));
  }

  #rows(recording: string): LabelRow[] {
    return this.#database
      .prepare<[string], LabelRow>(
        `SELECT label.*, recording.subject FROM label JOIN recording ON recording.id = label.recording
         WHERE label.recording = ? ORDER BY start_s, position`,
      )
      .all(recording);
  }
}

function toSpan(row: LabelRow): LabelSpan {
  return {
    recording: row.recording,
    startS: row.start_s,
    endS: row.end_s,
    label: row.label,
    subject: row.subject,
    session: row.session,
    ...(row.trial ? { trial: row.trial } : {}),
  };
}
