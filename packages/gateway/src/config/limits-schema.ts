/**
 * What bounds the gateway: sizes, times, numbers of calls.
 *
 * @module
 */
import { z } from 'zod';
import { milliseconds } from './fields.ts';

/** Requests and answers are kept in the store, which takes texts of 64 MiB; hence the bounds of the bounds. */
export const limitsSchema = z.strictObject({
  /** The largest request body. */
  bodyBytes: z
    .int()
    .min(1)
    .max(32 * 1024 * 1024)
    .default(10 * 1024 * 1024),
  /** The largest sum of a request's headers. */
  headerBytes: z
    .int()
    .min(1024)
    .max(1024 * 1024)
    .default(16 * 1024),
  /** Calls under way at once; the next one is answered 429. */
  concurrentCalls: z.int().min(1).default(256),
  /** Calls that may wait to be recorded, those under way included; beyond it new ones are answered 429. */
  unrecordedCalls: z.int().min(1).default(5_000),
  /** The sum of their requests, bytes; likewise. */
  unrecordedBytes: z
    .int()
    .min(1)
    .default(128 * 1024 * 1024),
  /** How long a client may take to send its whole request. Milliseconds. */
  requestMs: milliseconds.default(60_000),
  /** How long a client may leave its streamed answer unread before it counts as gone. Milliseconds. */
  stalledClientMs: milliseconds.default(120_000),
  /** The largest answer a provider may send. */
  responseBytes: z
    .int()
    .min(1024)
    .max(32 * 1024 * 1024)
    .default(16 * 1024 * 1024),
  /** How long a student may take before the teacher is asked instead. Milliseconds. */
  studentMs: milliseconds.default(5_000),
  /** How long calls under way may go on when the gateway is stopped. Milliseconds. */
  drainMs: milliseconds.default(10_000),
});

export type Limits = z.output<typeof limitsSchema>;
