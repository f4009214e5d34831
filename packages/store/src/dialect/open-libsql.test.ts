import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { StoreCorruptError, StoreUnwritableError } from '../errors.ts';
import { newFolder } from '../testing/folders.ts';
import type { Database } from './database.ts';
import { openLibsql } from './open-libsql.ts';

async function opened(path = join(newFolder(), 'test.db')): Promise<Database> {
  const database = await openLibsql(path);
  onTestFinished(() => database.close());
  return database;
}

test('both connections have the settings that the promises rest on', async () => {
  const database = await opened();
  for (const db of [database.read, database.write]) {
    const value = async (name: string) =>
      Object.values(
        (await sql<Record<string, unknown>>`${sql.raw(`pragma ${name}`)}`.execute(db)).rows[0]!,
      )[0];
    expect(await value('journal_mode')).toBe('wal');
    expect(await value('synchronous')).toBe(2); // full
    expect(await value('foreign_keys')).toBe(1);
    expect(await value('secure_delete')).toBe(1);
    expect(await value('wal_autocheckpoint')).toBe(0);
  }
});

test.skipIf(process.platform === 'win32')(
  'the files are for their owner only, whatever they were before',
  async () => {
    const path = join(newFolder(), 'test.db');
    writeFileSync(path, '', { mode: 0o644 });
    const database = await opened(path);
    await sql`create table t (a)`.execute(database.write);
    for (const file of [path, `${path}-wal`, `${path}-shm`]) expect(statSync(file).mode & 0o777).toBe(0o600);
  },
);

test('the log is moved into the file when it has grown, and is then written from its beginning', async () => {
  const database = await opened();
  const log = () => statSync(`${database.location}-wal`).size;
  await sql`create table t (a)`.execute(database.write);
  for (let i = 0; i < 24; i++) {
    await sql`insert into t values (${Buffer.alloc(1 << 20)})`.execute(database.write);
    await database.tidy();
  }
  expect(statSync(database.location).size).toBeGreaterThan(19 << 20);
  expect(log()).toBeLessThan(8 << 20);
  await database.scrub();
  expect(log()).toBe(0);
  expect((await sql<{ n: number }>`select count(*) as n from t`.execute(database.read)).rows).toEqual([
    { n: 24 },
  ]);
});

test('a reader does not wait for a writer, and sees nothing before the commit', async () => {
  const database = await opened();
  await sql`create table t (a)`.execute(database.write);
  const count = async () =>
    (await sql<{ n: number }>`select count(*) as n from t`.execute(database.read)).rows[0]?.n;
  await database.exclusively(async (transaction) => {
    await sql`insert into t values (1)`.execute(transaction);
    expect(await count()).toBe(0);
  });
  expect(await count()).toBe(1);
});

test('what is no database is refused, naming the file and the way out', async () => {
  const path = join(newFolder(), 'test.db');
  writeFileSync(path, 'Dear diary, today I was mistaken for a database. '.repeat(100));
  const error = await openLibsql(path).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(StoreCorruptError);
  expect((error as Error).message).toBe(
    `The store ${path} is damaged or no database at all (file is not a database); ` +
      'put back a backup of it, or move it away to begin an empty one.',
  );
});

test('a folder in the place of the file is refused', async () => {
  const path = join(newFolder(), 'test.db');
  mkdirSync(path);
  await expect(openLibsql(path)).rejects.toThrow(StoreUnwritableError);
});
