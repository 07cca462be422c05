/** Brings a catalog up to date: one numbered SQL file per version, each in its own transaction, with a copy kept first. */
import { copyFileSync, existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type Database from 'better-sqlite3';
import { AppError } from '#shared/errors.ts';

export interface Migration {
  version: number;
  name: string;
  sql: string;
}

/** All migrations, oldest first. File names are `NNNN-what.sql`, numbered in tens. */
export function listMigrations(directory: URL = new URL('migrations/', import.meta.url)): Migration[] {
  return readdirSync(fileURLToPath(directory))
    .filter((file) => /^\d{4}-[a-z0-9-]+\.sql$/.test(file))
    .sort()
    .map((file) => ({
      version: Number(file.slice(0, 4)),
      name: file,
      sql: readFileSync(new URL(file, directory), 'utf8'),
    }));
}

/**
 * @throws AppError 'newer-version' when the catalog was written by a newer Limbeck; it is left untouched
 */
export function migrate(database: Database.Database, file: string, migrations = listMigrations()): void {
  const current = database.pragma('user_version', { simple: true }) as number;
  const newest = migrations.at(-1)?.version ?? 0;
  if (current > newest) {
    throw new AppError(
      'newer-version',
      `This study was made by a newer Limbeck (catalog ${current}, this one knows ${newest}). Open it with that version; nothing was changed.`,
      { details: { current, newest } },
    );
  }
  const due = migrations.filter((migration) => migration.version > current);
  if (due.length > 0 && current > 0) {
    database.pragma('wal_checkpoint(TRUNCATE)');
    const copy = `${file}.before-${newest}`;
    if (!existsSync(copy)) copyFileSync(file, copy);
  }
  for (const migration of due) {
    database.transaction(() => {
      database.exec(migration.sql);
      database.pragma(`user_version = ${migration.version}`);
    })();
  }
}
