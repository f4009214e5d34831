/**
 * Ids of calls.
 *
 * @module
 */
import { uuid7 } from '../uuid7.ts';

/** For who needs the id before the call is recorded (a response header, say). Sorts by time. */
export function newCallId(): string {
  return `call_${uuid7()}`;
}
