/** Where the threads of a team meet: shared memory with a barrier, the sum of all vectors and the first member's word. */
import { AppError } from '#shared/errors.ts';
import type { Team } from '#main/training/team.ts';

/** Memory that all members hold; it grows with the longest vector. */
export interface TeamMemory {
  control: SharedArrayBuffer;
  /** A vector for each member, then their sum. */
  vectors: SharedArrayBuffer;
}

const words = { arrived: 0, generation: 1, word: 2, failed: 3 } as const;
/** Room is only reserved, not used: half a gigabyte a member. */
const mostBytes = 2 ** 29;

export function createTeamMemory(size: number): TeamMemory {
  return {
    control: new SharedArrayBuffer(4 * Object.keys(words).length),
    vectors: new SharedArrayBuffer(0, { maxByteLength: (size + 1) * mostBytes }),
  };
}

/** Wakes all who wait, to hear that a member is gone. */
export function tellFailure({ control }: TeamMemory): void {
  const state = new Int32Array(control);
  Atomics.store(state, words.failed, 1);
  Atomics.add(state, words.generation, 1);
  Atomics.notify(state, words.generation);
}

export function joinTeam({ control, vectors }: TeamMemory, rank: number, size: number): Team {
  const state = new Int32Array(control);

  async function meet(): Promise<void> {
    const mine = Atomics.load(state, words.generation);
    if (Atomics.add(state, words.arrived, 1) === size - 1) {
      Atomics.store(state, words.arrived, 0);
      Atomics.add(state, words.generation, 1);
      Atomics.notify(state, words.generation);
    } else if (rank > 0)
      while (Atomics.load(state, words.generation) === mine) Atomics.wait(state, words.generation, mine);
    else await hearing(() => Atomics.load(state, words.generation) !== mine, mine);
    if (Atomics.load(state, words.failed))
      throw new AppError(
        'engine-failed',
        'A thread of the training ended before its time, perhaps for want of memory. Run the same step again, with fewer training threads; it goes on from the last checkpoint.',
      );
  }

  /** Waits with the loop of events open: the first member must hear "cancel". The timer keeps that loop alive, as the wait does not. */
  async function hearing(isOver: () => boolean, mine: number): Promise<void> {
    const alive = setInterval(() => undefined, 60_000);
    try {
      while (!isOver()) {
        const waiting = Atomics.waitAsync(state, words.generation, mine);
        if (waiting.async) await waiting.value;
      }
    } finally {
      clearInterval(alive);
    }
  }

  return {
    rank,
    size,
    async sum(values) {
      const { length } = values;
      // growing shared memory is atomic: whoever is late finds it done
      if (vectors.byteLength < 4 * (size + 1) * length) growTo(vectors, 4 * (size + 1) * length);
      const at = (slot: number) => new Float32Array(vectors, 4 * slot * length, length);
      at(rank).set(values);
      await meet();
      const from = Math.floor((rank * length) / size);
      const to = Math.floor(((rank + 1) * length) / size);
      const own = Array.from({ length: size }, (_, member) => at(member).subarray(from, to));
      const sum = at(size).subarray(from, to);
      sum.set(own[0]!);
      for (const vector of own.slice(1)) for (let i = 0; i < sum.length; i++) sum[i]! += vector[i]!;
      await meet();
      values.set(at(size));
    },
    async agree(value) {
      if (rank === 0) Atomics.store(state, words.word, value);
      await meet();
      const word = Atomics.load(state, words.word);
      await meet();
      return word;
    },
  };
}

function growTo(memory: SharedArrayBuffer, bytes: number): void {
  try {
    memory.grow(bytes);
  } catch (cause) {
    // another member was faster, to the same size
    if (memory.byteLength >= bytes) return;
    throw new AppError(
      'engine-failed',
      'There is no memory for the gradients of several training threads; choose one.',
      { cause },
    );
  }
}
