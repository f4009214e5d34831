/**
 * Whole numbers out of a database, which gives them as `number`, `bigint` or digits, and money in and out of
 * whole nano-USD.
 *
 * @module
 */
import { StoreValueError } from './errors.ts';

const nanosPerUsd = 1e9;
/** A billion dollars for one call is a mistake; it also keeps every sum of calls well within 63 bits. */
const largestUsd = 1e9;

export function toBigInt(value: number | bigint | string | null): bigint {
  return value === null ? 0n : BigInt(value);
}

/** As a number; exact up to 2^53, rounded beyond. */
export function toNumber(value: number | bigint | string | null): number {
  return Number(value ?? 0);
}

/** Milliseconds since 1970 as a moment; null stays null. */
export function toDate(value: number | bigint | string): Date {
  return new Date(Number(value));
}

export function toDateOrNull(value: number | bigint | string | null): Date | null {
  return value === null ? null : toDate(value);
}

/** A moment as whole milliseconds. @throws StoreValueError for an invalid Date */
export function fromDate(moment: Date, what: string): number {
  const time = moment.getTime();
  if (!Number.isFinite(time)) {
    throw new StoreValueError(`${what} is not a valid moment; hand over a Date made from one.`);
  }
  return time;
}

/** USD as whole nano-USD, rounded to the nearest. @throws StoreValueError unless 0 ≤ usd ≤ 10^9 */
export function toNanoUsd(usd: number, what: string): bigint {
  if (!(usd >= 0 && usd <= largestUsd)) {
    throw new StoreValueError(`${what} is ${usd}; it must be an amount of USD from 0 to ${largestUsd}.`);
  }
  return BigInt(Math.round(usd * nanosPerUsd));
}

/** Whole nano-USD as USD; the nearest number, for any amount. */
export function toUsd(nanos: bigint): number {
  // Up to 2^53 one division rounds correctly; beyond, cents are kept apart from the dollars.
  if (nanos <= BigInt(Number.MAX_SAFE_INTEGER) && nanos >= -BigInt(Number.MAX_SAFE_INTEGER)) {
    return Number(nanos) / nanosPerUsd;
  }
  return Number(nanos / 1_000_000_000n) + Number(nanos % 1_000_000_000n) / nanosPerUsd;
}
