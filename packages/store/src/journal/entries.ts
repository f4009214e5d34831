/**
 * Calls as the journal writes them: one after another, each with its length and a checksum before it, so that a reader
 * knows where a process was killed in the middle of one.
 *
 *     4 bytes  length of what follows the checksum, little endian
 *     4 bytes  CRC-32 of it
 *     n bytes  the call's rows, by the structured clone of V8
 *
 * The words in it are sealed, as they are in the database.
 *
 * @module
 */
import { deserialize, serialize } from 'node:v8';
import { crc32 } from 'node:zlib';
import type { CallRows } from '../calls/call-row.ts';

const headLength = 8;

export function toEntry({ id, figures, texts, bytes }: CallRows): Buffer {
  const body = serialize({ id, figures, texts, bytes });
  const head = Buffer.allocUnsafe(headLength);
  head.writeUInt32LE(body.length, 0);
  head.writeUInt32LE(crc32(body), 4);
  return Buffer.concat([head, body]);
}

/** All whole entries from the beginning on. What follows the first that isn't was never acknowledged. */
export function* fromEntries(bytes: Buffer): Generator<CallRows> {
  for (let at = 0; at + headLength <= bytes.length; ) {
    const length = bytes.readUInt32LE(at);
    const body = bytes.subarray(at + headLength, at + headLength + length);
    if (length === 0 || body.length < length || crc32(body) !== bytes.readUInt32LE(at + 4)) return;
    yield deserialize(body) as CallRows;
    at += headLength + length;
  }
}
