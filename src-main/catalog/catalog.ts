/** The catalog of a study: one SQLite file that only the main process writes. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import Database from 'better-sqlite3';
import { AppError } from '#shared/errors.ts';
import { ArtifactTable } from './artifacts.ts';
import { AuditTable } from './audit.ts';
import { JobTable } from './jobs.ts';
import { LabelTable } from './labels.ts';
import { MarkTable } from './marks.ts';
import { migrate } from './migrate.ts';
import { ProfileTable } from './profiles.ts';
import { RecordingTable } from './recordings.ts';

export interface Catalog {
  readonly studyDir: string;
  readonly name: string;
  readonly recordings: RecordingTable;
  readonly labels: LabelTable;
  readonly marks: MarkTable;
  readonly profiles: ProfileTable;
  readonly artifacts: ArtifactTable;
  readonly jobs: JobTable;
  readonly audit: AuditTable;
  /** All or nothing; may be nested. */
  transaction<T>(work: () => T): T;
  close(): void;
}

/**
 * Opens the study in a folder, making it when the folder is empty or absent.
 *
 * @throws AppError 'locked' when another process has it open · 'newer-version' · 'read-only' · 'disk-full'
 */
export function openCatalog(studyDir: string): Catalog {
  const file = join(studyDir, 'study.sqlite');
  try {
    if (!existsSync(studyDir)) mkdirSync(studyDir);
  } catch (error) {
    throw AppError.from(error);
  }
  const database = openDatabase(file, studyDir);
  try {
    migrate(database, file);
  } catch (error) {
    database.close();
    throw fromSqlite(error, studyDir);
  }
  writeFileSync(join(studyDir, 'study.lock'), `${process.pid}\n`);
  return {
    studyDir,
    name: basename(studyDir),
    recordings: new RecordingTable(database),
    labels: new LabelTable(database),
    marks: new MarkTable(database),
    profiles: new ProfileTable(database),
    artifacts: new ArtifactTable(database),
    jobs: new JobTable(database),
    audit: new AuditTable(database),
    transaction: (work) => {
      try {
        return database.transaction(work)();
      } catch (error) {
        throw fromSqlite(error, studyDir);
      }
    },
    close() {
      database.close();
      rmSync(join(studyDir, 'study.lock'), { force: true });
    },
  };
}

/** The exclusive lock lives in SQLite, so it dies with the process; study.lock only tells whose it is. */
function openDatabase(file: string, studyDir: string): Database.Database {
  let database: Database.Database | undefined;
  try {
    database = new Database(file, { timeout: 500 });
    database.pragma('locking_mode = EXCLUSIVE');
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    database.exec('BEGIN EXCLUSIVE; COMMIT');
    return database;
  } catch (error) {
    database?.close();
    throw fromSqlite(error, studyDir);
  }
}

function fromSqlite(error: unknown, studyDir: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new AppError(
      'locked',
      `${basename(studyDir)} is open in another Limbeck${holder(studyDir)}. Close it there, or wait until its job has ended.`,
      { cause: error },
    );
  }
  if (code === 'SQLITE_FULL') {
    return new AppError('disk-full', 'The disk is full; free some space and try again, nothing was lost.', {
      cause: error,
    });
  }
  if (code.startsWith('SQLITE_READONLY') || code === 'SQLITE_CANTOPEN' || code.startsWith('SQLITE_IOERR')) {
    return new AppError(
      'read-only',
      `The study folder ${studyDir} cannot be written. Choose another folder, or ask for permission to write there.`,
      { cause: error },
    );
  }
  if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT')) {
    return new AppError(
      'damaged-file',
      `study.sqlite in ${studyDir} is damaged or is not a Limbeck study. Put back a copy of it; the recordings and artifacts are not affected.`,
      { cause: error },
    );
  }
  return error;
}

function holder(studyDir: string): string {
  try {
    return ` (process ${readFileSync(join(studyDir, 'study.lock'), 'utf8').trim()})`;
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return '';
    throw error;
  }
}
