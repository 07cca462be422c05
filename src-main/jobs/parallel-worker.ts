/** A thread of the selection pool: runs its shard and meets the others at its barriers. */
import { parentPort, workerData } from 'node:worker_threads';
import { runShard } from '#main/distillation/selection/k-center-shard.ts';
import { controlOf, controlWords, type KCenterTask } from '#main/distillation/selection/k-center-task.ts';

export interface ShardRequest {
  task: KCenterTask;
  rank: number;
}

/** Looks this often before it sleeps: a few microseconds, the usual spread between workers. */
const spins = 2000;

function meet(control: Int32Array, workers: number): void {
  if (workers === 1) return;
  const { arrived, generation } = controlWords;
  const mine = Atomics.load(control, generation);
  if (Atomics.add(control, arrived, 1) === workers - 1) {
    Atomics.store(control, arrived, 0);
    Atomics.add(control, generation, 1);
    Atomics.notify(control, generation);
    return;
  }
  for (let i = 0; i < spins; i++) if (Atomics.load(control, generation) !== mine) return;
  while (Atomics.load(control, generation) === mine) Atomics.wait(control, generation, mine);
}

if (parentPort === null) throw new Error(`parallel-worker runs as a thread only (${String(workerData)})`);
const port = parentPort;
port.on('message', ({ task, rank }: ShardRequest) => {
  const shard = runShard(task, rank);
  const control = controlOf(task);
  let step = shard.next();
  for (; !step.done; step = shard.next()) meet(control, task.layout.workers);
  const result = step.value;
  port.postMessage(
    result,
    [result.chosen, result.radius, result.logSlot, result.logCentre, result.logDistance].map(
      (array) => array.buffer as ArrayBuffer,
    ),
  );
});
