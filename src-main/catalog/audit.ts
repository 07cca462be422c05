/** An append-only list of what was done; each row's hash covers the one before, so silent edits show. */
import { createHash } from 'node:crypto';
import type Database from 'better-sqlite3';

export interface AuditRow {
  position: number;
  at: string;
  what: string;
  facts: Record<string, unknown>;
  hash: string;
}

interface StoredRow extends Omit<AuditRow, 'facts'> {
  facts: string;
}

export class AuditTable {
  readonly #database: Database.Database;

  constructor(database: Database.Database) {
    this.#database = database;
  }

  append(what: string, facts: Record<string, unknown>, at: string): void {
    const last = this.#database
      .prepare<[], StoredRow>('SELECT * FROM audit ORDER BY position DESC LIMIT 1')
      .get();
    const text = JSON.stringify(facts);
    this.#database
      .prepare('INSERT INTO audit (position, at, what, facts, hash) VALUES (?, ?, ?, ?, ?)')
      .run((last?.position ?? 0) + 1, at, what, text, chain(last?.hash ?? '', at, what, text));
  }

  list(): AuditRow[] {
    return this.#stored().map((row) => ({ ...row, facts: JSON.parse(row.facts) }));
  }

  /** Position of the first row that was changed after it was written, or null. */
  firstBroken(): number | null {
    let previous = '';
    for (const [index, row] of this.#stored().entries()) {
      if (row.position !== index + 1 || row.hash !== chain(previous, row.at, row.what, row.facts))
        return row.position;
      previous = row.hash;
    }
    return null;
  }

  #stored(): StoredRow[] {
    return this.#database.prepare<[], StoredRow>('SELECT * FROM audit ORDER BY position').all();
  }
}

function chain(previous: string, at: string, what: string, facts: string): string {
  return createHash('sha256')
    .update(JSON.stringify([previous, at, what, facts]))
    .digest('hex');
}
