/**
 * Copying a store, backing it up and putting it back. What that takes is loaded when it is called, as in `open-store.ts`.
 *
 * @module
 */
import type * as backup from './backup-store.ts';
import type * as copy from './copy-store.ts';

export const copyStore: typeof copy.copyStore = async (...options) =>
  (await import('./copy-store.ts')).copyStore(...options);

export const backupStore: typeof backup.backupStore = async (...options) =>
  (await import('./backup-store.ts')).backupStore(...options);

export const restoreStore: typeof backup.restoreStore = async (...options) =>
  (await import('./backup-store.ts')).restoreStore(...options);
