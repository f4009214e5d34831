/**
 * Which of n things belong together, learnt pair by pair (union–find with path halving and union by size).
 *
 * @module
 */
export class DisjointSets {
  readonly #parents: number[] = [];
  readonly #sizes: number[] = [];

  /** Adds one more thing, alone in its set; returns its number, counted from 0. */
  add(): number {
    this.#parents.push(this.#parents.length);
    this.#sizes.push(1);
    return this.#parents.length - 1;
  }

  /** The number that stands for the set of this thing. */
  find(thing: number): number {
    const parents = this.#parents;
    let at = thing;
    while (parents[at] !== at) {
      parents[at] = parents[parents[at]!]!;
      at = parents[at]!;
    }
    return at;
  }

  union(one: number, other: number): void {
    let large = this.find(one);
    let small = this.find(other);
    if (large === small) return;
    if (this.#sizes[large]! < this.#sizes[small]!) [large, small] = [small, large];
    this.#parents[small] = large;
    this.#sizes[large]! += this.#sizes[small]!;
  }
}
