/**
 * A list of numbers that grows, without an object to each.
 *
 * @module
 */

type Numbers = Int32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

export class Column {
  #values: Numbers;
  #length = 0;

  /** @param kind whole numbers of 32 bits, or any number */
  constructor(kind: 'int32' | 'float64') {
    this.#values = kind === 'int32' ? new Int32Array(1024) : new Float64Array(1024);
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger =
        this.#values instanceof Int32Array
          ? new Int32Array(this.#length * 2)
          : new Float64Array(this.#length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length++] = value;
  }

  get(index: number): number {
    return this.#values[index]!;
  }

  set(index: number, value: number): void {
    this.#values[index] = value;
  }
}
