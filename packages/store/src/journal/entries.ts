/**
 * Calls as the journal writes them: one after another, each with its length and a checksum before it, so that a reader
 * knows where a process was killed in the middle of one.
 *
 *     4 bytes  length of what follows the checksum, little endian
 *     4 bytes  CRC-32 of it
 *     n bytes  the packed call
 *
 * The words in it are sealed, as they are in the database.
 *
 * @module
 */
import { crc32 } from 'node:zlib';
import { type OpenCall, packedLength, packInto } from '../calls/packed-call.ts';
import type { Seal } from '../seal/seal.ts';

export const headLength = 8;

/** Seals calls and puts them behind each other. */
export function toEntries(calls: readonly OpenCall[], seal: Seal): { entries: Buffer; lengths: number[] } {
  const lengths = calls.map((call) => headLength + packedLength(call));
  // Of its own, so that it can be handed to another thread.
  const entries = Buffer.allocUnsafeSlow(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const call of calls) {
    const end = packInto(entries, at + headLength, call, seal);
    const body = entries.subarray(at + headLength, end);
    entries.writeUInt32LE(body.length, at);
    entries.writeUInt32LE(crc32(body), at + 4);
    at = end;
  }
  return { entries, lengths };
}

/** All whole entries from the beginning on, packed calls. What follows the first that isn't was never acknowledged. */
export function* fromEntries(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at + headLength <= bytes.length; ) {
    const length = bytes.readUInt32LE(at);
    const body = bytes.subarray(at + headLength, at + headLength + length);
    if (length === 0 || body.length < length || crc32(body) !== bytes.readUInt32LE(at + 4)) return;
    yield body;
    at += headLength + length;
  }
}
