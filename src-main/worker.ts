/** The process of one job: reads its order, runs it, tells its parent, ends. */
import { readFileSync } from 'node:fs';
import { AppError } from '#shared/errors.ts';
import type { JobOrder, StopHow, WorkerMessage } from './jobs/job.ts';
import { runJob } from './jobs/run.ts';

// Under Electron the parent is process.parentPort, under Node it is the IPC channel.
const port = (process as { parentPort?: ParentPort }).parentPort;
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', handle: (event: { data: unknown }) => void): void;
}

function send(message: WorkerMessage): Promise<void> {
  if (port) {
    port.postMessage(message);
    return Promise.resolve();
  }
  return new Promise((resolve, reject) =>
    process.send!(message, undefined, undefined, (error) => (error ? reject(error) : resolve())),
  );
}

const order = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as JobOrder;
const running = runJob(order, {
  event: (event) => void send({ type: 'event', event }),
  engine: (name) => void send({ type: 'engine', name }),
  recorded: (recordings) => void send({ type: 'recorded', recordings }),
});

const listen = (message: unknown) => running.stop((message as { how: StopHow }).how);
if (port) port.on('message', (event) => listen(event.data));
else {
  process.on('message', listen);
  // The parent is gone: nobody would record the result; checkpoints stay.
  process.on('disconnect', () => process.exit(1));
}

try {
  await send({ type: 'done', output: await running.finished });
} catch (error) {
  await send({ type: 'failed', error: AppError.from(error).toJSON() });
}
// Electron's messages may still be on their way: there the parent ends this process when it has heard the last one.
if (!port) process.exit(0);
