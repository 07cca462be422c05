/** Worker threads for the selection: memory is shared, nothing is copied but the results. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { AppError } from '#shared/errors.ts';
import { sibling } from '#shared/sibling.ts';
import type { ShardResult } from '#main/distillation/selection/k-center-shard.ts';
import { controlOf, controlWords } from '#main/distillation/selection/k-center-task.ts';
import type { Parallel } from '#main/distillation/selection/parallel.ts';
import type { ShardRequest } from './parallel-worker.ts';

/** How often the waiting side looks at progress and stop requests. */
const lookEveryMs = 100;

/**
 * Threads start with the first work and live until disposed: `await using pool = openThreads()`.
 * One run at a time; the picks are the same for any number of workers.
 */
export function openThreads(workers = availableParallelism()): Parallel & AsyncDisposable {
  const threads: Worker[] = [];
  const close = async () => {
    await Promise.all(threads.splice(0).map((thread) => thread.terminate()));
  };
  return {
    workers,
    async kCenter(task, watch) {
      while (threads.length < task.layout.workers)
        threads.push(new Worker(sibling(import.meta.url, './parallel-worker')));
      const control = controlOf(task);
      const timer = setInterval(() => {
        watch.progress(Atomics.load(control, controlWords.applied));
        if (watch.shouldStop()) Atomics.store(control, controlWords.stop, 1);
      }, lookEveryMs);
      try {
        return await Promise.all(
          threads.slice(0, task.layout.workers).map((thread, rank) => ask(thread, { task, rank })),
        );
      } catch (cause) {
        await close();
        throw new AppError('internal', 'A selection thread died; run the same step again.', { cause });
      } finally {
        clearInterval(timer);
      }
    },
    [Symbol.asyncDispose]: close,
  };
}

function ask(thread: Worker, request: ShardRequest): Promise<ShardResult> {
  return new Promise((resolve, reject) => {
    const forget = () => thread.off('message', onMessage).off('error', onError).off('exit', onExit);
    const onMessage = (result: ShardResult) => {
      forget();
      resolve(result);
    };
    const onError = (error: unknown) => {
      forget();
      reject(error instanceof Error ? error : new Error(String(error)));
    };
    const onExit = (code: number) => {
      forget();
      reject(new Error(`the thread ended with code ${code}`));
    };
    thread.on('message', onMessage).on('error', onError).on('exit', onExit);
    thread.postMessage(request);
  });
}
