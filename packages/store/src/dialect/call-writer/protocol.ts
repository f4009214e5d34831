/**
 * What the store and the thread that fills its database say to each other.
 *
 * @module
 */

export interface WriterData {
  location: string;
  /** How long to wait for another process's transaction, milliseconds. */
  patienceMs: number;
}

/** A batch of calls for one transaction. */
export interface WriterBatch {
  /** Packed calls, one behind the other; these go over to the thread. */
  bodies: Uint8Array;
  lengths: readonly number[];
  /** Ids of those that have something set aside. */
  held: readonly string[];
  /** Of the key that their texts are sealed with. */
  keyId: string;
}

/** The ids that were new, or that all were. */
export type WriterAnswer = readonly string[] | 'all';
