/**
 * Numbers things by their digests: the first is 0, and whoever comes again gets the same number.
 *
 * A Map of hexadecimal digests takes some 200 bytes a key; this takes 24.
 *
 * @module
 */

const WORDS = 4;

export class KeyTable {
  /** Of each key its 128 bits, as four words. */
  #words = new Uint32Array(1024 * WORDS);
  /** Numbers of keys, or -1; open addressing, at most half full. */
  #slots = new Int32Array(4096).fill(-1);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** @param digest at least 16 bytes, evenly distributed, of which the first 16 count */
  add(digest: Buffer): number {
    const key = [0, 4, 8, 12].map((offset) => digest.readUInt32BE(offset));
    const slot = this.#slotOf(key);
    if (this.#slots[slot] !== -1) return this.#slots[slot]!;
    const number = this.#size++;
    if (this.#words.length < this.#size * WORDS) this.#words = doubled(this.#words);
    this.#words.set(key, number * WORDS);
    this.#slots[slot] = number;
    if (this.#size * 2 > this.#slots.length) this.#rehash();
    return number;
  }

  /** All numbers, in the order of their keys. */
  sorted(): Uint32Array {
    const words = this.#words;
    return Uint32Array.from({ length: this.#size }, (_, number) => number).sort((a, b) => {
      for (let i = 0; i < WORDS; i++) {
        const difference = words[a * WORDS + i]! - words[b * WORDS + i]!;
        if (difference !== 0) return difference;
      }
      return 0;
    });
  }

  /** The first 64 bits of a key, as 16 hexadecimal digits. */
  hex(number: number): string {
    return [0, 1].map((i) => this.#words[number * WORDS + i]!.toString(16).padStart(8, '0')).join('');
  }

  #slotOf(key: ArrayLike<number>): number {
    const mask = this.#slots.length - 1;
    let slot = key[0]! & mask;
    for (;;) {
      const number = this.#slots[slot]!;
      if (number === -1) return slot;
      const at = number * WORDS;
      let same = true;
      for (let i = 0; i < WORDS; i++) same &&= this.#words[at + i] === key[i];
      if (same) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #rehash(): void {
    this.#slots = new Int32Array(this.#slots.length * 2).fill(-1);
    for (let number = 0; number < this.#size; number++) {
      const key = this.#words.subarray(number * WORDS, (number + 1) * WORDS);
      this.#slots[this.#slotOf(key)] = number;
    }
  }
}

function doubled(words: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(words.length * 2);
  larger.set(words);
  return larger;
}
