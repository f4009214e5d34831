/**
 * Opens the store that a command means, and closes it whatever happens.
 *
 * @module
 */
import { resolve } from 'node:path';
import { type Config, storeOptions } from '@kolben/gateway/config';
import { openStore, type Store, type StoreOptions } from '@kolben/store';
import type { ArgsDef } from 'citty';
import type { Context } from '../cli/command.ts';
import { ConfigMissingError, findConfig, noConfig } from './find-config.ts';
import { hasStore } from './has-store.ts';
import { loadConfig } from './load-config.ts';

/** The options of every command that reads the store. */
export const storeArgs = {
  config: {
    type: 'string',
    description: 'the configuration; by default kolben.config.ts in the working folder',
    valueHint: 'file',
  },
  data: {
    type: 'string',
    description: 'the data folder with its embedded store, instead of the store that the configuration names',
    valueHint: 'folder',
  },
} as const satisfies ArgsDef;

export interface StoreChoice {
  config?: string | undefined;
  data?: string | undefined;
}

/**
 * The configuration (undefined where `--data` makes one needless) and the store that is meant.
 *
 * @throws ConfigMissingError where neither says which store is meant
 */
export async function chooseStore(
  choice: StoreChoice,
  cwd: string,
): Promise<{ config?: Config; store: StoreOptions }> {
  const file = findConfig(cwd, choice.config);
  const config = file === undefined ? undefined : await loadConfig(file);
  if (choice.data !== undefined) {
    const directory = resolve(cwd, choice.data);
    // A mistyped folder must not become an empty store.
    if (!hasStore({ directory })) {
      throw new ConfigMissingError(`There is no Kolben data in ${directory}: correct --data.`);
    }
    return { ...(config && { config }), store: { directory } };
  }
  if (config === undefined) {
    throw noConfig(cwd);
  }
  return { config, store: storeOptions(config) };
}

export async function withStore<T>(
  choice: StoreChoice,
  context: Pick<Context, 'cwd'>,
  use: (store: Store, config?: Config) => Promise<T>,
): Promise<T> {
  const { config, store: options } = await chooseStore(choice, context.cwd);
  const store = await openStore(options);
  try {
    return await use(store, config);
  } finally {
    await store.close();
  }
}
