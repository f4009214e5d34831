/**
 * The lot that decides which calls are asked of student and teacher both.
 *
 * It is drawn before anything is known of a call, by a generator that nobody can foresee: neither what a call says nor
 * whoever sends it has any influence on it, so the calls that it falls on are a random sample of all.
 *
 * @module
 */
import { randomFillSync } from 'node:crypto';

const pool = new Uint32Array(1024);
let next = pool.length;

/** A number in [0, 1), from the system's secure generator. */
export function drawLot(): number {
  if (next === pool.length) {
    randomFillSync(pool);
    next = 0;
  }
  return pool[next++]! / 2 ** 32;
}
