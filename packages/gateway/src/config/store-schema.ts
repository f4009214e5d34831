/**
 * What the configuration says of the store, where it isn't the file in the data directory: a database on a Postgres server.
 *
 * @module
 */
import { schemaName } from '@kolben/store';
import { z } from 'zod';
import { environmentName, milliseconds } from './fields.ts';

const storeFields = z.strictObject({
  /**
   * `postgres://user@host:5432/database`. A URL with a password belongs in no file: name its variable in `postgresEnv`,
   * or hand over what was read from the environment.
   */
  postgres: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must be a URL such as postgres://kolben@db.example:5432/kolben')
    .optional(),
  /** NAME of the environment variable that holds the URL, password and all. */
  postgresEnv: environmentName('DATABASE_URL', 'the URL').optional(),
  /** The schema of that database in which the tables are. */
  schema: z
    .string()
    .regex(schemaName, 'must be 1 to 63 of a–z, 0–9 and _, beginning with a letter or _')
    .default('kolben'),
  /** Connections for reading, of each gateway; one more is for writing. */
  poolSize: z.int().min(1).max(100).default(8),
  /** How long the server may take for one query. Milliseconds. */
  statementTimeoutMs: milliseconds.default(60_000),
});

export const storeSchema = storeFields.superRefine(({ postgres, postgresEnv }, context) => {
  const complain = (path: string, message: string) =>
    context.addIssue({ code: 'custom', path: [path], message });
  if (postgres === undefined && postgresEnv === undefined)
    complain('postgresEnv', 'is missing; set it to the name of the environment variable that holds the URL');
  if (postgres !== undefined && postgresEnv !== undefined)
    complain('postgres', 'stands beside postgresEnv; one says it all, so remove the other');
});
