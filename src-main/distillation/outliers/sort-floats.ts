/** Sorts many finite float32 values by their digits in base 2048: three rounds, however many values there are. */

const digitBits = 11;
const digits = 1 << digitBits;
const rounds = 3;
/** Below, comparing is faster. */
const few = 4096;

/** Sorts columns of one length, one after the other, in the same memory. */
export class FloatSorter {
  #keys: Uint32Array<ArrayBuffer>;
  #spare: Uint32Array<ArrayBuffer>;
  readonly #starts = new Uint32Array(rounds * digits);

  constructor(length: number) {
    this.#keys = new Uint32Array(length);
    this.#spare = new Uint32Array(length);
  }

  /** @returns the values ascending; valid until the next call */
  sort(values: Float32Array): Float32Array {
    const floats = new Float32Array(this.#keys.buffer);
    floats.set(values);
    if (values.length < few) return floats.sort();
    this.#order();
    for (let round = 0; round < rounds; round++) this.#place(round);
    const keys = this.#keys;
    for (let i = 0; i < keys.length; i++) keys[i] = keys[i]! >>> 31 ? keys[i]! ^ 0x80000000 : ~keys[i]!;
    return new Float32Array(keys.buffer);
  }

  /** Turns the bits of floats so that whole numbers order as the floats do, and counts their digits. */
  #order(): void {
    const [keys, starts] = [this.#keys, this.#starts.fill(0)];
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]! >>> 31 ? ~keys[i]! : keys[i]! | 0x80000000;
      keys[i] = key;
      starts[key & (digits - 1)]!++;
      starts[digits + ((key >>> digitBits) & (digits - 1))]!++;
      starts[2 * digits + (key >>> (2 * digitBits))]!++;
    }
    for (let round = 0; round < rounds; round++)
      for (let digit = 0, sum = 0; digit < digits; digit++) {
        const count = starts[round * digits + digit]!;
        starts[round * digits + digit] = sum;
        sum += count;
      }
  }

  #place(round: number): void {
    const [from, to] = [this.#keys, this.#spare];
    const starts = this.#starts.subarray(round * digits, (round + 1) * digits);
    const shift = round * digitBits;
    for (let i = 0; i < from.length; i++) {
      const key = from[i]!;
      const digit = (key >>> shift) & (digits - 1);
      to[starts[digit]!++] = key;
    }
    this.#keys = to;
    this.#spare = from;
  }
}
