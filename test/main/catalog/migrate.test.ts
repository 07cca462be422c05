import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { listMigrations, migrate } from '#main/catalog/migrate.ts';
import { openCatalog } from '#main/catalog/catalog.ts';

const newFile = () => join(mkdtempSync(join(tmpdir(), 'limbeck-migrate-')), 'study.sqlite');

describe('migrations', () => {
  it('are numbered upwards in tens', () => {
    const versions = listMigrations().map(({ version }) => version);
    expect(versions.length).toBeGreaterThan(0);
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
    expect(versions.every((version) => version % 10 === 0)).toBe(true);
  });

  it('0010 makes strict tables with the foreign keys on', () => {
    const file = newFile();
    const database = new Database(file);
    migrate(database, file);
    const tables = database
      .prepare("SELECT name, strict FROM pragma_table_list WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
      .all() as { name: string; strict: number }[];
    expect(tables.map(({ name }) => name).sort()).toEqual(
      [
        'annotation',
        'artifact',
        'artifact_input',
        'audit',
        'bad_channel',
        'channel',
        'channel_map',
        'dataset',
        'finding',
        'job',
        'job_event',
        'label',
        'mark',
        'profile',
        'recording',
        'segment_provenance',
        'span',
      ].sort(),
    );
    expect(tables.every(({ strict }) => strict === 1)).toBe(true);
    database.close();
  });

  it('run once each, keep a copy of the catalog they change, and roll back when one fails', () => {
    const file = newFile();
    const database = new Database(file);
    const first = {
      version: 10,
      name: '0010-first.sql',
      sql: 'CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (1);',
    };
    const second = { version: 20, name: '0020-second.sql', sql: 'ALTER TABLE a ADD COLUMN y TEXT;' };
    migrate(database, file, [first]);
    migrate(database, file, [first, second]);
    expect(database.pragma('user_version', { simple: true })).toBe(20);
    expect(database.prepare('SELECT * FROM a').all()).toEqual([{ x: 1, y: null }]);
    expect(existsSync(`${file}.before-20`)).toBe(true);
    const broken = {
      version: 30,
      name: '0030-broken.sql',
      sql: 'CREATE TABLE b (x INTEGER) STRICT; CREATE TABLE a (z INTEGER);',
    };
    expect(() => migrate(database, file, [first, second, broken])).toThrow(/already exists/);
    expect(database.pragma('user_version', { simple: true })).toBe(20);
    expect(database.prepare("SELECT count(*) AS n FROM sqlite_master WHERE name = 'b'").get()).toEqual({
      n: 0,
    });
    database.close();
  });

  it('0020 takes up the runs of an older study, none of them superseded', () => {
    const dir = mkdtempSync(join(tmpdir(), 'limbeck-older-'));
    const file = join(dir, 'study.sqlite');
    const database = new Database(file);
    migrate(database, file, listMigrations().slice(0, 1));
    database
      .prepare(
        `INSERT INTO job (id, position, kind, title, status, created_at, input, command, phases, phase, engine)
         VALUES ('R-01', 1, 'prepare', 'Prepare segments', 'interrupted', '2026-01-01T00:00:00Z', '{}', '', '[]', 0, '')`,
      )
      .run();
    database.close();
    const catalog = openCatalog(dir);
    expect(catalog.jobs.list()).toMatchObject([{ id: 'R-01', status: 'interrupted', supersededBy: null }]);
    catalog.close();
  });

  it('refuse a catalog of a newer Limbeck and leave it as it is', () => {
    const dir = mkdtempSync(join(tmpdir(), 'limbeck-newer-'));
    openCatalog(dir).close();
    const file = join(dir, 'study.sqlite');
    const database = new Database(file);
    database.pragma('user_version = 99990');
    database.close();
    const before = readFileSync(file);
    expect(() => openCatalog(dir)).toThrow(/newer Limbeck/);
    expect(readFileSync(file).equals(before)).toBe(true);
  });
});
