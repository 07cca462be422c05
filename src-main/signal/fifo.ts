/** A queue of samples in one growing array, the last few of a stream, and joining of arrays. */

export interface Fifo {
  size(): number;
  /** The backing array; positions in it hold until the next append. */
  data(): Float64Array;
  /** What is held, oldest first; valid until the next append. */
  view(): Float64Array;
  /** @returns where in `data()` the new samples begin */
  append(x: ArrayLike<number>): number;
  /** Forgets the oldest. */
  drop(count: number): void;
}

export function createFifo(): Fifo {
  let data = new Float64Array(1024);
  let from = 0;
  let to = 0;
  return {
    size: () => to - from,
    data: () => data,
    view: () => data.subarray(from, to),
    append(x) {
      if (to + x.length > data.length) {
        const size = to - from;
        const needed = Math.ceil(1.5 * (size + x.length));
        const room = needed > data.length ? new Float64Array(needed) : data;
        room.set(data.subarray(from, to));
        data = room;
        from = 0;
        to = size;
      }
      data.set(x, to);
      to += x.length;
      return to - x.length;
    },
    drop(count) {
      from = Math.min(to, from + count);
    },
  };
}

export interface Tail {
  /** At most the capacity. */
  size(): number;
  append(x: ArrayLike<number>): void;
  /** A copy, oldest first. */
  view(): Float64Array;
}

/** Remembers the last `capacity` samples of a stream; each is written once. */
export function createTail(capacity: number): Tail {
  const ring = new Float64Array(capacity);
  let total = 0;
  return {
    size: () => Math.min(total, capacity),
    append(x) {
      for (let i = Math.max(0, x.length - capacity), at = (total + i) % capacity; i < x.length; i++) {
        ring[at] = x[i]!;
        if (++at === capacity) at = 0;
      }
      total += x.length;
    },
    view() {
      const oldest = total > capacity ? total % capacity : 0;
      return concatenate([ring.subarray(oldest, Math.min(total, capacity)), ring.subarray(0, oldest)]);
    },
  };
}

export function concatenate(parts: readonly Float64Array[]): Float64Array {
  if (parts.length === 1) return parts[0]!;
  const out = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
