import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openLibsql } from '../dialect/open-libsql.ts';
import { openPostgres } from '../dialect/open-postgres.ts';
import {
  StoreBackupError,
  StoreChangedError,
  StoreCorruptError,
  StoreKeyError,
  StoreNotEmptyError,
} from '../errors.ts';
import { migrate } from '../migrations/migrate.ts';
import { migrations } from '../migrations/migrations.ts';
import { openStore } from '../open-store.ts';
import type { Store, StoreOptions } from '../store.ts';
import { integrity, newFolder, newStore, openDatabase } from '../testing/folders.ts';
import { newCall } from '../testing/new-call.ts';
import { dropSchema, noPostgres, onPostgres, postgresFor } from '../testing/postgres.ts';
import { startRecording } from '../testing/recording-process.ts';
import { copyDatabase } from './copy-database.ts';
import { backupStore, copyStore, restoreStore } from './index.ts';
import { tablesToCopy } from './tables.ts';

/** Both kinds are meant in these tests, whichever kind the run is about; a folder may have one of each. */
const embedded = (directory: string): StoreOptions => ({ directory });
function onServer(directory: string): StoreOptions {
  const postgres = postgresFor(directory);
  onTestFinished(() => dropSchema(postgres.schema));
  return { directory, postgres };
}

const reason = await noPostgres();
if (reason !== undefined && process.env.KOLBEN_TEST_REQUIRE === '1') throw new Error(reason);
const withServer = test.skipIf(reason !== undefined);

/** Calls of all sizes, keys, students, routes, money set aside; what of it there is. */
async function fill(store: Store, calls: number): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < calls; i += 500) {
    const some = Array.from({ length: Math.min(500, calls - i) }, (_, k) =>
      newCall({
        at: new Date(Date.UTC(2026, 10, 1) + (i + k) * 60_000),
        task: k % 7 === 0 ? null : `task_${k % 3}`,
        cost: (i + k) / 1e9,
        teacherCost: 0.1 + (i + k) / 1e7,
        latencyMs: k / 3,
        model: k % 11 === 0 ? 'Grüße 🚀' : 'large',
        student: k % 5 === 0 ? { id: 's', answer: 'a\0\ud800', confidence: 1 / 3, certified: true } : null,
        ...(k % 250 === 0 && { request: { text: 'x'.repeat(1_500_000) } }),
      }),
    );
    ids.push(...(await Promise.all(some.map((call) => store.calls.record(call)))));
  }
  await store.keys.create({ name: 'shop', scope: 'use', expiresAt: new Date(2 ** 42) });
  await store.students.register({ task: 'mail', directory: '/s', digest: 'd', certificate: { alpha: 0.05 } });
  await store.routes.set('mail', 'cascade');
  await store.audit({ actor: 'cli', act: 'route.set', subject: 'mail', detail: { odd: '\0' } });
  await store.calls.deleteTextBefore(new Date(Date.UTC(2026, 10, 1, 1)));
  return ids;
}

/** What a store says of itself, calls opened. */
async function said(store: Store, ids: readonly string[]): Promise<unknown> {
  const spread = [...ids.slice(0, 70), ...ids.slice(-30)];
  return {
    count: await store.calls.count(),
    totals: await store.ledger.totals(),
    added: await store.ledger.totals({ since: new Date(1) }),
    summary: await store.ledger.summary(),
    spending: await store.budgets.spending('2026-11'),
    calls: await Promise.all(spread.map((id) => store.calls.get(id))),
    keys: await store.keys.list(),
    students: await store.students.list(),
    routes: await store.routes.list(),
    audit: await store.auditTrail(),
  };
}

async function saidOf(options: StoreOptions, ids: readonly string[]): Promise<unknown> {
  const store = await openStore(options);
  try {
    return await said(store, ids);
  } finally {
    await store.close();
  }
}

async function filled(options: StoreOptions, calls: number): Promise<string[]> {
  const store = await openStore(options);
  const ids = await fill(store, calls);
  await store.close();
  return ids;
}

test('every table that there is, is copied', async () => {
  const database = await openDatabase(newFolder());
  onTestFinished(() => database.close());
  await migrate(database, migrations);
  const tables = await database.tables(database.read);
  expect(['console_sessions', 'kolben_migrations', ...tablesToCopy.map(({ name }) => name)].sort()).toEqual(
    tables,
  );
});

