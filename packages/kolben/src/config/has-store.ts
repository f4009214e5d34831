/**
 * Whether there is a store, as far as that shows without opening it: opening makes what isn't there.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { StoreOptions } from '@kolben/store';

export function hasStore({ postgres, directory }: StoreOptions): boolean {
  return postgres !== undefined || existsSync(join(directory, 'kolben.db'));
}
