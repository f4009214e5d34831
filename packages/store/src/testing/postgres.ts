/**
 * The Postgres server of the tests: KOLBEN_TEST_POSTGRES names one, else it is looked for on this machine. Every folder
 * of a test has a schema of its own there, which goes with the folder.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import pg from 'pg';
import type { PostgresOptions } from '../postgres-options.ts';

export const postgresUrl =
  process.env.KOLBEN_TEST_POSTGRES ?? 'postgres://postgres@127.0.0.1:5432/test?sslmode=disable';

/** Whether the tests of this run that can go both ways go against Postgres. */
export const onPostgres = process.env.KOLBEN_TEST_STORE === 'postgres';

/** Where a store in this folder would lie instead. */
export function postgresFor(directory: string): PostgresOptions & { schema: string } {
  const name = createHash('sha256').update(directory).digest('hex').slice(0, 24);
  return { url: postgresUrl, schema: `kolben_test_${name}` };
}

export async function dropSchema(schema: string): Promise<void> {
  await asSuperuser(`drop schema if exists ${schema} cascade`);
}

/** Asks the server beside the store, as somebody with all rights. */
export async function asSuperuser(
  query: string,
  parameters: unknown[] = [],
): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: postgresUrl });
  await client.connect();
  try {
    return (await client.query(query, parameters)).rows;
  } finally {
    await client.end();
  }
}

/** Why there is no server to test with; undefined where there is one. */
export async function noPostgres(): Promise<string | undefined> {
  try {
    await asSuperuser('select 1');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