describe('a copy', () => {
  withServer('of thousands of calls goes to a server and back, and is the same to the last bit', async () => {
    const here = newFolder();
    const ids = await filled(embedded(here), 3_000);
    const before = await saidOf(embedded(here), ids);
    const seen = new Map<string, number>();
    const report = await copyStore(embedded(here), onServer(here), {
      onProgress: ({ table, done, of }) => {
        expect(done).toBeLessThanOrEqual(of);
        seen.set(table, done);
      },
    });
    expect(report.rows).toMatchObject({ calls: 3_000, call_texts: 2_940, api_keys: 1, task_routes: 1 });
    expect(seen.get('calls')).toBe(3_000);
    expect(await saidOf(onServer(here), ids)).toEqual(before);
    expect(await saidOf(embedded(here), ids)).toEqual(before);

    const back = newFolder();
    copyFileSync(join(here, 'kolben.key'), join(back, 'kolben.key'));
    await copyStore(onServer(here), embedded(back));
    expect(await saidOf(embedded(back), ids)).toEqual(before);
    if (!onPostgres) expect(await integrity(back)).toBe('ok');
  });

  withServer('goes only where there is nothing yet', async () => {
    const here = newFolder();
    await filled(embedded(here), 3);
    await copyStore(embedded(here), onServer(here));
    const error = await copyStore(embedded(here), onServer(here)).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(StoreNotEmptyError);
    expect((error as Error).message).toMatch(
      /is not empty \(it has 1 rows of api_keys\).*choose another schema/,
    );
  });

  withServer('that is stopped, or finds the original changed, leaves nothing behind', async () => {
    const here = newFolder();
    const ids = await filled(embedded(here), 1_200);
    const stop = new AbortController();
    const stopped = copyStore(embedded(here), onServer(here), {
      signal: stop.signal,
      onProgress: ({ table, done }) => {
        if (table === 'call_texts' && done >= 500) stop.abort(new Error('enough'));
      },
    });
    await expect(stopped).rejects.toThrow('enough');

    const store = await openStore(embedded(here));
    onTestFinished(() => store.close());
    const later: string[] = [];
    const disturbed = copyStore(embedded(here), onServer(here), {
      onProgress: async ({ table }) => {
        if (table === 'calls') later.push(await store.calls.record(newCall()));
      },
    });
    await expect(disturbed).rejects.toThrow(StoreChangedError);
    expect(later.length).toBeGreaterThan(0);

    const server = await openPostgres(postgresFor(here));
    onTestFinished(() => server.close());
    for (const { name } of tablesToCopy) {
      const { rows } = await sql`select * from ${sql.table(name)} limit 1`.execute(server.read);
      expect(rows, name).toEqual([]);
    }
    await copyStore(embedded(here), onServer(here));
    expect(await saidOf(onServer(here), [...ids, ...later])).toEqual(await said(store, [...ids, ...later]));
  });

  withServer('that does not read back as it was read is not kept', async () => {
    const here = newFolder();
    await filled(embedded(here), 20);
    const from = await openLibsql(join(here, 'kolben.db'));
    const to = await openPostgres(onServer(here).postgres!);
    onTestFinished(async () => {
      await from.close();
      await to.close();
    });
    await migrate(to, migrations);
    // A server that rounds what it is given, for once.
    await sql`create function worse() returns trigger language plpgsql as
      $$ begin new.cost_nano_usd := new.cost_nano_usd / 2; return new; end $$`.execute(to.write);
    await sql`create trigger worse before insert on calls for each row execute function worse()`.execute(
      to.write,
    );
    await expect(copyDatabase(from, to)).rejects.toThrow(StoreCorruptError);
    expect((await sql`select * from calls`.execute(to.read)).rows).toEqual([]);
  });
});

