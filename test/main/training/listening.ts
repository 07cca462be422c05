/** A progress that remembers what it was told, and a checkpoint store in memory. */
import type { Checkpoint, CheckpointStore, JobEvent, Progress } from '#shared/jobs.ts';

export interface Listening extends Progress {
  readonly events: JobEvent[];
  abort(): void;
  stop(): void;
}

/** @param after called with every event, e.g. to abort at a certain step */
export function listening(after: (event: JobEvent, self: Listening) => void = () => undefined): Listening {
  const controller = new AbortController();
  let stopped = false;
  const events: JobEvent[] = [];
  const self: Listening = {
    events,
    signal: controller.signal,
    abort: () => controller.abort(),
    stop: () => void (stopped = true),
    stopRequested: () => stopped,
    report(event) {
      events.push(event);
      after(event, self);
    },
  };
  return self;
}

export function memoryStore(): CheckpointStore & { saves: number } {
  let kept: Checkpoint | null = null;
  const store = {
    saves: 0,
    load: async () => (kept ? structuredClone(kept) : null),
    save: async (checkpoint: Checkpoint) => {
      kept = structuredClone(checkpoint);
      store.saves++;
    },
  };
  return store;
}
