/** Several copies of one training that share its work: each computes a part of every batch, all make the same update. */

export interface Team {
  readonly rank: number;
  readonly size: number;
  /** Puts the sum over the members into `values`, for all to the same bits; they must come with the same length. */
  sum(values: Float32Array): Promise<void>;
  /** The first member's number, told to all. */
  agree(value: number): Promise<number>;
}

/** A team of one. */
export const alone: Team = {
  rank: 0,
  size: 1,
  sum: () => Promise.resolve(),
  agree: (value) => Promise.resolve(value),
};

export function isLeader({ rank }: Team): boolean {
  return rank === 0;
}
