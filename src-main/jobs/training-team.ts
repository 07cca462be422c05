/** Trains with several threads: this one leads, the others run the same on their shares of each batch. */
import { Worker } from 'node:worker_threads';
import { AppError } from '#shared/errors.ts';
import { sibling } from '#shared/sibling.ts';
import type { EngineName } from '#main/engine/engine.ts';
import { alone, type Team } from '#main/training/team.ts';
import { createTeamMemory, joinTeam, tellFailure } from './team-meeting.ts';
import type { Membership } from './training-member.ts';

/** Engines that share memory with nobody run as several threads; the others have threads of their own. */
export function teamSize(engine: EngineName, threads: number): number {
  return engine === 'wasm' || engine === 'cpu' ? threads : 1;
}

/**
 * @param size of the team; results are the same bits for the same size
 * @throws AppError 'engine-failed' when a thread ends before its time, and what `lead` throws
 */
export async function withTeam<Result>(
  size: number,
  membership: Pick<Membership, 'engine' | 'store' | 'task'>,
  lead: (team: Team) => Promise<Result>,
): Promise<Result> {
  if (size === 1) return lead(alone);
  const memory = createTeamMemory(size);
  let cause: unknown;
  const members = Array.from({ length: size - 1 }, (_, i) => {
    const workerData: Membership = { ...membership, memory, rank: i + 1, size };
    const member = new Worker(sibling(import.meta.url, './training-member'), { workerData });
    let done = false;
    member.on('message', () => (done = true));
    member.on('error', (error) => (cause = error));
    member.on('exit', () => {
      if (!done) tellFailure(memory);
    });
    return member;
  });
  try {
    return await lead(joinTeam(memory, 0, size));
  } catch (error) {
    const { code, message, details } = AppError.from(error);
    throw cause === undefined ? error : new AppError(code, message, { cause, details });
  } finally {
    await Promise.all(members.map((member) => member.terminate()));
  }
}
