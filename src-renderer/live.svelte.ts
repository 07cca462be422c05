/** The study as it is now: what the back end tells by itself, kept up over two streams that reconnect. */
import type { JobMessage } from '#shared/job-input.ts';
import type { JobRecord, JobStatus } from '#shared/jobs.ts';
import type { SystemView } from '#shared/views.ts';
import { isAbort, toRefusal, type Api, type Refusal } from './client.ts';

export const topics = ['study', 'recordings', 'channels', 'marks', 'artifacts', 'jobs'] as const;
export type Topic = (typeof topics)[number];

const ended: readonly JobStatus[] = ['done', 'stopped', 'discarded', 'failed', 'interrupted'];

export function isEnded(job: JobRecord): boolean {
  return ended.includes(job.status);
}

/** Waits before the nth attempt: half a second, doubling, five seconds at most. */
export function retryDelay(attempt: number): number {
  return Math.min(5000, 500 * 2 ** attempt);
}

export class Live {
  system = $state.raw<SystemView | null>(null);
  jobs = $state.raw<JobRecord[]>([]);
  /** How often each topic changed: read it in an effect to load again. */
  versions = $state<Record<Topic, number>>({
    study: 0,
    recordings: 0,
    channels: 0,
    marks: 0,
    artifacts: 0,
    jobs: 0,
  });
  connected = $state(false);
  /** Why there is no connection; null while there is one. */
  refusal = $state.raw<Refusal | null>(null);

  readonly #api: Pick<Api, 'system' | 'jobs'>;
  readonly #listeners = new Set<(message: JobMessage) => void>();
  #asked = 0;
  /** The job stream belongs to one study; another study needs another stream. */
  #endEvents: () => void = () => undefined;
  #opened: (() => void)[] = [];

  constructor(api: Pick<Api, 'system' | 'jobs'>) {
    this.#api = api;
  }

  get running(): JobRecord | null {
    return this.jobs.find((job) => job.status === 'running') ?? null;
  }

  get queued(): JobRecord[] {
    return this.jobs.filter((job) => job.status === 'queued');
  }

  job(id: string): JobRecord | null {
    return this.jobs.find((job) => job.id === id) ?? null;
  }

  /** Listens to the messages of every job. @returns stops listening */
  onJob(listener: (message: JobMessage) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Reads the state of the whole; an answer overtaken by a newer question is dropped. */
  async refresh(): Promise<void> {
    const asked = ++this.#asked;
    const system = await this.#api.system.get();
    const jobs = system.study ? await this.#api.jobs.list() : [];
    if (asked !== this.#asked) return;
    const before = this.system?.study?.path ?? null;
    this.system = system;
    this.jobs = jobs;
    this.refusal = null;
    if (before !== (system.study?.path ?? null)) this.#endEvents();
    if (system.study) for (const go of this.#opened.splice(0)) go();
  }

  /** Follows both streams until aborted; each starts again after a pause when it breaks. */
  follow(signal: AbortSignal): void {
    void this.#keep(signal, async () => {
      await this.refresh();
      const changes = await this.#api.system.changes(undefined, { signal });
      this.connected = true;
      for await (const { topics: names } of changes) await this.#changed(names);
    });
    void this.#keep(signal, async () => {
      await this.#studyOpened(signal);
      const stream = new AbortController();
      this.#endEvents = () => stream.abort();
      const both = AbortSignal.any([signal, stream.signal]);
      for await (const message of await this.#api.jobs.events(undefined, { signal: both }))
        this.take(message);
    });
  }

  /** One message of the job stream. */
  take(message: JobMessage): void {
    const { job } = message;
    const known = this.jobs.findIndex((other) => other.id === job.id);
    const before = known < 0 ? null : this.jobs[known]!.status;
    this.jobs = known < 0 ? [...this.jobs, job] : this.jobs.with(known, job);
    if (before !== job.status) this.versions.jobs++;
    for (const listener of this.#listeners) listener(message);
  }

  async #changed(names: readonly string[]): Promise<void> {
    await this.refresh();
    for (const name of topics) if (names.includes(name)) this.versions[name]++;
    if (names.includes('study')) for (const name of topics) if (name !== 'study') this.versions[name]++;
  }

  #studyOpened(signal: AbortSignal): Promise<void> {
    if (this.system?.study) return Promise.resolve();
    return new Promise((resolve) => {
      this.#opened.push(resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  async #keep(signal: AbortSignal, run: () => Promise<void>): Promise<void> {
    for (let attempt = 0; !signal.aborted; attempt++) {
      const started = performance.now();
      try {
        await run();
      } catch (error) {
        if (signal.aborted) return;
        if (!isAbort(error)) this.refusal = toRefusal(error);
      }
      this.connected = false;
      if (performance.now() - started > 10_000) attempt = 0;
      await pause(retryDelay(attempt), signal);
    }
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
