/** A worker whose wasm engine has almost all of its memory taken: node starved-worker.ts ORDER FREE_MB, prints how its job ended. */
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { AppError } from '#shared/errors.ts';
import { startEngine } from '#main/engine/engine.ts';
import type { JobOrder } from '#main/jobs/job.ts';
import { runJob } from '#main/jobs/run.ts';

const order = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as JobOrder;
await startEngine('wasm');
// Memory that is taken but never touched costs the machine nothing.
const { wasm } = tf.backend() as unknown as { wasm: { _malloc(bytes: number): number } };
for (let free = 2 ** 31, left = Number(process.argv[3]); free > left * 1e6; free /= 2) {
  for (let more = true; more;) {
    try {
      wasm._malloc(free);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      more = false;
    }
  }
}
const ignore = { event: () => undefined, engine: () => undefined, recorded: () => undefined };
const ended = await runJob(order, ignore).finished.then(
  ({ result }) => ({ result }),
  (error: unknown) => AppError.from(error).toJSON(),
);
process.stdout.write(`${JSON.stringify(ended)}\n`, () => process.exit());
