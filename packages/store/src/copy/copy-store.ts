/**
 * Moves a store to another place: from the embedded file to a Postgres server, or back.
 *
 * @module
 */
import { resolve } from 'node:path';
import { StoredAudit } from '../audit/audit.ts';
import { makeDirectory } from '../make-directory.ts';
import { migrate } from '../migrations/migrate.ts';
import { migrations } from '../migrations/migrations.ts';
import { openDatabase } from '../open-parts.ts';
import type { StoreOptions } from '../store.ts';
import { type Copied, type CopyOptions, copyDatabase } from './copy-database.ts';

export interface CopyReport {
  /** Where it came from and where it is now, for people. */
  from: string;
  to: string;
  /** Rows copied, by table. */
  rows: Copied;
}

/**
 * Copies everything: calls, keys, students, the ledger, the audit log, with their ids. Texts stay sealed with the key they
 * were sealed with. The original is left as it is, but brought to this Kolben's shape. Nobody may write to it meanwhile.
 *
 * @throws StoreNotEmptyError, StoreChangedError, and what `openStore` throws
 */
export async function copyStore(
  from: StoreOptions,
  to: StoreOptions,
  options: Omit<CopyOptions, 'mustBeStill'> = {},
): Promise<CopyReport> {
  const source = await openDatabase(resolve(from.directory), from);
  try {
    await migrate(source, migrations);
    await makeDirectory(resolve(to.directory));
    const target = await openDatabase(resolve(to.directory), to);
    try {
      await migrate(target, migrations);
      const rows = await copyDatabase(source, target, { ...options, mustBeStill: true });
      if (options.actor !== undefined) {
        const detail = { from: source.location, to: target.location, calls: rows.calls ?? 0 };
        await new StoredAudit(target).add({ actor: options.actor, act: 'store.copy', detail });
      }
      await target.tidy();
      return { from: source.location, to: target.location, rows };
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}
