import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StoreCorruptError, StoreKeyError } from '../errors.ts';
import { Seal } from './seal.ts';

const seal = new Seal(randomBytes(32));
const place = { column: 'call_texts.request', row: 'call_1' };

test('what was sealed opens again, and nowhere else', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), fc.string(), (text, column, row) => {
      const sealed = seal.seal(text, { column, row });
      expect(seal.open(sealed, { column, row })).toBe(text);
      expect(() => seal.open(sealed, { column: `${column}x`, row })).toThrow(StoreCorruptError);
      expect(() => seal.open(sealed, { column, row: `${row}x` })).toThrow(StoreCorruptError);
    }),
  );
});

test('the same text sealed twice looks different, and neither shows it', () => {
  const text = 'a secret of some length';
  const [first, second] = [seal.seal(text, place), seal.seal(text, place)];
  expect(first.equals(second)).toBe(false);
  expect(first.includes('secret')).toBe(false);
  expect(first.length).toBe(37 + text.length);
});

test('it begins with its version and the id of its key', () => {
  const sealed = seal.seal('', place);
  expect(sealed[0]).toBe(1);
  expect(sealed.toString('hex', 1, 9)).toBe(seal.keyId);
});

test('a single changed bit anywhere is noticed', () => {
  const sealed = seal.seal('text', place);
  for (let bit = 0; bit < 8 * sealed.length; bit++) {
    const changed = Buffer.from(sealed);
    changed[bit >> 3] = changed[bit >> 3]! ^ (1 << (bit & 7));
    const inKeyId = bit >= 8 && bit < 72;
    expect(() => seal.open(changed, place), `bit ${bit}`).toThrow(
      inKeyId ? StoreKeyError : StoreCorruptError,
    );
  }
  for (let length = 0; length < sealed.length; length++) {
    expect(() => seal.open(sealed.subarray(0, length), place)).toThrow(StoreCorruptError);
  }
});

test('another key does not open it and says which one would', () => {
  const other = new Seal(randomBytes(32));
  expect(other.keyId).not.toBe(seal.keyId);
  expect(() => other.open(seal.seal('text', place), place)).toThrow(
    new StoreKeyError(
      `The text of call_1 was sealed with the key ${seal.keyId}, but the store is open with the key ` +
        `${other.keyId}; open it with the key it was written with.`,
    ),
  );
});
