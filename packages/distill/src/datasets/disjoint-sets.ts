/**
 * Which of n things belong together, learnt pair by pair (union–find with path halving and union by size).
 *
 * Four bytes a thing: the number of another one of its set or, of the one that stands for the set, how many there are,
 * below zero.
 *
 * @module
 */
import { Column } from './column.ts';

export class DisjointSets {
  readonly #links = new Column('int32');

  /** Adds one more thing, alone in its set; returns its number, counted from 0. */
  add(): number {
    this.#links.push(-1);
    return this.#links.length - 1;
  }

  /** The number that stands for the set of this thing. */
  find(thing: number): number {
    const links = this.#links;
    let at = thing;
    for (let next = links.get(at); next >= 0; next = links.get(at)) {
      const after = links.get(next);
      if (after < 0) return next;
      links.set(at, after);
      at = after;
    }
    return at;
  }

  union(one: number, other: number): void {
    const links = this.#links;
    let large = this.find(one);
    let small = this.find(other);
    if (large === small) return;
    if (links.get(large) > links.get(small)) [large, small] = [small, large];
    links.set(large, links.get(large) + links.get(small));
    links.set(small, large);
  }
}
