/** One job as it happens: its record, curves and notes; the stream is let in four times a second at most. */
import type { JobMessage } from '#shared/job-input.ts';
import type { JobEvent, JobRecord } from '#shared/jobs.ts';
import type { Curve, JobView } from '#shared/views.ts';
import { toRefusal, type Refusal } from '../client.ts';

export interface Noted {
  at: string;
  event: JobEvent;
}

interface Source {
  get(id: string): Promise<JobView>;
  listen(listener: (message: JobMessage) => void): () => void;
}

export const updateMs = 250;

export class JobWatch {
  job = $state.raw<JobRecord | null>(null);
  /** One set of curves for each time it began to learn: groups are learned one after another. */
  rounds = $state.raw<Curve[][]>([]);
  /** Everything but progress, oldest first. */
  events = $state.raw<Noted[]>([]);
  refusal = $state.raw<Refusal | null>(null);
  /** When the job last gave a sign of life, as milliseconds of this window's clock. */
  heardAt = $state(0);

  readonly #id: string;
  readonly #source: Source;
  readonly #now: () => number;
  #waiting: JobMessage[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;
  #loaded = false;
  #closed = false;

  constructor(id: string, source: Source, now: () => number = Date.now) {
    this.#id = id;
    this.#source = source;
    this.#now = now;
  }

  /** Listens first and reads second, so that nothing falls between. @returns ends it */
  open(): () => void {
    const unlisten = this.#source.listen((message) => {
      if (message.job.id !== this.#id) return;
      this.#waiting.push(message);
      this.#timer ??= setTimeout(() => this.flush(), updateMs);
    });
    void this.#read();
    return () => {
      this.#closed = true;
      unlisten();
      if (this.#timer !== null) clearTimeout(this.#timer);
    };
  }

  /** Lets in what has come since the last time. */
  flush(): void {
    this.#timer = null;
    if (!this.#loaded || this.#closed) return;
    const messages = this.#waiting;
    this.#waiting = [];
    if (messages.length === 0) return;
    const at = new Date(this.#now()).toISOString();
    const fresh = messages.flatMap(({ event }) =>
      event && event.type !== 'progress' ? [{ at, event }] : [],
    );
    this.job = messages[messages.length - 1]!.job;
    this.heardAt = this.#now();
    this.events = [...this.events, ...fresh];
    this.rounds = roundsOf(this.events);
  }

  async #read(): Promise<void> {
    try {
      const { events, curves: _, ...job } = await this.#source.get(this.#id);
      if (this.#closed) return;
      this.job = job;
      this.events = events.filter(({ event }) => event.type !== 'progress');
      this.rounds = roundsOf(this.events);
      this.heardAt = this.#now();
      this.refusal = null;
      // What was heard while reading may be in the answer already: points and phases are the same twice, notes are not.
      const known = new Set(this.events.map(({ event }) => JSON.stringify(event)));
      this.#waiting = this.#waiting.map(({ job: record, event }) =>
        event && known.has(JSON.stringify(event))
          ? { job: record }
          : { job: record, ...(event ? { event } : {}) },
      );
      this.#loaded = true;
      this.flush();
    } catch (error) {
      if (!this.#closed) this.refusal = toRefusal(error);
    }
  }
}

/** Curves by round: a phase that comes a second time begins a new one. Rounds without points are left out. */
export function roundsOf(events: readonly Noted[]): Curve[][] {
  const rounds: JobEvent[][] = [[]];
  let phase = -1;
  for (const { event } of events) {
    if (event.type === 'phase') {
      if (event.index <= phase) rounds.push([]);
      phase = event.index;
    } else if (event.type === 'metric') rounds[rounds.length - 1]!.push(event);
  }
  return rounds.map((metrics) => addPoints([], metrics)).filter((curves) => curves.length > 0);
}

/** True while the newest point belongs to the phase that runs now. */
export function isLearning(events: readonly Noted[]): boolean {
  const last = (type: JobEvent['type']): number => events.findLastIndex(({ event }) => event.type === type);
  return last('metric') > last('phase');
}

/** Adds the points of metric events; a point at a known x replaces it, as after a resume from a checkpoint. */
export function addPoints(curves: readonly Curve[], events: readonly JobEvent[]): Curve[] {
  const next = curves.map((curve) => ({ ...curve }));
  const touched = new Set<Curve>();
  for (const event of events) {
    if (event.type !== 'metric') continue;
    let curve = next.find(({ series, split }) => series === event.series && split === event.split);
    if (!curve) {
      curve = { series: event.series, split: event.split, x: [], y: [] };
      next.push(curve);
    }
    if (!touched.has(curve)) {
      curve.x = [...curve.x];
      curve.y = [...curve.y];
      touched.add(curve);
    }
    const at = curve.x.lastIndexOf(event.x);
    if (at >= 0) curve.y[at] = event.value;
    else {
      curve.x.push(event.x);
      curve.y.push(event.value);
    }
  }
  return next;
}
