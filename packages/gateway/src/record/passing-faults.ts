/**
 * What may be otherwise with a store in a moment: the disk is full, locked, too slow, a server away.
 *
 * @module
 */
export const passingFaults: ReadonlySet<string> = new Set([
  'store_unwritable',
  'store_locked',
  'store_overloaded',
  'store_unreachable',
  'store_timeout',
]);
