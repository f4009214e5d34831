import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StoreValueError } from './errors.ts';
import { fromDate, toBigInt, toDate, toNanoUsd, toNumber, toUsd } from './integers.ts';

test('whole numbers are read as whatever a database gives them', () => {
  for (const value of [42, 42n, '42']) {
    expect(toNumber(value)).toBe(42);
    expect(toBigInt(value)).toBe(42n);
    expect(toDate(value)).toEqual(new Date(42));
  }
  expect(toBigInt(null)).toBe(0n);
  expect(toNumber(null)).toBe(0);
  expect(toBigInt('9223372036854775807')).toBe(2n ** 63n - 1n);
});

test('money goes to nano-USD and back unchanged', () => {
  fc.assert(
    fc.property(fc.nat({ max: 10 ** 15 }), (nanos) => {
      expect(toNanoUsd(nanos / 1e9, 'cost')).toBe(BigInt(nanos));
      expect(toUsd(BigInt(nanos))).toBe(nanos / 1e9);
      expect(toUsd(-BigInt(nanos))).toBe(-(nanos / 1e9) || 0);
    }),
  );
  expect(toNanoUsd(1e9, 'cost')).toBe(10n ** 18n);
  expect(toUsd(10n ** 18n + 250_000_000n)).toBe(1e9 + 0.25);
  expect(toUsd(-(10n ** 18n) - 250_000_000n)).toBe(-1e9 - 0.25);
  for (const usd of [-1e-12, Number.NaN, Number.POSITIVE_INFINITY, 1.1e9]) {
    expect(() => toNanoUsd(usd, 'cost')).toThrow(StoreValueError);
  }
});

test('a moment that is none is refused', () => {
  expect(fromDate(new Date(-5), 'it')).toBe(-5);
  expect(() => fromDate(new Date('x'), 'The time of a call')).toThrow(
    'The time of a call is not a valid moment',
  );
});
