/** One heavy job at a time: the queue is a table, the outcome is written in one transaction. */
import { AppError } from '#shared/errors.ts';
import type { JobInput, JobMessage } from '#shared/job-input.ts';
import type { JobEvent, JobRecord, JobStatus } from '#shared/jobs.ts';
import type { Catalog } from '#main/catalog/catalog.ts';
import type { JobOutput, StopHow } from '#main/jobs/job.ts';
import { defaultWorkers, type RunningJob, type StartJob } from '#main/jobs/runner.ts';
import { canonicalJson } from '#main/store/canonical.ts';
import { Broadcast } from './broadcast.ts';
import { recordImported, recordLabels } from './imports.ts';
import { planJob } from './job-plans.ts';
import type { Topic } from './study.ts';

interface Current {
  record: JobRecord;
  running: RunningJob;
  how: StopHow | null;
  /** Why the catalog could not take what the job told. */
  broken: AppError | null;
  phaseStarted: number;
  settled: Promise<void>;
}

/** These can be taken up again. */
const endedEarly: readonly JobStatus[] = ['interrupted', 'failed', 'discarded'];

export interface JobChoices {
  engine?: string;
  workers?: number;
}

export class JobQueue {
  readonly messages = new Broadcast<JobMessage>();
  readonly #catalog: Catalog;
  readonly #start: StartJob;
  readonly #changed: (...topics: Topic[]) => void;
  readonly #outputs = new Map<string, JobOutput>();
  readonly #choices = new Map<string, JobChoices>();
  readonly #errors = new Map<string, AppError>();
  /** Ends that the catalog could not take, a full disk for one; its rows become `interrupted` at the next start. */
  readonly #unwritten = new Map<string, Pick<JobRecord, 'status' | 'endedAt' | 'error'>>();
  #current: Current | null = null;
  #closed = false;

  constructor(catalog: Catalog, start: StartJob, changed: (...topics: Topic[]) => void) {
    this.#catalog = catalog;
    this.#start = start;
    this.#changed = changed;
  }

  /** Rows left `running` by a process that ended become `interrupted`. */
  recover(): void {
    this.#catalog.jobs.interruptRunning(new Date().toISOString());
  }

  list(): JobRecord[] {
    return this.#catalog.jobs.list().map((job) => this.#live(job));
  }

  get(id: string): JobRecord {
    const job = this.#catalog.jobs.get(id);
    if (!job) throw new AppError('not-found', `There is no run ${id} in this study.`);
    return this.#live(job);
  }

