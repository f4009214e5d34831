/**
 * Opens the store: the folder, the database, its shape, its key, and the parts on top.
 *
 * @module
 */
import { join, resolve } from 'node:path';
import { StoredAudit } from './audit/audit.ts';
import { StoredCalls } from './calls/calls.ts';
import { Recorder } from './calls/recorder.ts';
import { openLibsql } from './dialect/open-libsql.ts';
import { StoredKeys } from './keys/keys.ts';
import { StoredLedger } from './ledger/ledger.ts';
import { makeDirectory } from './make-directory.ts';
import { migrate } from './migrations/migrate.ts';
import { migrations } from './migrations/migrations.ts';
import { StoredRoutes } from './routes/routes.ts';
import { findSeal } from './seal/find-key.ts';
import type { Store, StoreOptions } from './store.ts';
import { StoredStudents } from './students/students.ts';

export const databaseFile = 'kolben.db';

/**
 * Opens the store in a folder, which is made where it doesn't exist. Several processes may have it open: one
 * writes at a time, all read all the time.
 *
 * @throws StoreUnwritableError, StoreKeyError, StoreNewerError, StoreCorruptError, StoreLockedError
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const directory = resolve(options.directory);
  await makeDirectory(directory);
  const database = await openLibsql(join(directory, databaseFile));
  try {
    await migrate(database, migrations);
    const seal = await findSeal(database, directory, options.key);
    await database.tidy();
    const recorder = new Recorder(database, seal);
    const keys = new StoredKeys(database);
    const audit = new StoredAudit(database);
    let closing: Promise<void> | undefined;
    return {
      directory,
      keys,
      calls: new StoredCalls(database, seal, recorder),
      students: new StoredStudents(database),
      ledger: new StoredLedger(database),
      routes: new StoredRoutes(database),
      audit: (event) => audit.add(event),
      auditTrail: (page) => audit.list(page),
      close: () => {
        closing ??= (async () => {
          await recorder.close();
          await keys.close();
          await database.close();
        })();
        return closing;
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}
