import { join } from 'node:path';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import type { Database } from '../dialect/database.ts';
import { StoreCorruptError, StoreNewerError } from '../errors.ts';
import { newFolder, openDatabase, openStore } from '../testing/folders.ts';
import { migrate } from './migrate.ts';
import type { Migration } from './migration.ts';
import { migrations } from './migrations.ts';

async function opened(directory = newFolder()): Promise<Database> {
  const database = await openDatabase(directory);
  onTestFinished(() => database.close());
  return database;
}

const tables = (database: Database) => database.tables(database.read);

/** Adds a table and a row, so that half a migration would show. */
const addition: Migration = {
  version: migrations.length + 1,
  name: 'addition',
  async up(db, types) {
    await db.schema.createTable('addition').addColumn('bytes', types.bytes).execute();
    await sql`insert into addition values (${Buffer.from('x')})`.execute(db);
  },
};

test('migrations are numbered 1, 2, 3, …', () => {
  expect(migrations.map((migration) => migration.version)).toEqual(migrations.map((_, i) => i + 1));
});

test('an empty database gets all of them, an older one those it lacks, a current one none', async () => {
  const database = await opened();
  await migrate(database, migrations);
  await migrate(database, migrations);
  expect(await tables(database)).toEqual([
    'api_keys',
    'audit_events',
    'audits',
    'call_texts',
    'calls',
    'console_sessions',
    'counters',
    'decisions',
    'drift_counts',
    'events',
    'failed_attempts',
    'instances',
    'kolben_migrations',
    'reservations',
    'risk_watches',
    'run_points',
    'runs',
    'settings',
    'students',
    'task_routes',
  ]);
  await migrate(database, [...migrations, addition]);
  await migrate(database, [...migrations, addition]);
  expect((await sql`select * from addition`.execute(database.read)).rows).toHaveLength(1);
  const log = await database.read.selectFrom('kolben_migrations').select(['version', 'name']).execute();
  expect(log).toEqual([...migrations, addition].map(({ version, name }) => ({ version, name })));
});

test('calls of the first shape are kept, were not drawn, and were chats', async () => {
  const directory = newFolder();
  const database = await opened(directory);
  await migrate(database, migrations.slice(0, 1));
  await sql`insert into calls values ('c', 1, 't', null, 'teacher', 'teacher', null, null, 'ok', null, 1, null, 0, 0, 0, 0, 0, 0, null, null, null, 0)`.execute(
    database.write,
  );
  await migrate(database, migrations);
  const kept = await database.read.selectFrom('calls').select(['id', 'drawn', 'endpoint']).execute();
  expect(kept).toEqual([{ id: 'c', drawn: null, endpoint: 'chat' }]);
});

test('calls that are there are counted', async () => {
  const directory = newFolder();
  const database = await opened(directory);
  await migrate(database, migrations.slice(0, 2));
  const moments = [
    5,
    Date.UTC(2025, 11, 31, 23, 59),
    Date.UTC(2026, 0, 1),
    Date.UTC(2026, 0, 31),
    Date.UTC(2031, 5, 1),
  ];
  for (const [i, at] of moments.entries()) {
    const task = i === 1 ? null : `task_${i % 2}`;
    const key = i === 2 ? null : 'key_1';
    await sql`insert into calls values (${`c${i}`}, ${at}, ${task}, ${key}, 'cascade', ${i % 2 ? 'student' : 'teacher'},
      null, null, 'ok', null, 1, null, ${10 + i}, ${i}, ${i}, ${i % 2}, ${2 ** 40 + i}, ${3 * i}, null, null, null, 0,
      null)`.execute(database.write);
  }
  await migrate(database, migrations);
  const store = await openStore({ directory });
  onTestFinished(() => store.close());
  const everything = { since: new Date(1) };
  expect(await store.ledger.totals()).toMatchObject({ calls: 5, estimatedCalls: 2, promptTokens: 60 });
  expect(await store.ledger.totals()).toEqual(await store.ledger.totals(everything));
  expect(await store.ledger.summary()).toEqual(await store.ledger.summary(everything));
  expect(await store.budgets.spending('2026-01')).toMatchObject([
    { subject: 'total', calls: 2 },
    { subject: 'task', name: 'task_0', calls: 1 },
    { subject: 'task', name: 'task_1', calls: 1 },
    { subject: 'key', name: 'key_1', calls: 1 },
  ]);
});

test('a migration that fails leaves the database as it was', async () => {
  const database = await opened();
  await migrate(database, migrations);
  const failing: Migration = {
    version: addition.version + 1,
    name: 'failing',
    async up(db) {
      await db.schema.dropTable('call_texts').execute();
      await sql`select * from nowhere`.execute(db);
    },
  };
  await expect(migrate(database, [...migrations, addition, failing])).rejects.toThrow(
    /no such table|does not exist/,
  );
  expect(await tables(database)).toContain('call_texts');
  expect(await tables(database)).not.toContain('addition');
  await migrate(database, [...migrations, addition]);
  expect(await tables(database)).toContain('addition');
});

test('several that open a new database at once migrate it once', async () => {
  const directory = newFolder();
  const databases = await Promise.all(Array.from({ length: 5 }, () => opened(directory)));
  await Promise.all(databases.map((database) => migrate(database, [...migrations, addition])));
  expect((await sql`select * from addition`.execute(databases[0]!.read)).rows).toHaveLength(1);
});

test('a database of a newer Kolben is refused and left alone', async () => {
  const directory = newFolder();
  const database = await opened(directory);
  await migrate(database, [...migrations, addition]);
  const error = await openStore({ directory }).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(StoreNewerError);
  expect((error as Error).message).toBe(
    `The store ${database.location} was written by a newer Kolben (its shape is version ${addition.version}, this Kolben ` +
      `knows ${migrations.length}); install that version of Kolben or a later one.`,
  );
  await migrate(database, [...migrations, addition]);
});

test('the database of another program is refused and left alone', async () => {
  const directory = join(newFolder(), 'other');
  const database = await opened(directory);
  await sql`create table recipes (name text)`.execute(database.write);
  const error = await openStore({ directory }).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(StoreCorruptError);
  expect((error as Error).message).toContain('is the database of another program (it has a table "recipes")');
  expect(await tables(database)).toEqual(['recipes']);
});
