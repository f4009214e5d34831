/**
 * Numbers that look random and follow from a seed. For sampling and shuffling, never for secrets.
 *
 * @module
 */

/**
 * A generator of uniform numbers in [0, 1), the same for the same seed on every machine.
 * The mixing step is that of SplitMix (Steele, Lea and Flood, OOPSLA 2014) reduced to 32 bits.
 */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    return mix32(state) / 0x1_0000_0000;
  };
}

/** A whole number in [0, 2^32) that depends on every bit of the given one; a permutation of them. */
export function mix32(value: number): number {
  let mixed = value | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