  add(input: JobInput, choices: JobChoices = {}): JobRecord {
    const plan = planJob(this.#catalog, input);
    const record = this.#catalog.transaction(() => {
      const added = this.#catalog.jobs.add({
        kind: input.kind,
        title: plan.title,
        input: plan.input,
        command: plan.command,
        createdAt: new Date().toISOString(),
      });
      this.#supersede(added);
      return added;
    });
    this.#choices.set(record.id, choices);
    this.messages.send({ job: record });
    this.#pump();
    return this.get(record.id);
  }

  /** Puts an ended-before-done run back into the queue; checkpoints make it go on where it was. */
  resume(id: string): JobRecord {
    const job = this.get(id);
    if (!endedEarly.includes(job.status)) {
      throw new AppError(
        'conflict',
        `Run ${id} is ${job.status}; only an interrupted or failed run can be taken up again.`,
      );
    }
    if (job.supersededBy !== null) {
      throw new AppError(
        'conflict',
        `Run ${id} was asked for again as ${job.supersededBy}; look there how it went on.`,
      );
    }
    this.#catalog.transaction(() =>
      this.#supersede(this.#update(id, { status: 'queued', error: null, endedAt: null })),
    );
    this.#unwritten.delete(id);
    this.#pump();
    return this.get(id);
  }

  stop(id: string, how: StopHow): JobRecord {
    const job = this.get(id);
    if (this.#current?.record.id === id) {
      this.#current.how = how;
      this.#current.running.stop(how);
    } else if (job.status === 'queued') {
      this.#update(id, { status: 'discarded', endedAt: new Date().toISOString() });
    } else {
      throw new AppError('conflict', `Run ${id} is not running any more; it is ${job.status}.`);
    }
    return this.get(id);
  }

  /** Resolves when the run has ended, with what it made. @throws its error */
  async finished(id: string): Promise<JobOutput> {
    while (['queued', 'running'].includes(this.get(id).status)) {
      if (this.#current) await this.#current.settled;
      else await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const job = this.get(id);
    const output = this.#outputs.get(id);
    if (output) return output;
    if (job.error) {
      throw this.#errors.get(id) ?? new AppError('internal', job.error.message);
    }
    throw new AppError(
      'cancelled',
      `Run ${id} was ${job.status}; the same request goes on from its checkpoint.`,
    );
  }

  /** Lets go of the running job (it can be resumed) and starts no other. */
  async close(): Promise<void> {
    this.#closed = true;
    const current = this.#current;
    if (!current) return;
    current.how ??= 'pause';
    current.running.stop('pause');
    await current.settled;
  }

  /** Earlier runs that were asked for the same and ended early are over: this one tells how they went on. */
  #supersede(by: JobRecord): void {
    const key = canonicalJson(by.input);
    for (const job of this.#catalog.jobs.list()) {
      if (job.id === by.id || job.kind !== by.kind || !endedEarly.includes(job.status)) continue;
      if (canonicalJson(job.input) === key) this.#update(job.id, { supersededBy: by.id });
    }
  }

  #pump(): void {
    if (this.#current || this.#closed) return;
    const next = this.#catalog.jobs.next();
    if (!next) return;
    this.#unwritten.delete(next.id);
    let record: JobRecord;
    try {
      this.#catalog.jobs.clearEvents(next.id);
      record = this.#update(next.id, {
        status: 'running',
        startedAt: new Date().toISOString(),
        phase: 0,
        error: null,
      });
    } catch (error) {
      this.#end(next.id, 'failed', AppError.from(error));
      return;
    }
    const choices = this.#choices.get(next.id) ?? {};
    const current: Current = {
      record,
      how: null,
      broken: null,
      phaseStarted: performance.now(),
      running: idle,
      settled: Promise.resolve(),
    };
    this.#current = current;
    current.settled = this.#run(current, next.input as unknown as JobInput, choices);
  }

  async #run(current: Current, input: JobInput, choices: JobChoices): Promise<void> {
    const { id } = current.record;
    /** What goes wrong while the job is listened to ends the job, not the application. */
    const listening =
      <Args extends unknown[]>(handle: (...args: Args) => void) =>
      (...args: Args) => {
        if (current.broken) return;
        try {
          handle(...args);
        } catch (error) {
          current.broken = AppError.from(error);
          current.running.stop('pause');
        }
      };
    try {
      const plan = planJob(this.#catalog, input);
      current.running = this.#start(
        {
          kind: input.kind,
          studyDir: this.#catalog.studyDir,
          // taken up again: by the engine that made its checkpoint
          engine: choices.engine ?? current.record.engine?.split(',')[0] ?? 'auto',
          workers: choices.workers ?? defaultWorkers(),
          spec: plan.spec,
        },
        {
          event: listening((event) => this.#onEvent(current, event)),
          engine: listening((engine) => (current.record = this.#update(id, { engine }))),
          recorded: listening((recordings) => {
            recordImported(this.#catalog, recordings);
            this.#changed('recordings', 'channels');
          }),
        },
      );
      const output = await current.running.finished;
      if (current.broken) throw current.broken;
      this.#finish(current, output);
    } catch (error) {
      this.#fail(current, current.broken ?? AppError.from(error));
    } finally {
      this.#current = null;
      this.#pump();
    }
  }

  #finish(current: Current, output: JobOutput): void {
    const { id } = current.record;
    const at = new Date().toISOString();
    this.#catalog.transaction(() => {
      for (const manifest of output.artifacts)
        this.#catalog.artifacts.add(manifest, manifest.kind === 'segments' ? output.yields : []);
      if (output.labels) recordLabels(this.#catalog, output.labels);
      this.#catalog.jobs.addEvent(id, at, { type: 'note', level: 'ok', text: output.result });
      this.#catalog.audit.append(
        current.record.kind,
        {
          job: id,
          result: output.result,
          artifacts: output.artifacts.map((manifest) => ({ id: manifest.id, hash: manifest.hash })),
        },
        at,
      );
      this.#catalog.jobs.update(id, {
        status: current.how === 'keep' ? 'stopped' : 'done',
        endedAt: at,
        artifact: output.artifacts.at(-1)?.id ?? null,
      });
    });
    this.#outputs.set(id, output);
    // Not by get(): that one still tells of the run as it was going on.
    this.messages.send({
      job: this.#catalog.jobs.get(id)!,
      event: { type: 'note', level: 'ok', text: output.result },
    });
    this.#changed('artifacts', 'recordings');
  }

  #fail(current: Current, error: AppError): void {
    // Told to stop and keep where nothing can be kept yet, a job gives up as if paused.
    const isPaused = current.how === 'pause' || (current.how === 'keep' && error.code === 'cancelled');
    this.#end(
      current.record.id,
      current.how === 'discard' ? 'discarded' : isPaused ? 'interrupted' : 'failed',
      error,
    );
  }

  #end(id: string, status: JobStatus, error: AppError): void {
    this.#errors.set(id, error);
    const change = {
      status,
      endedAt: new Date().toISOString(),
      error: status === 'failed' ? { code: error.code, message: error.message } : null,
    };
    try {
      this.#update(id, change);
    } catch (cause) {
      this.#unwritten.set(id, {
        ...change,
        error: { code: error.code, message: `${error.message} ${AppError.from(cause).message}` },
      });
      this.messages.send({ job: { ...this.get(id), ...this.#unwritten.get(id) } });
    }
  }

  #onEvent(current: Current, event: JobEvent): void {
    const { id } = current.record;
    const record = current.record;
    switch (event.type) {
      case 'phases':
        current.record = this.#catalog.jobs.update(id, { phases: event.names });
        break;
      case 'phase':
        current.phaseStarted = performance.now();
        current.record = this.#catalog.jobs.update(id, { phase: event.index });
        break;
      case 'progress': {
        const elapsedS = (performance.now() - current.phaseStarted) / 1000;
        const etaS = event.done > 0 ? (elapsedS * (event.total - event.done)) / event.done : null;
        current.record = {
          ...record,
          progress: { done: event.done, total: event.total, unit: event.unit },
          etaS,
        };
        break;
      }
    }
    if (event.type !== 'progress') this.#catalog.jobs.addEvent(id, new Date().toISOString(), event);
    this.messages.send({ job: current.record, event });
  }

  #update(id: string, change: Parameters<Catalog['jobs']['update']>[1]): JobRecord {
    const record = this.#catalog.jobs.update(id, change);
    this.messages.send({ job: record });
    return record;
  }

  #live(job: JobRecord): JobRecord {
    if (this.#current?.record.id === job.id) return { ...job, ...this.#current.record };
    return { ...job, ...this.#unwritten.get(job.id) };
  }
}

const idle: RunningJob = {
  finished: Promise.resolve({ artifacts: [], result: '', facts: {} }),
  stop: () => undefined,
};
