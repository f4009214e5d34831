/**
 * Finds the texts that are nearly the same, so that they can be kept on one side of every split.
 *
 * MinHash signatures cut into bands (locality-sensitive hashing; Leskovec, Rajaraman and Ullman, Mining of
 * Massive Datasets, chapter 3): texts that agree in a band are compared, the others never. Two texts of
 * similarity 0.8 meet in one of the 20 bands of 5 with a chance of 0.9996.
 *
 * @module
 */
import { setImmediate } from 'node:timers/promises';
import { signature, similarity, sketch } from './sketch.ts';

/** Texts are near duplicates from this Jaccard similarity of their five-character shingles on. */
export const NEAR_DUPLICATE = 0.8;

const BANDS = 20;
const ROWS = 5;
/** Texts of one bucket that a newcomer is compared with; more only matter among thousands of likenesses. */
const COMPARED = 8;
const TURN = 500;

/**
 * Tells `report` of pairs (by index, the earlier first) such that whoever is linked by pairs is linked by
 * near duplicates. Case doesn't count. Gives other work a turn every few hundred texts.
 *
 * @param texts already normalised
 * @throws the signal's reason once it is aborted
 */
export async function findNearDuplicates(
  texts: readonly string[],
  report: (earlier: number, later: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  const sketches: Uint32Array[] = [];
  const signatures: Uint32Array[] = [];
  for (const [index, text] of texts.entries()) {
    if (index % TURN === 0) await turn(signal);
    const hashes = sketch(text.toLowerCase());
    sketches.push(hashes);
    signatures.push(signature(hashes, BANDS * ROWS));
  }
  for (let band = 0; band < BANDS; band++) {
    const buckets = new Map<number, number[]>();
    for (let index = 0; index < texts.length; index++) {
      if (index % (20 * TURN) === 0) await turn(signal);
      const bucket = bandKey(signatures[index]!, band);
      const others = buckets.get(bucket);
      if (others === undefined) {
        buckets.set(bucket, [index]);
        continue;
      }
      const like = others.find((other) => similarity(sketches[other]!, sketches[index]!) >= NEAR_DUPLICATE);
      if (like !== undefined) report(like, index);
      else if (others.length < COMPARED) others.push(index);
    }
  }
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
