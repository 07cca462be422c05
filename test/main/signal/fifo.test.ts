import { describe, expect, it } from 'vitest';
import { concatenate, createFifo, createTail } from '#main/signal/fifo.ts';
import { createRandom } from '#shared/random.ts';

describe('the queue', () => {
  it('holds what a plain array would, through any appends and drops', () => {
    for (let seed = 0; seed < 10; seed++) {
      const random = createRandom(seed);
      const queue = createFifo();
      let plain: number[] = [];
      for (let step = 0; step < 60; step++) {
        const x = Float64Array.from({ length: random.below(700) }, () => random.next());
        const at = queue.append(x);
        plain.push(...x);
        expect(queue.data().subarray(at, at + x.length)).toEqual(x);
        const count = random.below(900);
        queue.drop(count);
        plain = plain.slice(count);
        expect(queue.size()).toBe(plain.length);
        expect([...queue.view()]).toEqual(plain);
      }
    }
  });

  it('stays small while as much is dropped as comes', () => {
    const queue = createFifo();
    for (let step = 0; step < 2000; step++) {
      queue.append(new Float64Array(500));
      queue.drop(500);
    }
    expect(queue.data().length).toBeLessThan(3000);
  });
});

describe('the tail', () => {
  it('is the end of everything appended, oldest first', () => {
    for (const capacity of [1, 2, 7, 100]) {
      const random = createRandom(capacity);
      const tail = createTail(capacity);
      const all: number[] = [];
      for (let step = 0; step < 50; step++) {
        const x = Float32Array.from({ length: random.below(3 * capacity) }, () => random.next());
        tail.append(x);
        all.push(...x);
        expect([...tail.view()]).toEqual(all.slice(-capacity));
        expect(tail.size()).toBe(Math.min(all.length, capacity));
      }
    }
  });

  it('gives a copy that later samples do not change', () => {
    const tail = createTail(3);
    tail.append(Float64Array.of(1, 2, 3));
    const seen = tail.view();
    tail.append(Float64Array.of(4, 5));
    expect([...seen]).toEqual([1, 2, 3]);
  });
});

describe('joining', () => {
  it('puts the parts one after the other', () => {
    expect([...concatenate([Float64Array.of(1), Float64Array.of(), Float64Array.of(2, 3)])]).toEqual([
      1, 2, 3,
    ]);
    expect(concatenate([]).length).toBe(0);
  });
});
