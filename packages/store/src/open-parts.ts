/**
 * The store on its database: its shape, its key, and the parts on top.
 *
 * @module
 */
import { join } from 'node:path';
import { StoredAudit } from './audit/audit.ts';
import { StoredBudgets } from './budgets/budgets.ts';
import { StoredCalls } from './calls/calls.ts';
import { Recorder } from './calls/recorder.ts';
import { StoredDecisions } from './decisions/stored-decisions.ts';
import type { Database } from './dialect/database.ts';
import { StoredDrift } from './drift/stored-drift.ts';
import { StoredEvents } from './events/events.ts';
import { inspectStore } from './inspect/inspect-store.ts';
import { Journal } from './journal/journal.ts';
import { StoredKeys } from './keys/keys.ts';
import { StoredLedger } from './ledger/ledger.ts';
import { migrate } from './migrations/migrate.ts';
import { migrations } from './migrations/migrations.ts';
import { StoredPerformance } from './performance/stored-performance.ts';
import { StoredRoutes } from './routes/routes.ts';
import { StoredRuns } from './runs/runs.ts';
import { findSeal } from './seal/find-key.ts';
import { rotateKey } from './seal/rotate-key.ts';
import { StoredSessions } from './sessions/sessions.ts';
import type { Store, StoreOptions } from './store.ts';
import { StoredStudents } from './students/students.ts';
import { StoredRiskWatches } from './watch/risk-watches.ts';

/** The embedded database, in the store's folder. */
export const databaseFile = 'kolben.db';

/** The database that the options mean, in whatever shape it is. Its folder exists. */
export async function openDatabase(
  directory: string,
  { postgres }: Pick<StoreOptions, 'postgres'>,
): Promise<Database> {
  // Each brings a library that takes its time to load, and only one is needed.
  if (postgres) return (await import('./dialect/open-postgres.ts')).openPostgres(postgres);
  return (await import('./dialect/open-libsql.ts')).openLibsql(join(directory, databaseFile));
}

/** Opens the store in a folder that exists. */
export async function openParts(directory: string, options: StoreOptions): Promise<Store> {
  const { key } = options;
  const database = await openDatabase(directory, options);
  try {
    await migrate(database, migrations);
    const seal = await findSeal(database, directory, key);
    await database.tidy();
    const budgets = new StoredBudgets(database);
    const recorder = new Recorder(database, seal, budgets);
    const keys = new StoredKeys(database);
    const watches = new StoredRiskWatches(database, seal);
    const audit = new StoredAudit(database);
    const journals = new Set<Journal>();
    let closing: Promise<void> | undefined;
    return {
      directory,
      location: database.location,
      keys,
      calls: new StoredCalls(database, seal, recorder),
      decisions: new StoredDecisions(database, seal),
      students: new StoredStudents(database),
      ledger: new StoredLedger(database),
      budgets,
      routes: new StoredRoutes(database),
      watches,
      events: new StoredEvents(database),
      drift: new StoredDrift(database),
      sessions: new StoredSessions(database),
      performance: new StoredPerformance(database),
      runs: new StoredRuns(database),
      audit: (event) => audit.add(event),
      auditTrail: (page) => audit.list(page),
      openJournal: async () => {
        const journal = await Journal.open(directory, recorder, seal);
        journals.add(journal);
        return journal;
      },
      rotateKey: async (options) => {
        // Nobody is at work, and what a killed gateway left is in the database, where it will be sealed anew.
        const journal = await Journal.open(directory, recorder, seal);
        try {
          return await rotateKey(database, directory, seal, key, options);
        } finally {
          await journal.close();
        }
      },
      inspect: () => inspectStore(database, directory, seal, key),
      alone: (name, work) => database.alone(name, work),
      close: () => {
        closing ??= (async () => {
          for (const journal of journals) await journal.close();
          await recorder.close();
          await watches.close();
          await budgets.close();
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
