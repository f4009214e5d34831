/**
 * Finds the texts that are nearly the same, so that they can be kept on one side of every split.
 *
 * MinHash signatures cut into bands (locality-sensitive hashing; Leskovec, Rajaraman and Ullman, Mining of
 * Massive Datasets, chapter 3): texts that agree in a band are compared, the others never. Two texts of
 * similarity 0.8 meet in one of the 20 bands of 5 with a chance of 0.9996.
 *
 * Of each text 80 bytes are kept, one number to a band; its sketch is made again when it meets another.
 *
 * @module
 */
import { setImmediate } from 'node:timers/promises';
import { DisjointSets } from './disjoint-sets.ts';
import { passingSketch, signature, similarity, sketch } from './sketch.ts';

/** Texts are near duplicates from this Jaccard similarity of their five-character shingles on. */
export const NEAR_DUPLICATE = 0.8;

const BANDS = 20;
const ROWS = 5;
/** Texts of one bucket that a newcomer is compared with; more only matter among thousands of likenesses. */
const COMPARED = 8;
const TURN = 500;
const SKETCHES_KEPT = 4096;

/**
 * Tells `report` of pairs (by index, the earlier first) such that whoever is linked by pairs is linked by
 * near duplicates. Case doesn't count. Gives other work a turn every few hundred texts.
 *
 * @param textOf the texts, already normalised, by their numbers from 0 to `count` - 1
 * @throws the signal's reason once it is aborted
 */
export async function findNearDuplicates(
  count: number,
  textOf: (index: number) => string,
  report: (earlier: number, later: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  const keys = Array.from({ length: BANDS }, () => new Int32Array(count));
  const values = new Uint32Array(BANDS * ROWS);
  for (let index = 0; index < count; index++) {
    if (index % TURN === 0) await turn(signal);
    signature(passingSketch(textOf(index).toLowerCase()), BANDS * ROWS, values);
    for (let band = 0; band < BANDS; band++) keys[band]![index] = bandKey(values, band);
  }
  const sketchOf = keptSketches(textOf);
  const linked = new DisjointSets();
  for (let index = 0; index < count; index++) linked.add();
  // One text that each is known to be like.
  const partners = new Int32Array(count).fill(-1);
  // A bucket is a chain of texts that are unlike each other; the table finds its first.
  const first = new Int32Array(2 ** Math.ceil(Math.log2(2 * count + 2)));
  const next = new Int32Array(count);
  for (const band of keys) {
    first.fill(-1);
    for (let index = 0; index < count; index++) {
      if (index % (4 * TURN) === 0) await turn(signal);
      const slot = slotOf(first, band, band[index]!);
      next[index] = -1;
      if (first[slot] === -1) {
        first[slot] = index;
        continue;
      }
      let like = false;
      let length = 0;
      let last = -1;
      for (let other = first[slot]!; other !== -1; other = next[other]!) {
        length++;
        last = other;
        if (partners[index] === other) like = true;
        else if (linked.find(other) !== linked.find(index)) {
          if (similarity(sketchOf(other), sketchOf(index)) < NEAR_DUPLICATE) continue;
          like = true;
          partners[index] = other;
          linked.union(other, index);
          report(other, index);
        }
      }
      if (!like && length < COMPARED) next[last] = index;
    }
  }
}

/** Where the chain of this key begins, or would. */
function slotOf(first: Int32Array, keys: Int32Array, key: number): number {
  const mask = first.length - 1;
  let slot = Math.imul(key ^ (key >>> 15), 0x2c1b3c6d) & mask;
  while (first[slot] !== -1 && keys[first[slot]!] !== key) slot = (slot + 1) & mask;
  return slot;
}

/** Sketches, of which the latest made are kept. */
function keptSketches(textOf: (index: number) => string): (index: number) => Uint32Array {
  const kept = new Map<number, Uint32Array>();
  return (index) => {
    let made = kept.get(index);
    if (made === undefined) {
      made = sketch(textOf(index).toLowerCase());
      if (kept.size === SKETCHES_KEPT) kept.delete(kept.keys().next().value!);
      kept.set(index, made);
    }
    return made;
  };
}

function bandKey(values: Uint32Array, band: number): number {
  let key = 0;
  for (let row = band * ROWS; row < (band + 1) * ROWS; row++) {
    key = Math.imul(key ^ values[row]!, 0x01000193) + 0x9e3779b9;
  }
  return key | 0;
}

async function turn(signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  await setImmediate();
}
