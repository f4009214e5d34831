/**
 * How alike two texts are, without comparing them letter by letter: shingles, their Jaccard similarity, and
 * the MinHash signature that estimates it.
 *
 * Broder, On the resemblance and containment of documents (SEQUENCES 1997). A text is the set of its
 * overlapping runs of five characters; alike is the share of these that two texts have in common.
 *
 * @module
 */

/** Characters (UTF-16 units) in a shingle. */
const SHINGLE = 5;
/** Of longer texts the shingles with the smallest hashes are kept: a fair sample, and the same one each time. */
export const SKETCH_SIZE = 256;

/** Where hashes are worked out: an array to each text would wait to be collected. */
let scratch = new Uint32Array(1024);

/** The hashes of a text's shingles, ascending, each once; at most `size`, the smallest. Never empty. */
export function sketch(text: string, size = SKETCH_SIZE): Uint32Array {
  return passingSketch(text, size).slice();
}

/** The same, in memory that the next sketch is made in. */
export function passingSketch(text: string, size = SKETCH_SIZE): Uint32Array {
  const count = Math.max(1, text.length - SHINGLE + 1);
  if (scratch.length < count) scratch = new Uint32Array(2 * count);
  const hashes = scratch.subarray(0, count);
  for (let start = 0; start < count; start++) {
    const end = Math.min(text.length, start + SHINGLE);
    let hash = 0;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) + 0x9e3779b9;
    hashes[start] = mix(hash);
  }
  hashes.sort();
  let kept = 1;
  for (let i = 1; i < count && kept < size; i++) {
    if (hashes[i] !== hashes[kept - 1]) hashes[kept++] = hashes[i]!;
  }
  return hashes.subarray(0, kept);
}

/**
 * The Jaccard similarity of the texts of two sketches of one size: exact where they have no more than `size`
 * shingles between them, otherwise estimated from the smallest `size` (standard error ≤ 0.5 / √size).
 */
export function similarity(left: Uint32Array, right: Uint32Array, size = SKETCH_SIZE): number {
  let i = 0;
  let j = 0;
  let union = 0;
  let common = 0;
  while (union < size && i < left.length && j < right.length) {
    const difference = left[i]! - right[j]!;
    if (difference === 0) common++;
    if (difference <= 0) i++;
    if (difference >= 0) j++;
    union++;
  }
  // Behind the end of the shorter one, everything counts for the union, as far as it is part of the sample.
  return common / Math.min(size, union + left.length - i + right.length - j);
}

/**
 * The MinHash signature: for each of `length` hash functions the smallest value over the sketch. Two texts
 * agree in each place with a chance equal to their similarity.
 *
 * @param smallest is filled and returned
 */
export function signature(
  hashes: Uint32Array,
  length: number,
  smallest: Uint32Array = new Uint32Array(length),
): Uint32Array {
  for (let place = 0; place < length; place++) {
    const key = mix(place + 1);
    let least = 0xffffffff;
    for (let i = 0; i < hashes.length; i++) {
      const value = mix(hashes[i]! ^ key);
      if (value < least) least = value;
    }
    smallest[place] = least;
  }
  return smallest;
}

/** A permutation of the 32-bit numbers in which every bit of the result depends on every bit given. */
function mix(value: number): number {
  let mixed = value;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
