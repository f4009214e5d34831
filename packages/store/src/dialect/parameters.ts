/**
 * What may go into a database, the same for every kind of it: a value that one of them would change without a word is
 * refused by all, so that a store means the same wherever it lies.
 *
 * @module
 */
import { StoreValueError } from '../errors.ts';

export type Parameter = null | bigint | number | string | Uint8Array;

/** NUL characters and lone surrogates. */
const notStorable = /\0|\p{Surrogate}/u;
const smallest = -(2n ** 63n);
const largest = 2n ** 63n - 1n;

/** A value as a database can take it without loss. @throws StoreValueError for one it can't */
export function toParameter(value: unknown): Parameter {
  switch (typeof value) {
    case 'undefined':
      return null;
    case 'boolean':
      return value ? 1n : 0n;
    case 'bigint':
      if (value < smallest || value > largest) {
        throw new StoreValueError(`${value} is no whole number of 64 bits and can't be stored as one.`);
      }
      return value;
    case 'number':
      if (!Number.isFinite(value)) throw new StoreValueError(`${value} can't be stored as a number.`);
      return Number.isSafeInteger(value) ? BigInt(value) : value;
    case 'string':
      if (notStorable.test(value)) {
        throw new StoreValueError(
          `${JSON.stringify(value)} holds a NUL character or half a character and can't be stored as text; remove it.`,
        );
      }
      return value;
    default:
      if (value === null || value instanceof Uint8Array) return value;
      throw new StoreValueError(`A value of type ${describe(value)} can't be stored.`);
  }
}

/** `Date`, `Array`, `symbol`, … */
function describe(value: unknown): string {
  return typeof value === 'object' ? Object.prototype.toString.call(value).slice(8, -1) : typeof value;
}
