/**
 * Lower-casing, and what it takes away, as integer operations on bytes of UTF-8: so that the model sees both how a word
 * is spelt and how it is written, and no program around it has to.
 *
 * Letters of one byte (ASCII) and of two (Latin with accents, Greek, Cyrillic, Armenian) are lowered; of the others
 * those that have a case are rare, and count as they stand.
 *
 * @module
 */
import { constant, ops, type Value } from '@kolben/engine';

const { add, gather, mul, shift } = ops;

/** All (B, L) int64. */
export interface Letters {
  /** The bytes in lower case. */
  readonly lower: Value;
  /** 1 at the first byte of a capital, at that of a small letter, at a digit; else 0. */
  readonly capital: Value;
  readonly small: Value;
  readonly digit: Value;
}

interface Tables {
  /** By byte what lower-casing adds. */
  readonly single: number[];
  readonly singleCapital: number[];
  readonly singleSmall: number[];
  /** By pair, 1 + 64 · (first − 0xC0) + (second − 0x80), what it adds to the first and the second byte; 0 for none. */
  readonly first: number[];
  readonly second: number[];
  readonly pairCapital: number[];
  readonly pairSmall: number[];
}

const firstLead = 0xc0;
const leads = 32;

const tables = makeTables();

function makeTables(): Tables {
  const encoder = new TextEncoder();
  const zeros = (length: number) => new Array<number>(length).fill(0);
  const [single, singleCapital, singleSmall] = [zeros(256), zeros(256), zeros(256)];
  const pairs = 1 + 64 * leads;
  const [first, second, pairCapital, pairSmall] = [zeros(pairs), zeros(pairs), zeros(pairs), zeros(pairs)];
  for (let code = 0; code < 0x800; code++) {
    const letter = String.fromCharCode(code);
    const [bytes, lower] = [encoder.encode(letter), encoder.encode(letter.toLowerCase())];
    const capital = Number(letter !== letter.toLowerCase());
    const small = Number(letter !== letter.toUpperCase() && capital === 0);
    if (bytes.length === 1) {
      single[code] = lower[0] - code;
      singleCapital[code] = capital;
      singleSmall[code] = small;
    } else {
      const index = 1 + 64 * (bytes[0] - firstLead) + (bytes[1] - 0x80);
      pairCapital[index] = capital;
      pairSmall[index] = small;
      // Some lower-case to another number of bytes; they stay.
      if (lower.length === 2) {
        first[index] = lower[0] - bytes[0];
        second[index] = lower[1] - bytes[1];
      }
    }
  }
  return { single, singleCapital, singleSmall, first, second, pairCapital, pairSmall };
}

/** @param bytes (B, L) int64 in [0, 256) */
export function letters(bytes: Value): Letters {
  const by = (numbers: number[], index: Value) => gather(constant(bytes, 'int64', numbers), index);
  const test = (is: (byte: number) => number) => Array.from({ length: 256 }, (_, byte) => is(byte));
  const isLead = test((byte) => Number(byte >= firstLead && byte < firstLead + leads));
  const isNext = test((byte) => Number(byte >= 0x80 && byte < 0xc0));
  const lead = by(
    test((byte) => (isLead[byte] ? 1 + 64 * (byte - firstLead) : 0)),
    bytes,
  );
  const next = by(
    test((byte) => (isNext[byte] ? byte - 0x80 : 0)),
    bytes,
  );
  // At the first byte of a pair its number, elsewhere 0.
  const joined = mul(by(isLead, bytes), shift(by(isNext, bytes), 1, -1));
  const pair = mul(joined, add(lead, shift(next, 1, -1)));
  const lowered = add(by(tables.single, bytes), by(tables.first, pair));
  return {
    lower: add(bytes, add(lowered, shift(by(tables.second, pair), 1, 1))),
    capital: add(by(tables.singleCapital, bytes), by(tables.pairCapital, pair)),
    small: add(by(tables.singleSmall, bytes), by(tables.pairSmall, pair)),
    digit: by(
      test((byte) => Number(byte >= 48 && byte < 58)),
      bytes,
    ),
  };
}
