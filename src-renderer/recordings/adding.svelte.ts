/** The import that the Add folder screen shows: its files as they are read, kept until somebody puts it away. */
import type { FileVerdict } from '#shared/eeg/imported.ts';
import type { JobMessage } from '#shared/job-input.ts';
import type { JobEvent, JobRecord } from '#shared/jobs.ts';
import type { JobView } from '#shared/views.ts';
import { api, toRefusal, type Refusal } from '../client.ts';
import { live } from '../session.ts';

export type Note = Extract<JobEvent, { type: 'note' }>;

interface Source {
  get(id: string): Promise<JobView>;
  listen(listener: (message: JobMessage) => void): () => void;
}

type Kept = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const key = 'limbeck.adding';

export class Adding {
  /** The study and the job; null when nothing is shown. */
  shown = $state.raw<{ study: string; job: string } | null>(null);
  /** In the order of reading. */
  files = $state.raw<FileVerdict[]>([]);
  notes = $state.raw<Note[]>([]);
  /** As last heard of. */
  job = $state.raw<JobRecord | null>(null);
  refusal = $state.raw<Refusal | null>(null);
  readonly #source: Source;
  readonly #kept: Kept;
  /** Messages that came before the answer of `get`; null once it is there. */
  #early: JobMessage[] | null = null;
  #unlisten: () => void = () => undefined;
  #asked = 0;

  constructor(source: Source, kept: Kept) {
    this.#source = source;
    this.#kept = kept;
  }

  /** Shows an import from its first file on. */
  async follow(study: string, job: string): Promise<void> {
    this.#clear();
    this.shown = { study, job };
    this.#kept.setItem(key, JSON.stringify(this.shown));
    const asked = this.#asked;
    this.#early = [];
    // Listens first and reads second, so that nothing falls between.
    this.#unlisten = this.#source.listen((message) => {
      if (message.job.id !== job) return;
      if (this.#early) this.#early.push(message);
      else this.#take(message);
    });
    try {
      const { events, curves: _, ...record } = await this.#source.get(job);
      if (asked !== this.#asked) return;
      this.job = record;
      this.#add(events.map(({ event }) => event));
      // What came meanwhile may be in the answer already.
      const known = new Set(events.map(({ event }) => JSON.stringify(event)));
      const early = this.#early ?? [];
      this.#early = null;
      for (const message of early)
        this.#take(
          message.event && known.has(JSON.stringify(message.event)) ? { job: message.job } : message,
        );
    } catch (error) {
      if (asked === this.#asked) this.refusal = toRefusal(error);
    }
  }

  /** After a reload, or when an import was begun elsewhere: the one that was shown, else one under way. */
  restore(study: string, jobs: readonly JobRecord[]): void {
    if (this.shown?.study === study) return;
    const kept = parse(this.#kept.getItem(key));
    const known = jobs.find(({ id }) => kept?.study === study && id === kept.job);
    const under = jobs.find(
      ({ kind, status }) => kind === 'import' && (status === 'running' || status === 'queued'),
    );
    const job = known ?? under;
    if (job) void this.follow(study, job.id);
    else if (this.shown) this.#clear();
  }

  dismiss(): void {
    this.#clear();
    this.#kept.removeItem(key);
  }

  #clear(): void {
    this.#asked++;
    this.#unlisten();
    this.#early = null;
    this.shown = null;
    this.files = [];
    this.notes = [];
    this.job = null;
    this.refusal = null;
  }

  #take({ job, event }: JobMessage): void {
    // Taken up again it begins anew; what was read before is then told as known.
    if (this.job && this.job.status !== 'running' && job.status === 'running') {
      this.files = [];
      this.notes = [];
    }
    this.job = job;
    if (event) this.#add([event]);
  }

  #add(events: readonly JobEvent[]): void {
    const files = events.flatMap((event) => (event.type === 'files' ? event.files : []));
    const notes = events.filter((event) => event.type === 'note');
    if (files.length > 0) this.files = [...this.files, ...files];
    if (notes.length > 0) this.notes = [...this.notes, ...notes];
  }
}

function parse(text: string | null): { study: string; job: string } | null {
  const value: unknown = text === null ? null : JSON.parse(text);
  return typeof value === 'object' &&
    value !== null &&
    'study' in value &&
    'job' in value &&
    typeof value.study === 'string' &&
    typeof value.job === 'string'
    ? { study: value.study, job: value.job }
    : null;
}

const nowhere: Kept = { getItem: () => null, setItem: () => undefined, removeItem: () => undefined };

export const adding = new Adding(
  { get: (id) => api.jobs.get({ id }), listen: (listener) => live.onJob(listener) },
  typeof sessionStorage === 'undefined' ? nowhere : sessionStorage,
);
