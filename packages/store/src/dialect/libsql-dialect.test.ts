import { join } from 'node:path';
import { Kysely } from 'kysely';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { newFolder } from '../testing/folders.ts';
import { LibsqlConnection } from './libsql-connection.ts';
import { LibsqlDialect } from './libsql-dialect.ts';

interface Tables {
  t: { id: number; text: string };
}
let db: Kysely<Tables>;

beforeEach(async () => {
  const connection = new LibsqlConnection(join(newFolder(), 'test.db'), 1_000);
  db = new Kysely<Tables>({ dialect: new LibsqlDialect(connection) });
  await db.schema
    .createTable('t')
    .addColumn('id', 'integer', (c) => c.primaryKey())
    .addColumn('text', 'text')
    .execute();
  const made = db;
  onTestFinished(() => made.destroy());
});

const ids = async () => (await db.selectFrom('t').select('id').orderBy('id').execute()).map((row) => row.id);

test('rows go in and come out, and what changed is counted', async () => {
  const inserted = await db
    .insertInto('t')
    .values([
      { id: 1, text: 'a' },
      { id: 2, text: 'b' },
    ])
    .returning('id')
    .execute();
  expect(inserted).toEqual([{ id: 1 }, { id: 2 }]);
  expect((await db.updateTable('t').set({ text: 'c' }).executeTakeFirst()).numUpdatedRows).toBe(2n);
  expect((await db.deleteFrom('t').where('id', '=', 2).executeTakeFirst()).numDeletedRows).toBe(1n);
  expect(await ids()).toEqual([1]);
});

test('queries that run at once keep their rows apart', async () => {
  await db
    .insertInto('t')
    .values(Array.from({ length: 300 }, (_, id) => ({ id, text: `${id}` })))
    .execute();
  const results = await Promise.all(
    Array.from({ length: 20 }, () => db.selectFrom('t').select('id').orderBy('id').execute()),
  );
  for (const rows of results)
    expect(rows.map((row) => row.id)).toEqual(Array.from({ length: 300 }, (_, i) => i));
});

test('transactions run one after another; one that fails leaves nothing', async () => {
  const outcomes = await Promise.allSettled(
    Array.from({ length: 10 }, (_, i) =>
      db.transaction().execute(async (transaction) => {
        const before = await transaction.selectFrom('t').select('id').execute();
        await transaction.insertInto('t').values({ id: before.length, text: '' }).execute();
        if (i % 3 === 2) throw new Error('changed my mind');
      }),
    ),
  );
  expect(outcomes.filter((outcome) => outcome.status === 'rejected')).toHaveLength(3);
  expect(await ids()).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

test('a statement that fails in a transaction takes the whole transaction with it, and the next one works', async () => {
  await db.insertInto('t').values({ id: 1, text: '' }).execute();
  const failing = db.transaction().execute(async (transaction) => {
    await transaction.insertInto('t').values({ id: 2, text: '' }).execute();
    await transaction.insertInto('t').values({ id: 1, text: '' }).execute();
  });
  await expect(failing).rejects.toThrow('UNIQUE constraint failed');
  await db
    .transaction()
    .execute((transaction) => transaction.insertInto('t').values({ id: 3, text: '' }).execute());
  expect(await ids()).toEqual([1, 3]);
});

test('cursors are refused, for they would keep the log from being emptied', async () => {
  const stream = db.selectFrom('t').selectAll().stream();
  await expect(stream[Symbol.asyncIterator]().next()).rejects.toThrow('read page by page');
});
