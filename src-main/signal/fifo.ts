/** A queue of samples in one growing array, the last few of a stream, and joining of arrays. */

export type Samples = Float32Array | Float64Array;

export interface Fifo {
  size(): number;
  /** The backing array; positions in it hold until the next append. */
  data(): Float64Array;
  /** What is held, oldest first; valid until the next append. */
  view(): Float64Array;
  /** @returns where in `data()` the new samples begin */
  append(x: Samples): number;
  /** The same for samples that the caller will write there. */
  reserve(count: number): number;
  /** Forgets the oldest. */
  drop(count: number): void;
}

/** @param capacity samples that it holds without growing */
export function createFifo(capacity = 1024): Fifo {
  let data = new Float64Array(capacity);
  let from = 0;
  let to = 0;

  function reserve(count: number): number {
    if (to + count > data.length) {
      const size = to - from;
      // Moved to the front when that makes room for a while, else to a larger array.
      if (4 * from >= size && size + count <= data.length) data.copyWithin(0, from, to);
      else {
        const room = new Float64Array(Math.ceil(1.5 * (size + count)));
        room.set(data.subarray(from, to));
        data = room;
      }
      from = 0;
      to = size;
    }
    to += count;
    return to - count;
  }

  return {
    size: () => to - from,
    data: () => data,
    view: () => data.subarray(from, to),
    append(x) {
      const at = reserve(x.length);
      data.set(x, at);
      return at;
    },
    reserve,
    drop(count) {
      from = Math.min(to, from + count);
    },
  };
}

export interface Tail {
  /** At most the capacity. */
  size(): number;
  append(x: Samples): void;
  /** A copy, oldest first. */
  view(): Float64Array;
}

/** Remembers the last `capacity` samples of a stream; each is written once, in the precision it has. */
export function createTail(capacity: number): Tail {
  let ring: Samples = new Float32Array(0);
  let total = 0;
  return {
    size: () => Math.min(total, capacity),
    append(x) {
      if (ring.length === 0) ring = new (x instanceof Float32Array ? Float32Array : Float64Array)(capacity);
      else if (ring instanceof Float32Array && x instanceof Float64Array) ring = new Float64Array(ring);
      const skipped = Math.max(0, x.length - capacity);
      const at = (total + skipped) % capacity;
      const border = Math.min(x.length, skipped + capacity - at);
      ring.set(x.subarray(skipped, border), at);
      ring.set(x.subarray(border), 0);
      total += x.length;
    },
    view() {
      const oldest = total > capacity ? total % capacity : 0;
      const size = Math.min(total, capacity);
      const out = new Float64Array(size);
      out.set(ring.subarray(oldest, size));
      out.set(ring.subarray(0, oldest), size - oldest);
      return out;
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
