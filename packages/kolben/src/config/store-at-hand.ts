/**
 * The store of a configuration for commands that do without one: it is looked at where it is there already.
 *
 * @module
 */
import { KolbenError } from '@kolben/engine/error';
import { type Config, storeOptions } from '@kolben/gateway/config';
import { openStore, type Store } from '@kolben/store';
import { hasStore } from './has-store.ts';

/** Undefined where there is none yet. @param missed is told why, where it is there and can't be opened */
export async function storeAtHand(
  config: Config | undefined,
  missed: (why: string) => void,
): Promise<Store | undefined> {
  if (config === undefined) return undefined;
  const options = storeOptions(config);
  if (!hasStore(options)) return undefined;
  try {
    return await openStore(options);
  } catch (error) {
    if (!KolbenError.isInstance(error)) throw error;
    missed(error.message);
    return undefined;
  }
}
