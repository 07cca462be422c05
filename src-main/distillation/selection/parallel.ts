/** The same program on several threads over shared memory: workers share out the leaves and meet twice a round. */
import { runShard, type ShardResult } from './k-center-shard.ts';
import { controlOf, controlWords, type KCenterTask } from './k-center-task.ts';

export interface Watch {
  /** Ends the run early and keeps what there is; asked for often. */
  shouldStop(): boolean;
  /** Centres applied so far; called now and then. */
  progress(applied: number): void;
}

export interface Parallel {
  readonly workers: number;
  /**
   * Runs `runShard(task, rank)` for every rank below `task.layout.workers` (at most `workers`), a barrier at each yield.
   *
   * @returns results by rank
   */
  kCenter(task: KCenterTask, watch: Watch): Promise<ShardResult[]>;
}

/** How many rows are scanned before other events get their turn: some ten milliseconds. */
const patience = 2_000_000;

/** No threads: the workers' shards advance one after the other, a step each. Also how several workers are tested in one thread. */
export function takingTurns(workers = 1): Parallel {
  return {
    workers,
    async kCenter(task, watch) {
      const shards = Array.from({ length: task.layout.workers }, (_, rank) => runShard(task, rank));
      const control = controlOf(task);
      let scanned = 0;
      for (;;) {
        const steps = shards.map((shard) => shard.next());
        const results = steps.flatMap((step) => (step.done ? [step.value] : []));
        if (results.length > 0) return results;
        for (const step of steps) scanned += step.done ? 0 : step.value;
        if (scanned < patience) continue;
        scanned = 0;
        watch.progress(control[controlWords.applied]!);
        await new Promise((resolve) => setTimeout(resolve));
        if (watch.shouldStop()) control[controlWords.stop] = 1;
      }
    },
  };
}
