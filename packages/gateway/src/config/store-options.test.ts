import { expect, test } from 'vitest';
import { ConfigError, parseConfig } from './parse-config.ts';
import { storeOptions } from './store-options.ts';

const configured = (store?: unknown) =>
  parseConfig({ providers: {}, tasks: {}, ...(store !== undefined && { store }) });

test('without a server the store is the file in the data directory', () => {
  expect(storeOptions(configured(), {})).toEqual({ directory: '.kolben' });
});

test('a server is named by its URL, or by the variable that holds it', () => {
  const url = 'postgres://kolben@db.example:5432/kolben';
  const postgres = { url, schema: 'kolben', poolSize: 8, statementTimeoutMs: 60_000 };
  expect(storeOptions(configured({ postgres: url }), {})).toEqual({ directory: '.kolben', postgres });
  expect(
    storeOptions(configured({ postgresEnv: 'DATABASE_URL', schema: 'shop', poolSize: 2 }), {
      DATABASE_URL: ` ${url}\n`,
    }),
  ).toEqual({ directory: '.kolben', postgres: { ...postgres, schema: 'shop', poolSize: 2 } });
});

test('a variable that is not set is named', () => {
  expect(() => storeOptions(configured({ postgresEnv: 'DATABASE_URL' }), { DATABASE_URL: ' ' })).toThrow(
    new ConfigError('the configuration', [
      {
        path: 'store.postgresEnv',
        message:
          "names the environment variable DATABASE_URL, which isn't set; set it to the URL of the Postgres server and start again",
      },
    ]),
  );
});

test.for([
  [{}, 'store.postgresEnv is missing; set it to the name of the environment variable that holds the URL'],
  [{ postgres: 'postgres://a/b', postgresEnv: 'A' }, 'store.postgres stands beside postgresEnv'],
  [{ postgres: 'hunter2' }, 'store.postgres must be a URL such as postgres://kolben@db.example:5432/kolben'],
  [
    { postgresEnv: 'postgres://me:hunter2@db/x' },
    'must be the name of an environment variable, such as DATABASE_URL',
  ],
  [{ postgresEnv: 'A', schema: 'hunter2; drop' }, 'store.schema must be 1 to 63 of a–z'],
  [{ postgresEnv: 'A', poolSize: 0 }, 'store.poolSize must be at least 1'],
] as const)('%j is refused, and not repeated', ([store, message]) => {
  expect(() => configured(store)).toThrow(message);
  expect(() => configured(store)).not.toThrow(/hunter2/);
});
