/**
 * Fields that several parts of the configuration have in common.
 *
 * @module
 */
import { z } from 'zod';

/** Task and provider names appear in model names, headers and paths: nothing there that needs quoting. */
export const name = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9_-]{0,62}$/,
    'must be 1 to 63 of a–z, 0–9, - and _, beginning with a letter or digit',
  );

/** An hour at most: what is longer is a mistake in the unit. */
export const milliseconds = z.int().min(1).max(3_600_000);
