/** Versions of the lab profile: what people answered about channel names. */
import type Database from 'better-sqlite3';

export interface ProfileRow {
  version: number;
  json: string;
  created_at: string;
}

export class ProfileTable {
  readonly #database: Database.Database;

  constructor(database: Database.Database) {
    this.#database = database;
  }

  newest(): ProfileRow | undefined {
    return this.#database
      .prepare<[], ProfileRow>('SELECT * FROM profile ORDER BY version DESC LIMIT 1')
      .get();
  }

  add(json: string, at: string): number {
    const version = (this.newest()?.version ?? 0) + 1;
    this.#database
      .prepare('INSERT INTO profile (version, json, created_at) VALUES (?, ?, ?)')
      .run(version, json, at);
    return version;
  }
}
