/**
 * What the store and its writing thread say to each other.
 *
 * @module
 */
import type { CallBatch } from '../../calls/insert-calls.ts';

export type Request = { id: number; batch: CallBatch } | { id: number; close: true };

export type Answer =
  /** The ids that were new. */
  { id: number; recorded: string[] } | { id: number; failure: Failure };

export interface Failure {
  /** Of SQLite, of the file system, or of a `KolbenError`. */
  code: string;
  message: string;
}

export interface WriterData {
  location: string;
  /** How long to wait for another process's transaction, milliseconds. */
  patienceMs: number;
}
