/** The queue and history of jobs. */
import type Database from 'better-sqlite3';
import type { JobEvent, JobRecord, JobStatus } from '#shared/jobs.ts';

interface JobRow {
  id: string;
  kind: JobRecord['kind'];
  title: string;
  status: JobStatus;
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
  input: string;
  command: string;
  phases: string;
  phase: number;
  artifact: string | null;
  engine: string;
  error: string | null;
  superseded_by: string | null;
}

export class JobTable {
  readonly #database: Database.Database;

  constructor(database: Database.Database) {
    this.#database = database;
  }

  add(job: Pick<JobRecord, 'kind' | 'title' | 'input' | 'command' | 'createdAt'>): JobRecord {
    const { next } = this.#database
      .prepare<[], { next: number }>('SELECT coalesce(max(position), 0) + 1 AS next FROM job')
      .get()!;
    const id = `R-${String(next).padStart(2, '0')}`;
    this.#database
      .prepare(
        `INSERT INTO job (id, position, kind, title, status, created_at, input, command, phases, phase, engine)
         VALUES (?, ?, ?, ?, 'queued', ?, ?, ?, '[]', 0, '')`,
      )
      .run(id, next, job.kind, job.title, job.createdAt, JSON.stringify(job.input), job.command);
    return this.get(id)!;
  }

  get(id: string): JobRecord | undefined {
    const row = this.#database.prepare<[string], JobRow>('SELECT * FROM job WHERE id = ?').get(id);
    return row && toRecord(row);
  }

  /** Newest first. */
  list(): JobRecord[] {
    return this.#database.prepare<[], JobRow>('SELECT * FROM job ORDER BY position DESC').all().map(toRecord);
  }

  next(): JobRecord | undefined {
    const row = this.#database
      .prepare<[], JobRow>("SELECT * FROM job WHERE status = 'queued' ORDER BY position LIMIT 1")
      .get();
    return row && toRecord(row);
  }

  update(
    id: string,
    change: Partial<
      Pick<
        JobRecord,
        | 'status'
        | 'startedAt'
        | 'endedAt'
        | 'phases'
        | 'phase'
        | 'artifact'
        | 'engine'
        | 'error'
        | 'supersededBy'
      >
    >,
  ): JobRecord {
    const merged = { ...this.get(id)!, ...change };
    this.#database
      .prepare(
        `UPDATE job SET status = ?, started_at = ?, ended_at = ?, phases = ?, phase = ?, artifact = ?, engine = ?, error = ?,
         superseded_by = ? WHERE id = ?`,
      )
      .run(
        merged.status,
        merged.startedAt,
        merged.endedAt,
        JSON.stringify(merged.phases),
        merged.phase,
        merged.artifact,
        merged.engine,
        merged.error && JSON.stringify(merged.error),
        merged.supersededBy,
        id,
      );
    return this.get(id)!;
  }

  /** A process that ended while a job ran left it `running`, and others `queued` behind it; nothing runs at the start. */
  interruptRunning(at: string): JobRecord[] {
    const left = this.list().filter((job) => ['running', 'queued'].includes(job.status));
    return left.map((job) => this.update(job.id, { status: 'interrupted', endedAt: at }));
  }

  addEvent(job: string, at: string, event: JobEvent): void {
    this.#database
      .prepare(
        `INSERT INTO job_event (job, position, at, event)
         VALUES (?, (SELECT coalesce(max(position), 0) + 1 FROM job_event WHERE job = ?), ?, ?)`,
      )
      .run(job, job, at, JSON.stringify(event));
  }

  events(job: string): { at: string; event: JobEvent }[] {
    return this.#database
      .prepare<[string], { at: string; event: string }>(
        'SELECT at, event FROM job_event WHERE job = ? ORDER BY position',
      )
      .all(job)
      .map(({ at, event }) => ({ at, event: JSON.parse(event) }));
  }

  clearEvents(job: string): void {
    this.#database.prepare('DELETE FROM job_event WHERE job = ?').run(job);
  }
}

function toRecord(row: JobRow): JobRecord {
  return {
    id: row.id,
    kind: row.kind,
    title: row.title,
    status: row.status,
    createdAt: row.created_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    input: JSON.parse(row.input),
    command: row.command,
    phases: JSON.parse(row.phases),
    phase: row.phase,
    progress: null,
    etaS: null,
    artifact: row.artifact,
    engine: row.engine,
    error: row.error === null ? null : JSON.parse(row.error),
    supersededBy: row.superseded_by,
  };
}
