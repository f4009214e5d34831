/**
 * What is true of a store: the shape only; the work is in `inspect-store.ts`.
 *
 * @module
 */

export interface StoreFacts {
  /** Number of the newest migration that it has been through. */
  shape: number;
  /** The encryption key's id, and where it comes from. */
  key: { id: string; from: 'option' | 'environment' | 'file' };
  /** A change of keys was begun and not finished; the id of the key before. */
  rotationFrom: string | null;
  /** When the oldest call came in whose words are still there; null where there are none. */
  oldestText: Date | null;
  /** Of the newest calls: how many had their words looked at, and how many of those were not sealed as they should be. */
  texts: { looked: number; unsealed: number };
  /** Bytes in the journal that are not known to be in the database. */
  journalBytes: number;
  /** Calls that something of a budget is set aside for: those under way, and those of killed processes. */
  reservedCalls: number;
}
