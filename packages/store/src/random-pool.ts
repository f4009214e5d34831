/**
 * Random bytes from the system's generator, drawn many at a time: asking it for twelve takes as long as asking it for
 * four thousand.
 *
 * @module
 */
import { randomFillSync } from 'node:crypto';

const pool = Buffer.allocUnsafeSlow(4_096);
let used = pool.length;

/** `n` bytes that were given to nobody else; a copy, to keep. @param n 1 … 4,096 */
export function randomFromPool(n: number): Buffer {
  if (used + n > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const bytes = Buffer.from(pool.subarray(used, used + n));
  // What was given out must not be found here any more.
  pool.fill(0, used, used + n);
  used += n;
  return bytes;
}
