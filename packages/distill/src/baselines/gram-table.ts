/**
 * Numbers n-grams in the order in which they are first seen.
 *
 * An n-gram is known by 64 bits of hash, not by its text: a mailbox has tens of millions of them, and a Map
 * of strings takes seven times as long. Among a million n-grams two fall together with a chance of 3e-8.
 *
 * @module
 */
export class GramTable {
  #slots = new Int32Array(1 << 16).fill(-1);
  #firsts = new Int32Array(1 << 15);
  #seconds = new Int32Array(1 << 15);
  #size = 0;

  /** How many n-grams have a number; the numbers are 0 … size − 1. */
  get size(): number {
    return this.#size;
  }

  /** The number of the n-gram with this hash, −1 where it has none; with `add`, it is given the next one. */
  numberOf(first: number, second: number, add: boolean): number {
    const mask = this.#slots.length - 1;
    let slot = (first ^ (first >>> 15)) & mask;
    for (;;) {
      const number = this.#slots[slot]!;
      if (number < 0) break;
      if (this.#firsts[number] === first && this.#seconds[number] === second) return number;
      slot = (slot + 1) & mask;
    }
    if (!add) return -1;
    if (this.#size === this.#firsts.length) {
      this.#grow();
      return this.numberOf(first, second, add);
    }
    this.#firsts[this.#size] = first;
    this.#seconds[this.#size] = second;
    this.#slots[slot] = this.#size;
    return this.#size++;
  }

  #grow(): void {
    this.#firsts = doubled(this.#firsts);
    this.#seconds = doubled(this.#seconds);
    this.#slots = new Int32Array(2 * this.#slots.length).fill(-1);
    const mask = this.#slots.length - 1;
    for (let number = 0; number < this.#size; number++) {
      const first = this.#firsts[number]!;
      let slot = (first ^ (first >>> 15)) & mask;
      while (this.#slots[slot]! >= 0) slot = (slot + 1) & mask;
      this.#slots[slot] = number;
    }
  }
}

/** The same numbers in twice the room, zeros behind them. */
export function doubled(list: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * list.length);
  larger.set(list);
  return larger;
}
