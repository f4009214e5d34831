/**
 * What the configuration says of a task's cache: answers that are given once more to the very same question.
 *
 * @module
 */
import { z } from 'zod';

export const cacheSchema = z.strictObject({
  /** How long an answer is given again, seconds; a week at most. */
  ttlSeconds: z
    .int()
    .min(1)
    .max(7 * 24 * 3_600),
  /** Answers kept at most; beyond it those go that were not asked for longest. */
  entries: z.int().min(1).max(1_000_000).default(10_000),
  /** Memory for them at most, bytes. */
  bytes: z
    .int()
    .min(1_024)
    .default(64 * 1024 * 1024),
  /** Whether one key's calls get answers to another's. */
  shared: z.boolean().default(false),
});
