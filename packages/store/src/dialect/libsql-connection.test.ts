import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { StoreClosedError, StoreLockedError, StoreUnwritableError, StoreValueError } from '../errors.ts';
import { newFolder } from '../testing/folders.ts';
import { fromRow, LibsqlConnection } from './libsql-connection.ts';
import { toParameter } from './parameters.ts';

function connect(path = join(newFolder(), 'test.db'), patienceMs = 1_000): LibsqlConnection {
  const connection = new LibsqlConnection(path, patienceMs);
  onTestFinished(() => connection.close());
  return connection;
}

/** What the database has after a value went in and came out again, by `run` and by a query. */
async function roundTrip(value: unknown) {
  const connection = connect();
  const { rows } = await connection.execute('select ? as value, typeof(?1) as type', [value]);
  await connection.exec('create table t (value)');
  await connection.execute('insert into t values (?)', [value]);
  const stored = await connection.execute('select value, typeof(value) as type from t');
  expect(stored.rows).toEqual(rows);
  return rows[0];
}

test('the traps are real: a boolean handed to libsql itself ends the process', () => {
  const libsql = JSON.stringify(createRequire(import.meta.url).resolve('libsql/promise'));
  const script = `
    const Database = require(${libsql});
    new Database(':memory:').prepare('select ?').then((statement) => statement.all([true]));`;
  // In a folder of its own, for the system may leave a picture of the memory there.
  const { signal, stderr } = spawnSync(process.execPath, ['-e', script], {
    cwd: newFolder(),
    encoding: 'utf8',
  });
  expect(stderr).toContain('not yet implemented: bool');
  expect(signal).toBe('SIGABRT');
});

test('booleans are stored as 0 and 1', async () => {
  expect(await roundTrip(true)).toEqual({ value: 1, type: 'integer' });
  expect(await roundTrip(false)).toEqual({ value: 0, type: 'integer' });
});

test('whole numbers are stored as whole numbers, broken ones as they are', async () => {
  expect(await roundTrip(7)).toEqual({ value: 7, type: 'integer' });
  expect(await roundTrip(-0)).toEqual({ value: 0, type: 'integer' });
  expect(await roundTrip(Number.MAX_SAFE_INTEGER)).toEqual({ value: 2 ** 53 - 1, type: 'integer' });
  expect(await roundTrip(1.5)).toEqual({ value: 1.5, type: 'real' });
});

test('whole numbers beyond 2^53 come back exactly', async () => {
  for (const value of [2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)]) {
    expect(await roundTrip(value)).toEqual({ value, type: 'integer' });
  }
  expect(await roundTrip(12n)).toEqual({ value: 12, type: 'integer' });
});

test('bytes come back as a Buffer, also those from the middle of another buffer', async () => {
  const inside = Buffer.from('abcdef').subarray(2, 4);
  const row = await roundTrip(inside);
  expect(row?.type).toBe('blob');
  expect(Buffer.isBuffer(row?.value)).toBe(true);
  expect(row?.value).toEqual(Buffer.from('cd'));
  expect((await roundTrip(new Uint8Array(0)))?.value).toEqual(Buffer.alloc(0));
});

test('text comes back as it was, null and nothing as null', async () => {
  for (const text of ['', 'Grüße, 世界 🚀', "'; drop table t; --", '\ufeff\u2028\u202e']) {
    expect(await roundTrip(text)).toEqual({ value: text, type: 'text' });
  }
  expect(await roundTrip(null)).toEqual({ value: null, type: 'null' });
  expect(await roundTrip(undefined)).toEqual({ value: null, type: 'null' });
});

test.for([
  ['a Date', new Date(0)],
  ['an object', {}],
  ['an array', [1]],
  ['NaN', Number.NaN],
  ['infinity', Number.NEGATIVE_INFINITY],
  ['a number of more than 64 bits', 2n ** 63n],
  ['text with a NUL character', 'a\0b'],
  ['text with half a character', 'a\ud800b'],
  ['a symbol', Symbol('s')],
  ['a bare ArrayBuffer', new ArrayBuffer(2)],
  ['an object without a prototype', Object.create(null)],
] as const)('%s is refused before libsql sees it', async ([, value]) => {
  expect(() => toParameter(value)).toThrow(StoreValueError);
  await expect(connect().execute('select ?', [value])).rejects.toThrow(StoreValueError);
});

test('a row has its own columns and no other', () => {
  const row = { a: 1n, b: 2n ** 60n, c: new Uint8Array([5]).buffer, d: 'x', e: null, f: 0.5 };
  expect(fromRow(row)).toEqual({ a: 1, b: 2n ** 60n, c: Buffer.from([5]), d: 'x', e: null, f: 0.5 });
});

test('a write outside a transaction is one of its own, and a failed one leaves none open', async () => {
  const connection = connect();
  await connection.exec('create table t (id integer primary key)');
  expect((await connection.execute('insert into t values (?)', [1])).changes).toBe(1);
  await expect(connection.execute('insert into t values (?)', [1])).rejects.toThrow('UNIQUE');
  expect(connection.inTransaction).toBe(false);
  expect((await connection.execute('update t set id = 2 where id = 9')).changes).toBe(0);
  expect((await connection.execute('select id from t')).rows).toEqual([{ id: 1 }]);
});

test('more results than libsql fetches at once, asked for again and again', async () => {
  const connection = connect();
  for (const n of [0, 1, 99, 100, 101, 250]) {
    const { rows } = await connection.execute(
      'with recursive c(i) as (select 1 union all select i + 1 from c where i < ?) select i from c where ?1 > 0',
      [n],
    );
    expect(rows.map((row) => row.i)).toEqual(Array.from({ length: n }, (_, i) => i + 1));
  }
});

test('waiting for a lock does not keep the main thread, and ends with a clear error', async () => {
  const path = join(newFolder(), 'test.db');
  const [first, second] = [connect(path), connect(path, 300)];
  await first.exec('begin immediate');
  let turns = 0;
  const timer = setInterval(() => turns++, 5);
  const error = await second.execute('create table t (a)').catch((e: unknown) => e);
  clearInterval(timer);
  expect(error).toBeInstanceOf(StoreLockedError);
  expect((error as Error).message).toMatch(/kept locked by another process for 0\.3 seconds; wait until/);
  expect(turns).toBeGreaterThan(0);
});

test('many that wait for one lock in one process do not keep its holder from going on', async () => {
  const path = join(newFolder(), 'test.db');
  const connections = Array.from({ length: 12 }, () => connect(path, 60_000));
  await connections[0]!.exec('pragma journal_mode = wal');
  await connections[0]!.exec('create table t (a)');
  await Promise.all(
    connections.map(async (connection) => {
      await connection.exec('begin immediate');
      await connection.execute('insert into t values (1)');
      await connection.exec('commit');
    }),
  );
  expect((await connections[0]!.execute('select count(*) as n from t')).rows).toEqual([{ n: 12 }]);
});

test('a file that cannot be opened, and a connection that is closed, say so', async () => {
  expect(() => new LibsqlConnection(join(newFolder(), 'nowhere', 'test.db'), 10)).toThrow(
    StoreUnwritableError,
  );
  const connection = connect();
  connection.close();
  connection.close();
  await expect(connection.execute('select 1')).rejects.toThrow(StoreClosedError);
  await expect(connection.exec('select 1')).rejects.toThrow(StoreClosedError);
});
