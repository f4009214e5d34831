/**
 * UUIDs of version 7 (RFC 9562, section 5.7), so that ids of one process sort by the time they were made and
 * new rows land at the end of an index, not all over it.
 *
 * @module
 */
import { randomFromPool } from './random-pool.ts';

let lastTime = 0;
let counter = 0;

/** Those made one after another in one process are in ascending order, also within a millisecond. */
export function uuid7(): string {
  const bytes = randomFromPool(16);
  const now = Date.now();
  if (now > lastTime) {
    lastTime = now;
    // Leaves at least half of the counter's 12 bits for those to come within this millisecond.
    counter = bytes.readUInt16BE(6) & 0x07ff;
  } else if (++counter > 0x0fff) {
    // More than that (or a clock set back): borrow from the next millisecond.
    lastTime += 1;
    counter = 0;
  }
  bytes.writeUIntBE(lastTime, 0, 6);
  bytes.writeUInt16BE(0x7000 | counter, 6);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
