/**
 * Which store a configuration means.
 *
 * @module
 */
import type { StoreOptions } from '@kolben/store';
import { ConfigError } from './parse-config.ts';
import type { Config } from './schema.ts';

/**
 * What `openStore` is told.
 *
 * @param environment where the URL of a server is looked up
 * @throws ConfigError where the variable isn't set; its value is never repeated
 */
export function storeOptions(
  config: Pick<Config, 'dataDirectory' | 'store'>,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): StoreOptions {
  const { dataDirectory: directory, store } = config;
  if (store === undefined) return { directory };
  const { postgres, postgresEnv, ...rest } = store;
  const url = postgres ?? environment[postgresEnv!]?.trim();
  if (!url) {
    const message = `names the environment variable ${postgresEnv}, which isn't set; set it to the URL of the Postgres server and start again`;
    throw new ConfigError('the configuration', [{ path: 'store.postgresEnv', message }]);
  }
  return { directory, postgres: { url, ...rest } };
}
