/** A thread of a training team: does what the first member does, without telling, checking or saving. */
import { parentPort, workerData } from 'node:worker_threads';
import { startEngine, type EngineName } from '#main/engine/engine.ts';
import { openSegmentStore } from '#main/store/segments.ts';
import { learnToDescribe, type DescribeTask } from './learn-to-describe.ts';
import { joinTeam, type TeamMemory } from './team-meeting.ts';

export interface Membership {
  memory: TeamMemory;
  rank: number;
  size: number;
  engine: EngineName;
  /** Folder of the segment store. */
  store: string;
  task: DescribeTask;
}

const { memory, rank, size, engine, store, task } = workerData as Membership;
await startEngine(engine);
await using source = await openSegmentStore(store);
const silent = { signal: new AbortController().signal, stopRequested: () => false, report: () => undefined };
const { weights } = await learnToDescribe(task, source, silent, joinTeam(memory, rank, size));
weights.dispose();
parentPort!.postMessage('done');
