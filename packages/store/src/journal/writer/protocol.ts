/**
 * What the store and the thread that writes its journal say to each other.
 *
 * @module
 */
import type { KeyObject } from 'node:crypto';
import type { OpenCall } from '../../calls/packed-call.ts';

export interface JournalBatch {
  /** What to seal with. */
  key: KeyObject;
  calls: readonly OpenCall[];
  /** The open file, and where in it to write. */
  file: number;
  position: number;
}

/** The entries as they were written; these come back to the store. */
export interface JournalAnswer {
  entries: Uint8Array;
  lengths: readonly number[];
}
