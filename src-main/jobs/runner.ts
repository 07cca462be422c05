/** Runs one job: in a process of its own, or inside this one for tests. */
import { fork } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError, errorCodes, type ErrorCode } from '#shared/errors.ts';
import type { JobEvent } from '#shared/jobs.ts';
import { sibling } from '#shared/sibling.ts';
import type { ImportedRecording } from '#shared/eeg/imported.ts';
import type { JobOrder, JobOutput, StopHow, WorkerMessage } from './job.ts';
import { lastWordsRefusal } from './memory-refusal.ts';

export interface JobListener {
  event(event: JobEvent): void;
  engine(name: string): void;
  recorded(recordings: ImportedRecording[]): void;
}

export interface RunningJob {
  readonly finished: Promise<JobOutput>;
  stop(how: StopHow): void;
}

/** How a host starts a job; Electron brings its own with utilityProcess. */
export type StartJob = (order: JobOrder, listener: JobListener) => RunningJob;

/** A worker that does not end this long after being told to is killed. */
const graceMs = 10_000;

/** A child process that dies with this one. */
export function forkJob(order: JobOrder, listener: JobListener): RunningJob {
  const child = fork(fileURLToPath(sibling(import.meta.url, '../worker')), [writeOrder(order)], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced',
  });
  return followWorker(order, listener, {
    onMessage: (handle) => child.on('message', (message) => handle(message as WorkerMessage)),
    // 'exit' may come before the last message has been read; 'close' comes after it.
    onExit: (handle) =>
      child
        .on('close', (code, signal) => handle(signal ?? `code ${code}`))
        .on('error', (error) => handle(error.message)),
    onLog: (handle) => child.stderr?.on('data', (chunk) => handle(String(chunk))),
    // A worker that ended in this very moment cannot hear it, and its end tells enough.
    send: (how) => child.connected && child.send({ type: 'stop', how }, () => undefined),
    kill: () => child.kill('SIGKILL'),
  });
}

/** What a worker process looks like from here, whoever spawned it. */
export interface WorkerPort {
  onMessage(handle: (message: WorkerMessage) => void): void;
  onExit(handle: (how: string) => void): void;
  onLog(handle: (text: string) => void): void;
  send(how: StopHow): void;
  kill(): void;
}

export function followWorker(order: JobOrder, listener: JobListener, port: WorkerPort): RunningJob {
  const { promise, resolve, reject } = Promise.withResolvers<JobOutput>();
  let lastWords = '';
  port.onLog((text) => (lastWords = (lastWords + text).slice(-4000)));
  port.onMessage((message) => {
    switch (message.type) {
      case 'event':
        return listener.event(message.event);
      case 'engine':
        return listener.engine(message.name);
      case 'recorded':
        return listener.recorded(message.recordings);
      case 'done':
        return resolve(message.output);
      case 'failed':
        return reject(
          new AppError(toCode(message.error.code), message.error.message, { details: message.error.details }),
        );
    }
  });
  port.onExit((how) =>
    reject(
      lastWordsRefusal(lastWords, order.kind) ??
        new AppError(
          'engine-failed',
          `The process that computed this ${order.kind} ended without a word (${how}). Start it again: it goes on from its last checkpoint. If it ends so again, memory may be short: close other programs or make the work smaller.`,
          { details: { lastWords } },
        ),
    ),
  );
  return {
    finished: promise,
    stop(how) {
      port.send(how);
      if (how === 'keep') return;
      const timer = setTimeout(() => port.kill(), graceMs);
      promise.finally(() => clearTimeout(timer)).catch(() => undefined);
    },
  };
}

export function writeOrder(order: JobOrder): string {
  const folder = join(order.studyDir || tmpdir(), 'work');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `order-${order.kind}.json`);
  writeFileSync(file, JSON.stringify(order));
  return file;
}

export function defaultWorkers(): number {
  return Math.max(1, availableParallelism());
}

function toCode(code: string): ErrorCode {
  return errorCodes.find((known) => known === code) ?? 'internal';
}
