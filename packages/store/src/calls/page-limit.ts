/**
 * How many rows a page of calls may have.
 *
 * @module
 */
import { StoreValueError } from '../errors.ts';

const usual = 50;
const largest = 1_000;

/** @throws StoreValueError unless it is a whole number, 1 … 1,000 */
export function pageLimit(limit = usual, of = 'calls'): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= largest) return limit;
  throw new StoreValueError(`A page of ${limit} ${of} was asked for; ask for 1 to ${largest}.`);
}
