// What is Postgres' own: values, collation, the lock, lost connections, refusals. What the store does with it is tested
// by the store's own tests, which run against both kinds of database.
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { inspect } from 'node:util';
import { type Kysely, sql } from 'kysely';
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { tcpProxy } from '../../../../test/tcp-proxy.ts';
import {
  StoreClosedError,
  StoreLockedError,
  StoreRefusedError,
  StoreTimeoutError,
  StoreUnreachableError,
  StoreValueError,
} from '../errors.ts';
import { migrate } from '../migrations/migrate.ts';
import { migrations } from '../migrations/migrations.ts';
import type { PostgresOptions } from '../postgres-options.ts';
import type { Schema } from '../schema.ts';
import { newFolder } from '../testing/folders.ts';
import { asSuperuser, dropSchema, noPostgres, postgresFor, postgresUrl } from '../testing/postgres.ts';
import type { Database } from './database.ts';
import { openPostgres } from './open-postgres.ts';
import { postgresAddress, wholeOrDigits } from './postgres-address.ts';

let reason: string | undefined;
beforeAll(async () => {
  reason = await noPostgres();
  if (reason !== undefined && process.env.KOLBEN_TEST_REQUIRE === '1') throw new Error(reason);
});
beforeEach(({ skip }) => {
  if (reason !== undefined) skip(`no Postgres server to test with (${reason})`);
});

function newPlace(): PostgresOptions & { schema: string } {
  const place = postgresFor(newFolder());
  onTestFinished(() => dropSchema(place.schema));
  return place;
}

async function opened(place: PostgresOptions = newPlace(), more: Partial<PostgresOptions> = {}) {
  const database = await openPostgres({ ...place, ...more });
  onTestFinished(() => database.close());
  return database;
}

/** With a table `t` of one counter, at 0. */
async function counting(place = newPlace(), more: Partial<PostgresOptions> = {}): Promise<Database> {
  const database = await opened(place, more);
  await sql`create table t (n bigint not null)`.execute(database.write);
  await sql`insert into t values (0)`.execute(database.write);
  return database;
}

const count = async (db: Kysely<Schema>) =>
  (await sql<{ n: number }>`select n from t`.execute(db)).rows[0]!.n;

/** Reads, waits a moment, writes: what would be lost if two could be between both. */
const addOne = (database: Database) =>
  database.exclusively(async (transaction) => {
    const n = await count(transaction);
    await wait(1);
    await sql`update t set n = ${n + 1}`.execute(transaction);
    return n;
  });

async function failureOf(work: Promise<unknown>): Promise<Error> {
  const error = await work.catch((e: unknown) => e);
  expect(error).toBeInstanceOf(Error);
  return error as Error;
}

/** The same URL, by another way. */
function by(differs: {
  port?: number;
  host?: string;
  user?: string;
  password?: string;
  database?: string;
}): string {
  const url = new URL(postgresUrl);
  if (differs.host !== undefined) url.hostname = differs.host;
  if (differs.port !== undefined) url.port = `${differs.port}`;
  if (differs.user !== undefined) url.username = differs.user;
  if (differs.password !== undefined) url.password = differs.password;
  if (differs.database !== undefined) url.pathname = `/${differs.database}`;
  return url.href;
}

async function wired(place = newPlace(), more: Partial<PostgresOptions> = {}) {
  const { hostname, port } = new URL(postgresUrl);
  const wire = await tcpProxy(hostname, Number(port || 5432));
  const database = await counting({ ...place, url: by({ host: '127.0.0.1', port: wire.port }) }, more);
  return { wire, database };
}

