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

/** The NAME of an environment variable that holds a secret. */
export const environmentName = (example: string, secret: string) =>
  z
    .string()
    .regex(
      /^[A-Za-z_][A-Za-z0-9_]*$/,
      `must be the name of an environment variable, such as ${example}, never ${secret} itself`,
    );

/** An hour at most: what is longer is a mistake in the unit. */
export const milliseconds = z.int().min(1).max(3_600_000);
