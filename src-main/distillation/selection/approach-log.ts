/** Which row came nearer to which centre, in the order it happened to each row. */

export class ApproachLog {
  #slot: Int32Array;
  #centre: Int32Array;
  #distance: Float32Array;
  #length = 0;

  /** @param rows a row comes nearer four to six times in all */
  constructor(rows: number) {
    this.#slot = new Int32Array(rows * 5);
    this.#centre = new Int32Array(rows * 5);
    this.#distance = new Float32Array(rows * 5);
  }

  add(slot: number, centre: number, squared: number): void {
    if (this.#length === this.#slot.length) this.#grow();
    this.#slot[this.#length] = slot;
    this.#centre[this.#length] = centre;
    this.#distance[this.#length++] = squared;
  }

  written(): { logSlot: Int32Array; logCentre: Int32Array; logDistance: Float32Array } {
    return {
      logSlot: this.#slot.slice(0, this.#length),
      logCentre: this.#centre.slice(0, this.#length),
      logDistance: this.#distance.slice(0, this.#length),
    };
  }

  #grow(): void {
    const size = Math.ceil(this.#slot.length * 1.5) + 16;
    const [slot, centre, distance] = [this.#slot, this.#centre, this.#distance];
    this.#slot = new Int32Array(size);
    this.#slot.set(slot);
    this.#centre = new Int32Array(size);
    this.#centre.set(centre);
    this.#distance = new Float32Array(size);
    this.#distance.set(distance);
  }
}