describe('values', () => {
  test('come back as they went in, and what another database would change is refused', async () => {
    const { write: db } = await opened();
    await sql`create table v (whole bigint, broken double precision, words text, bytes bytea)`.execute(db);
    const rows = [
      [2n ** 63n - 1n, 0.1 + 0.2, 'Grüße, 世界 🚀', Buffer.from([0, 1, 255])],
      [-(2n ** 63n), 5e-324, '', Buffer.alloc(0)],
      [2 ** 53 - 1, 1.7976931348623157e308, "'; drop table v; --", Buffer.from('abcdef').subarray(2, 4)],
      [true, 7, '\ufeff\u2028\u202e', new Uint8Array([9])],
      [null, undefined, null, null],
    ];
    for (const [whole, broken, words, bytes] of rows)
      await sql`insert into v values (${whole}, ${broken}, ${words}, ${bytes})`.execute(db);
    const back = await sql`select * from v`.execute(db);
    expect(back.rows).toEqual([
      { whole: 2n ** 63n - 1n, broken: 0.1 + 0.2, words: 'Grüße, 世界 🚀', bytes: Buffer.from([0, 1, 255]) },
      { whole: -(2n ** 63n), broken: 5e-324, words: '', bytes: Buffer.alloc(0) },
      {
        whole: 2 ** 53 - 1,
        broken: 1.7976931348623157e308,
        words: "'; drop table v; --",
        bytes: Buffer.from('cd'),
      },
      { whole: 1, broken: 7, words: '\ufeff\u2028\u202e', bytes: Buffer.from([9]) },
      { whole: null, broken: null, words: null, bytes: null },
    ]);
    for (const value of [new Date(0), {}, [1], Number.NaN, 2n ** 63n, 'a\0b', 'a\ud800b', Symbol('s')])
      await expect(sql`select ${value}`.execute(db)).rejects.toThrow(StoreValueError);
    // A sum of whole numbers is `numeric` in Postgres, and exact.
    const { rows: sums } = await sql`select sum(whole) as sum from v where whole > 0`.execute(db);
    expect(sums).toEqual([{ sum: 2n ** 63n - 1n + 2n ** 53n }]);
    expect(wholeOrDigits('1.50')).toBe('1.50');
  });

  test('text is ordered by its bytes, whatever the language of the database', async () => {
    const place = newPlace();
    const database = await opened(place);
    await migrate(database, migrations);
    const collations = await asSuperuser(
      `select distinct collation_name as name from information_schema.columns
        where table_schema = $1 and data_type = 'text'`,
      [place.schema],
    );
    expect(collations).toEqual([{ name: 'C' }]);
  });
});

