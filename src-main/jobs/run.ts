/** Gives a job its context and runs it; the same whether in a worker process or inline. */
import { AppError } from '#shared/errors.ts';
import type { JobEvent } from '#shared/jobs.ts';
import type { EngineName } from '#main/engine/engine.ts';
import { openCheckpoints } from '#main/store/checkpoint.ts';
import type { Job, JobContext, JobOrder, JobOutput, StopHow } from './job.ts';
import { jobs } from './jobs.ts';
import { memoryRefusal } from './memory-refusal.ts';
import type { JobListener, RunningJob } from './runner.ts';

/** Progress is told at most this often; the latest wins. */
const progressEveryMs = 100;

export function runJob(order: JobOrder, listener: JobListener): RunningJob {
  const abort = new AbortController();
  let stop = false;
  let discard = false;
  const stores: ReturnType<typeof openCheckpoints>[] = [];
  const report = coalesceProgress(listener.event);
  const context: JobContext = {
    studyDir: order.studyDir,
    workers: order.workers,
    engine: order.engine,
    signal: abort.signal,
    stopRequested: () => stop,
    report: report.event,
    lostEngines: [],
    engineChosen: listener.engine,
    recorded: listener.recorded,
    now: () => new Date().toISOString(),
    checkpoints(name) {
      const store = openCheckpoints(order.studyDir, name);
      stores.push(store);
      return store;
    },
  };
  const finished = start(order, context).finally(async () => {
    report.flush();
    if (discard) await Promise.all(stores.map((store) => store.remove()));
  });
  return {
    finished,
    stop(how: StopHow) {
      discard = how === 'discard';
      if (how === 'keep') stop = true;
      else
        abort.abort(
          new AppError('cancelled', 'Stopped by hand; what was checkpointed is safe.', { details: { how } }),
        );
    },
  };
}

/** Runs the job; one whose engine is lost goes on with another from the last checkpoint. */
async function start(order: JobOrder, context: JobContext): Promise<JobOutput> {
  const job = (await jobs[order.kind]()) as Job<unknown>;
  const lostEngines: EngineName[] = [];
  for (;;) {
    let computes = false;
    const engineChosen = (name: string) => {
      computes = true;
      context.engineChosen(name);
    };
    try {
      return await job(order.spec, { ...context, engineChosen, lostEngines: [...lostEngines] });
    } catch (error) {
      // An abort may surface as any error of the code it interrupted.
      if (context.signal.aborted) throw context.signal.reason;
      const lost = computes ? await lostEngine() : undefined;
      if (!lost || lostEngines.includes(lost.name))
        throw memoryRefusal(error, order.kind) ?? AppError.from(error);
      lostEngines.push(lost.name);
      const text = `${lost.name} stopped computing (${lost.reason}); another engine goes on from the last checkpoint.`;
      context.report({ type: 'note', level: 'warning', text });
    }
  }
}

async function lostEngine(): Promise<{ name: EngineName; reason: string } | undefined> {
  const { engineLost } = await import('#main/engine/engine.ts');
  return engineLost();
}

function coalesceProgress(send: (event: JobEvent) => void): {
  event: (event: JobEvent) => void;
  flush: () => void;
} {
  let last = 0;
  let waiting: JobEvent | undefined;
  const flush = () => {
    if (waiting) send(waiting);
    waiting = undefined;
  };
  return {
    flush,
    event(event) {
      if (event.type !== 'progress') {
        flush();
        send(event);
        return;
      }
      waiting = event;
      const now = performance.now();
      if (now - last < progressEveryMs) return;
      last = now;
      flush();
    },
  };
}
