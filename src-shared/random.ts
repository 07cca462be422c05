/** Seeded random numbers: the only source of chance in Limbeck. xoshiro128** (Blackman & Vigna 2018), seeded by splitmix32. */

export interface Random {
  /** Uniform in [0, 1), 32 bits. */
  next(): number;
  /** Uniform integer in [0, n), unbiased. */
  below(n: number): number;
  /** Standard normal (Box–Muller, both values used). */
  normal(): number;
  /** A new in-place shuffled copy of 0 … n−1 (Fisher–Yates). */
  permutation(n: number): Uint32Array;
  /** An independent stream for a named purpose; the same name gives the same stream whatever was drawn before. */
  fork(name: string): Random;
  /** The full state, so that a resumed run continues the very same sequence. */
  save(): number[];
  restore(state: readonly number[]): void;
}

export function createRandom(seed: number | string): Random {
  const root = typeof seed === 'string' ? hashText(seed) : hashText(String(seed));
  return new Xoshiro(root);
}

class Xoshiro implements Random {
  #root: number;
  #s = new Uint32Array(4);
  #spare: number | undefined;

  constructor(root: number) {
    this.#root = root;
    let z = root >>> 0;
    for (let i = 0; i < 4; i++) {
      z = (z + 0x9e3779b9) >>> 0;
      let t = z ^ (z >>> 16);
      t = Math.imul(t, 0x21f0aaad);
      t ^= t >>> 15;
      t = Math.imul(t, 0x735a2d97);
      this.#s[i] = t ^ (t >>> 15);
    }
  }

  #uint32(): number {
    const s = this.#s;
    const x = Math.imul(s[1]!, 5);
    const result = Math.imul((x << 7) | (x >>> 25), 9) >>> 0;
    const t = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= t;
    s[3] = (s[3]! << 11) | (s[3]! >>> 21);
    return result;
  }

  next(): number {
    return this.#uint32() / 4294967296;
  }

  below(n: number): number {
    const limit = 4294967296 - (4294967296 % n);
    for (;;) {
      const x = this.#uint32();
      if (x < limit) return x % n;
    }
  }

  normal(): number {
    if (this.#spare !== undefined) {
      const value = this.#spare;
      this.#spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    const angle = 2 * Math.PI * this.next();
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  permutation(n: number): Uint32Array {
    const order = new Uint32Array(n);
    for (let i = 0; i < n; i++) order[i] = i;
    for (let i = n - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const t = order[i]!;
      order[i] = order[j]!;
      order[j] = t;
    }
    return order;
  }

  fork(name: string): Random {
    return new Xoshiro(hashText(`${this.#root}/${name}`));
  }

  save(): number[] {
    return [this.#root, ...this.#s, this.#spare === undefined ? 0 : 1, this.#spare ?? 0];
  }

  restore(state: readonly number[]): void {
    this.#root = state[0]!;
    this.#s.set(state.slice(1, 5));
    this.#spare = state[5] ? state[6] : undefined;
  }
}

/** FNV-1a, 32 bits. */
function hashText(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}