describe('the lock', () => {
  test('many who read, think and write lose nothing, over several pools and with reads meanwhile', async () => {
    const place = newPlace();
    const first = await counting(place);
    const databases = [first, await opened(place), await opened(place)];
    const before = await Promise.all(
      databases.flatMap((database) => Array.from({ length: 25 }, () => addOne(database))),
    );
    expect(before.sort((a, b) => a - b)).toEqual(Array.from({ length: 75 }, (_, i) => i));
    expect(await count(first.read)).toBe(75);
  });

  test('is not felt by who reads, and is free again when a work fails', async () => {
    const database = await counting();
    await expect(
      database.exclusively(async (transaction) => {
        await sql`update t set n = 5`.execute(transaction);
        expect(await count(database.read)).toBe(0);
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    expect(await addOne(database)).toBe(0);
  });

  test('who waits too long is told so', async () => {
    const place = newPlace();
    const holder = await counting(place);
    const waiter = await opened(place, { patienceMs: 100 });
    const error = await holder.exclusively(() => failureOf(addOne(waiter)));
    expect(error).toBeInstanceOf(StoreLockedError);
    expect(error.message).toMatch(/was kept locked by another process for 0\.1 seconds; wait until/);
    expect(await addOne(waiter)).toBe(0);
  });

  test('a statement that failed takes the transaction with it, also where its error was passed over', async () => {
    const database = await counting();
    const passedOver = database.exclusively(async (transaction) => {
      await sql`update t set n = 7`.execute(transaction);
      await sql`select nonsense`.execute(transaction).catch(() => {});
    });
    await expect(passedOver).rejects.toThrow('nothing of it was committed');
    expect(await count(database.read)).toBe(0);
  });

  test('a job of a name is done by one at a time, and by another after it', async () => {
    const place = newPlace();
    const [one, other] = [await opened(place), await opened(place)];
    const outcome = await one.alone('retention', async () => {
      expect(await other.alone('retention', async () => 'twice')).toBeUndefined();
      expect(await other.alone('watch', async () => 'beside')).toEqual({ result: 'beside' });
      return 'once';
    });
    expect(outcome).toEqual({ result: 'once' });
    await expect(one.alone('retention', () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(await other.alone('retention', async () => 'after')).toEqual({ result: 'after' });
  });

  test('a snapshot sees one moment', async () => {
    const database = await counting();
    await database.snapshot(async (db) => {
      expect(await count(db)).toBe(0);
      await addOne(database);
      expect(await count(db)).toBe(0);
    });
    await expect(database.snapshot((db) => sql`update t set n = 9`.execute(db))).rejects.toThrow('read-only');
    expect(await count(database.read)).toBe(1);
  });
});

describe('a connection that is lost', () => {
  test('while nobody used it is made anew', async () => {
    const { wire, database } = await wired();
    for (let round = 0; round < 3; round++) {
      wire.cut();
      expect(await count(database.read)).toBe(round);
      wire.cut();
      expect(await addOne(database)).toBe(round);
    }
  });

  test('in the midst of a work has it done again, once', async () => {
    const { wire, database } = await wired();
    let attempts = 0;
    await database.exclusively(async (transaction) => {
      attempts++;
      await sql`update t set n = n + 1`.execute(transaction);
      if (attempts < 3) wire.cut();
      await sql`select 1`.execute(transaction);
    });
    expect(attempts).toBe(3);
    expect(await count(database.read)).toBe(1);
  });

  test.for(['cut', 'pass and cut'] as const)(
    'at the commit (%s): the server is asked what became of it, and nothing is done twice',
    async (verdict) => {
      const { wire, database } = await wired();
      let [attempts, cuts] = [0, 0];
      wire.watch = (sent) => {
        if (!sent.includes('commit') || cuts > 0) return 'pass';
        cuts++;
        return verdict;
      };
      const result = await database.exclusively(async (transaction) => {
        attempts++;
        await sql`update t set n = n + 1`.execute(transaction);
        return 'done';
      });
      expect(result).toBe('done');
      expect(cuts).toBe(1);
      expect(attempts).toBe(verdict === 'cut' ? 2 : 1);
      expect(await count(database.read)).toBe(1);
    },
  );

  test('to a server that is away for a moment is waited for, and given up after a while', async () => {
    const { wire, database } = await wired();
    wire.isDown = true;
    wire.cut();
    const waiting = addOne(database);
    await wait(300);
    wire.isDown = false;
    expect(await waiting).toBe(0);

    const hurried = await wired(newPlace(), { patienceMs: 50 });
    hurried.wire.isDown = true;
    hurried.wire.cut();
    const error = await failureOf(addOne(hurried.database));
    expect(error).toBeInstanceOf(StoreUnreachableError);
    hurried.wire.isDown = false;
    expect(await addOne(hurried.database)).toBe(0);
  });

  test('by the server itself, as at its restart, is made anew', async () => {
    const place = newPlace();
    const url = new URL(postgresUrl);
    url.searchParams.set('application_name', place.schema);
    const database = await counting({ ...place, url: url.href });
    await asSuperuser('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [
      place.schema,
    ]);
    expect(await addOne(database)).toBe(0);
    expect(await count(database.read)).toBe(1);
  });
});

describe('what is refused says the way out', () => {
  test('a server that is not there', async () => {
    const error = await failureOf(openPostgres({ url: 'postgres://me:hunter2@127.0.0.1:1/kolben' }));
    expect(error).toBeInstanceOf(StoreUnreachableError);
    expect(error.message).toBe(
      "The database server of 127.0.0.1:1/kolben can't be reached (ECONNREFUSED); look whether it runs, and whether " +
        'its address is right.',
    );
    expect(inspect(error, { depth: 9 })).not.toContain('hunter2');
  });

  test('a database that is not there', async () => {
    const error = await failureOf(openPostgres({ url: by({ database: 'kolben_nowhere' }) }));
    expect(error).toBeInstanceOf(StoreRefusedError);
    expect(error.message).toMatch(
      /^There is no database kolben_nowhere on the server of .*; make it \(createdb kolben_nowhere\)/,
    );
  });

  // The server of the tests trusts everybody; so the words of one that doesn't are played back.
  test.for([
    ['28P01', 'password authentication failed for user "me"', StoreRefusedError, /lets the user me not in/],
    [
      '53300',
      'sorry, too many clients already',
      StoreUnreachableError,
      /raise its max_connections, or lower poolSize/,
    ],
    [
      '57P03',
      'the database system is starting up',
      StoreUnreachableError,
      /closed the connection .*try again/,
    ],
  ] as const)('%s: %s', async ([code, says, kind, message]) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => {
        const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${says}\0\0`);
        const head = Buffer.from('E....');
        head.writeInt32BE(fields.length + 4, 1);
        socket.end(Buffer.concat([head, fields]));
      });
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    onTestFinished(() => void server.close());
    const address = server.address() as { port: number };
    const error = await failureOf(
      openPostgres({ url: `postgres://me:hunter2@127.0.0.1:${address.port}/kolben` }),
    );
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toMatch(message);
    expect(inspect(error, { depth: 9 })).not.toContain('hunter2');
  });

  test('an address that is none, without showing what it holds', async () => {
    for (const url of ['hunter2', 'mysql://me:hunter2@db/x', 'postgres://me:hunter2@@:x/']) {
      const error = await failureOf(openPostgres({ url }));
      expect(error).toBeInstanceOf(StoreRefusedError);
      expect(error.message).toContain('is no URL such as postgres://user:password@host:5432/database');
      expect(inspect(error, { depth: 9 })).not.toContain('hunter2');
    }
    await expect(openPostgres({ url: postgresUrl, schema: 'a b' })).rejects.toThrow(StoreValueError);
  });

  test('a user who may not make the schema, and one who may not write it', async () => {
    const place = newPlace();
    const user = `${place.schema}_user`;
    await asSuperuser(`create role ${user} login`);
    onTestFinished(() => asSuperuser(`drop role ${user}`).then(() => {}));
    const url = by({ user });
    const error = await failureOf(openPostgres({ ...place, url }));
    expect(error).toBeInstanceOf(StoreRefusedError);
    expect(error.message).toContain(
      `run there as its owner: create schema ${place.schema} authorization ${user}`,
    );

    await asSuperuser(`create schema ${place.schema}`);
    await asSuperuser(`grant usage on schema ${place.schema} to ${user}`);
    const database = await openPostgres({ ...place, url });
    const refusal = await failureOf(migrate(database, migrations));
    await database.close();
    expect(refusal).toBeInstanceOf(StoreRefusedError);
    expect(refusal.message).toMatch(/may not do this in .* make it the owner of the schema/);
    await dropSchema(place.schema);
  });

  test('a query that takes too long', async () => {
    const database = await opened(newPlace(), { statementTimeoutMs: 50 });
    const error = await failureOf(sql`select pg_sleep(30)`.execute(database.read));
    expect(error).toBeInstanceOf(StoreTimeoutError);
    expect(error.message).toMatch(/took longer than 0\.05 seconds for a query; ask for less/);
    // A work that may take long has no such limit, nor has what comes after it got none.
    await database.exclusively((transaction) => sql`select pg_sleep(0.1)`.execute(transaction), {
      patient: true,
    });
    await expect(sql`select pg_sleep(30)`.execute(database.write)).rejects.toThrow(StoreTimeoutError);
  });

  test('a store that is closed', async () => {
    const database = await counting();
    const under = addOne(database);
    await database.close();
    await database.close();
    expect(await under).toBe(0);
    await expect(count(database.read)).rejects.toThrow(StoreClosedError);
    await expect(addOne(database)).rejects.toThrow(StoreClosedError);
  });

  test('a network without TLS, unless it is this machine or the URL says so', () => {
    const isTls = (url: string) => postgresAddress({ url }).config.ssl !== undefined;
    expect(isTls('postgres://me@127.0.0.1/kolben')).toBe(false);
    expect(isTls('postgres://me@localhost/kolben')).toBe(false);
    expect(isTls('postgres:///kolben?host=/var/run/postgresql')).toBe(false);
    expect(isTls('postgres://me@db.example/kolben')).toBe(true);
    expect(isTls('postgres://me@db.example/kolben?sslmode=disable')).toBe(false);
  });

  test('a server that speaks no TLS where it is wanted', async ({ skip }) => {
    const [row] = await asSuperuser("select current_setting('ssl') as ssl");
    if (row?.ssl === 'on') skip('the server of the tests speaks TLS');
    const url = new URL(postgresUrl);
    url.searchParams.set('sslmode', 'verify-full');
    const error = await failureOf(openPostgres({ url: url.href }));
    expect(error).toBeInstanceOf(StoreRefusedError);
    expect(error.message).toMatch(/speaks no TLS; .* add \?sslmode=disable/);
  });
});