describe('a backup', () => {
  /** The store of this run's kind, in a folder. */
  const own = (directory: string) => (onPostgres ? onServer(directory) : embedded(directory));

  test('made while calls are recorded restores and adds up', async () => {
    const directory = newFolder();
    const process = startRecording(directory, 0, 5_000);
    await process.reached(300);
    const file = join(newFolder(), 'backup.db');
    const before = process.acknowledged.slice();
    const report = await backupStore(own(directory), file);
    const after = process.acknowledged.length;
    process.child.kill('SIGKILL');
    await process.ended;
    expect(report.calls).toBeGreaterThanOrEqual(before.length);
    // In the midst of the others: what came while it was made is in it as far as it came before its moment.
    expect(after).toBeGreaterThanOrEqual(before.length);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(file, '..'))).toEqual(['backup.db']);

    const restored = newFolder();
    copyFileSync(join(directory, 'kolben.key'), join(restored, 'kolben.key'));
    expect(await restoreStore(file, own(restored))).toMatchObject({
      calls: report.calls,
      keyId: report.keyId,
    });
    const store = await openStore(own(restored));
    onTestFinished(() => store.close());
    for (const id of before) expect((await store.calls.get(id))?.request, id).toBeTruthy();
    expect(await store.calls.count()).toBe(report.calls);
    // The counters and the calls of one and the same moment.
    expect(await store.ledger.totals()).toEqual(await store.ledger.totals({ since: new Date(1) }));
    const examples = [];
    for await (const example of store.calls.examples('mail')) examples.push(example);
    expect(examples).toHaveLength(report.calls);
    expect(await integrity(restored)).toBe('ok');
  });

  withServer('of one kind of database restores into the other', async () => {
    const here = newFolder();
    const ids = await filled(embedded(here), 600);
    const before = await saidOf(embedded(here), ids);
    const [first, second] = [join(here, 'first.db'), join(here, 'second.db')];
    await backupStore(embedded(here), first);
    await restoreStore(first, onServer(here));
    expect(await saidOf(onServer(here), ids)).toEqual(before);
    await backupStore(onServer(here), second);
    const back = newFolder();
    copyFileSync(join(here, 'kolben.key'), join(back, 'kolben.key'));
    await restoreStore(second, embedded(back));
    expect(await saidOf(embedded(back), ids)).toEqual(before);
  });

  test('overwrites nothing, neither when it is made nor when it is put back', async () => {
    const store = await newStore();
    await store.calls.record(newCall());
    const file = join(newFolder(), 'backup.db');
    writeFileSync(file, 'mine');
    await expect(backupStore(own(store.directory), file)).rejects.toThrow(StoreBackupError);
    await expect(backupStore(own(store.directory), join(file, 'x'))).rejects.toThrow(StoreBackupError);
    rmSync(file);
    await backupStore(own(store.directory), file);
    await expect(restoreStore(file, own(store.directory))).rejects.toThrow(StoreNotEmptyError);
    expect(await store.calls.count()).toBe(1);
  });

  test('needs its key, and says so before anything is put back', async () => {
    const store = await newStore();
    await store.calls.record(newCall());
    const file = join(newFolder(), 'backup.db');
    await backupStore(own(store.directory), file);
    const restored = newFolder();
    await expect(restoreStore(file, own(restored))).rejects.toThrow(StoreKeyError);
    expect(readdirSync(restored)).toEqual([]);
    copyFileSync(join(store.directory, 'kolben.key'), join(restored, 'kolben.key'));
    expect(await restoreStore(file, own(restored))).toMatchObject({ calls: 1 });
  });

  test('that is damaged, cut off, none or not there is told from a good one', async () => {
    const store = await newStore();
    await Promise.all(Array.from({ length: 200 }, () => store.calls.record(newCall())));
    const file = join(newFolder(), 'backup.db');
    await backupStore(own(store.directory), file);
    const { size } = statSync(file);
    const attempt = async (damage: (path: string) => void) => {
      const folder = newFolder();
      const damaged = join(folder, 'damaged.db');
      copyFileSync(file, damaged);
      damage(damaged);
      const target = join(folder, 'store');
      mkdirSync(target);
      copyFileSync(join(store.directory, 'kolben.key'), join(target, 'kolben.key'));
      const error = await restoreStore(damaged, own(target)).catch((e: unknown) => e);
      expect(readdirSync(target)).toEqual(['kolben.key']);
      return error;
    };
    const { truncateSync } = await import('node:fs');
    expect(await attempt((path) => truncateSync(path, size - 8_192))).toBeInstanceOf(StoreCorruptError);
    expect(await attempt((path) => truncateSync(path, 0))).toBeInstanceOf(StoreCorruptError);
    expect(await attempt((path) => writeFileSync(path, 'Dear diary. '.repeat(500)))).toBeInstanceOf(
      StoreCorruptError,
    );
    expect(await attempt((path) => rmSync(path))).toBeInstanceOf(StoreBackupError);
  });

  test.skipIf(onPostgres)(
    'a log that lies about without its file is not read into what is put back',
    async () => {
      const store = await newStore();
      await store.calls.record(newCall());
      const file = join(newFolder(), 'backup.db');
      await backupStore(embedded(store.directory), file);
      const restored = newFolder();
      copyFileSync(join(store.directory, 'kolben.db-wal'), join(restored, 'kolben.db-wal'));
      await expect(restoreStore(file, embedded(restored))).rejects.toThrow(StoreNotEmptyError);
      expect(existsSync(join(restored, 'kolben.db'))).toBe(false);
    },
  );
});
