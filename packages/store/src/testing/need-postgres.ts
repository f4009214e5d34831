/**
 * Set up before each test file that runs against Postgres: without a server its tests are skipped and say so, or fail
 * where a run must have everything.
 *
 * @module
 */
import { afterAll, beforeEach } from 'vitest';
import { noPostgres, postgresUrl } from './postgres.ts';
import { spareSchemas } from './spare-schemas.ts';

const reason = await noPostgres();
if (reason !== undefined) {
  const { host } = new URL(postgresUrl);
  const word = `no Postgres server to test with at ${host} (${reason}); start one, or name it in KOLBEN_TEST_POSTGRES`;
  if (process.env.KOLBEN_TEST_REQUIRE === '1') throw new Error(word);
  beforeEach(({ skip }) => skip(word));
}

// Here, not beside the schemas: this file is run for each file of tests, what it imports only once.
afterAll(() => spareSchemas.drop());
