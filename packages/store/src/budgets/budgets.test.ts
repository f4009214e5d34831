import fc from 'fast-check';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { Recorder } from '../calls/recorder.ts';
import type { Database } from '../dialect/database.ts';
import { StoreClosedError, StoreValueError } from '../errors.ts';
import { Seal } from '../seal/seal.ts';
import type { Store } from '../store.ts';
import { newFolder, newStore, openDatabase, openStore, removeFolder } from '../testing/folders.ts';
import { newCall } from '../testing/new-call.ts';
import { startReserving } from '../testing/reserving-process.ts';
import type { NewReservation } from './budget.ts';
import { StoredBudgets } from './budgets.ts';
import type { LeaseOptions } from './leases.ts';

const at = new Date(Date.UTC(2026, 10, 28, 10, 53, 20));

function money(callId: string, differs: Partial<NewReservation> = {}): NewReservation {
  return { callId, at, task: 'mail', keyId: 'key_1', most: 0.01, budgets: { total: 1 }, ...differs };
}

/** Several stores on one database, as several processes have them. */
async function storesOn(directory: string, n: number, key?: Buffer): Promise<Store[]> {
  const stores = await Promise.all(
    Array.from({ length: n }, () => openStore({ directory, ...(key && { key }) })),
  );
  onTestFinished(async () => void (await Promise.all(stores.map((store) => store.close()))));
  return stores;
}

async function budgetsOn(directory: string, options: LeaseOptions = {}) {
  const database = await openDatabase(directory);
  const budgets = new StoredBudgets(database, options);
  onTestFinished(async () => {
    await budgets.close();
    await database.close();
  });
  return { database, budgets };
}

async function grantedOf(answers: Promise<{ granted: boolean }>[]): Promise<number> {
  return (await Promise.all(answers)).filter(({ granted }) => granted).length;
}

test('of 200 calls at once from several stores, a budget for 50 lets exactly 50 through', async () => {
  const budget = fc.record({
    subject: fc.constantFrom('total', 'task', 'key'),
    /** Nano-USD. */
    most: fc.integer({ min: 1, max: 50_000_000 }),
    /** What is left over is not enough for one more. */
    rest: fc.double({ min: 0, max: 0.999, noNaN: true }),
    stores: fc.integer({ min: 1, max: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(budget, async ({ subject, most, rest, stores: n }) => {
      const folder = newFolder();
      const stores = await storesOn(folder, n);
      const usd = (50 * most + Math.floor(most * rest)) / 1e9;
      const ids = Array.from({ length: 200 }, (_, i) => `call_${i}`);
      const storeOf = (i: number) => stores[i % n]!;
      const ask = (id: string, i: number) =>
        storeOf(i).budgets.reserve(money(id, { most: most / 1e9, budgets: { [subject]: usd } }));
      const answers = await Promise.all(ids.map(ask));
      const granted = ids.filter((_, i) => answers[i]?.granted);
      expect(granted).toHaveLength(50);
      // Recorded at what was set aside, they fill the budget, and nobody else gets in, now or later.
      await Promise.all(
        ids.map((id, i) =>
          answers[i]?.granted
            ? storeOf(i).calls.record(newCall({ id, at, cost: most / 1e9, teacherCost: most / 1e9 }))
            : undefined,
        ),
      );
      expect(await grantedOf(ids.map((id, i) => ask(`${id}_again`, i)))).toBe(0);
      const [spending] = await stores[0]!.budgets.spending('2026-11');
      expect(spending).toMatchObject({ subject: 'total', calls: 50, reserved: 0 });
      expect(Math.round(spending!.spent * 1e9)).toBe(50 * most);
      await Promise.all(stores.map((store) => store.close()));
      await removeFolder(folder);
    }),
    { numRuns: 6 },
  );
});

test('a refusal says whose budget it was, what is spent and what is set aside', async () => {
  const { budgets, calls } = await newStore();
  const limits = { total: 0.05, task: 0.03, key: 0.04 };
  const ask = (id: string) => budgets.reserve(money(id, { budgets: limits }));
  for (const id of ['a', 'b', 'c']) expect(await ask(id)).toEqual({ granted: true });
  expect(await ask('d')).toEqual({
    granted: false,
    subject: 'task',
    budget: 0.03,
    spent: 0,
    reserved: 0.03,
    final: false,
  });
  await calls.record(newCall({ id: 'a', at, cost: 0.002 }));
  expect(await ask('d')).toMatchObject({ granted: false, spent: 0.002, reserved: 0.02, final: false });
  await calls.record(newCall({ id: 'b', at, cost: 0.02 }));
  expect(await ask('d')).toMatchObject({ granted: false, spent: 0.022, reserved: 0.01, final: true });
  // Other months, tasks and keys have counters of their own.
  expect(await budgets.reserve(money('e', { budgets: limits, task: 'other', keyId: 'key_2' }))).toEqual({
    granted: true,
  });
  const december = new Date(Date.UTC(2026, 11, 1));
  expect(await budgets.reserve(money('f', { budgets: limits, at: december }))).toEqual({ granted: true });
});

test('a call that costs less than was set aside leaves the rest to others, one that costs more takes it', async () => {
  const { budgets, calls } = await newStore();
  const ask = (id: string) => budgets.reserve(money(id, { most: 0.5 }));
  expect(await grantedOf([ask('a'), ask('b'), ask('c')])).toBe(2);
  await calls.record(newCall({ id: 'a', at, cost: 0.1 }));
  expect(await ask('c')).toMatchObject({ granted: false, final: false });
  await calls.record(newCall({ id: 'b', at, cost: 0.7 }));
  expect(await ask('d')).toMatchObject({ granted: false, spent: 0.8, final: true });
  expect(await budgets.reserve(money('e', { most: 0.2 }))).toEqual({ granted: true });
});

test('what is released, or held by a store that closes, is free again', async () => {
  const directory = newFolder();
  const [first, second] = (await storesOn(directory, 2)) as [Store, Store];
  const ask = (store: Store, id: string) => store.budgets.reserve(money(id, { most: 0.5 }));
  expect(await grantedOf([ask(first, 'a'), ask(first, 'b')])).toBe(2);
  await first.budgets.release('a');
  await first.budgets.release('a');
  await first.budgets.release('never');
  expect(await ask(second, 'c')).toEqual({ granted: true });
  expect(await ask(second, 'd')).toMatchObject({ granted: false });
  await first.close();
  expect(await ask(second, 'e')).toEqual({ granted: true });
  expect((await second.budgets.spending('2026-11'))[0]).toMatchObject({ spent: 0, reserved: 1 });
});

test('what a killed process has set aside blocks for its lease and no longer', async () => {
  const directory = newFolder();
  const process = startReserving(directory, 5, at);
  await process.holding;
  let clock = 0;
  const { budgets, database } = await budgetsOn(directory, { leaseMs: 1_000, now: () => clock });
  const ask = (id: string) => budgets.reserve(money(id, { most: 0.2 }));
  process.child.kill('SIGKILL');
  await process.ended;
  expect(await ask('a')).toMatchObject({ granted: false, reserved: 1 });
  clock += 999;
  expect(await ask('a')).toMatchObject({ granted: false, reserved: 1 });
  clock += 1;
  expect(await grantedOf(['b', 'c', 'd', 'e', 'f', 'g'].map(ask))).toBe(5);
  expect(await database.read.selectFrom('instances').selectAll().execute()).toHaveLength(1);
});

test('calls of a killed process that its journal has kept settle what was set aside for them, at once', async () => {
  const directory = newFolder();
  const process = startReserving(directory, 4, at, true);
  await process.holding;
  process.child.kill('SIGKILL');
  await process.ended;
  const [store] = (await storesOn(directory, 1)) as [Store];
  const spending = async () => (await store.budgets.spending('2026-11'))[0];
  expect(await spending()).toMatchObject({ calls: 0, spent: 0, reserved: 0.8 });
  const journal = await store.openJournal();
  expect(journal.recovered).toBe(4);
  expect(await spending()).toMatchObject({ calls: 4, spent: 0.2, reserved: 0 });
  await journal.close();
});

test('a process that lives keeps what it has set aside, however long its calls take', async () => {
  const directory = newFolder();
  await storesOn(directory, 1);
  const holder = await budgetsOn(directory, { beatMs: 1 });
  let clock = 0;
  const other = await budgetsOn(directory, { leaseMs: 1_000, now: () => clock });
  expect(await holder.budgets.reserve(money('a', { most: 1 }))).toEqual({ granted: true });
  for (let i = 0; i < 5; i++) {
    expect(await other.budgets.reserve(money('b', { most: 1 }))).toMatchObject({ granted: false });
    const before = await beatOf(other.database);
    while ((await beatOf(other.database)) === before) await new Promise((next) => setTimeout(next, 1));
    clock += 5_000;
  }
});

async function beatOf(database: Database): Promise<number> {
  const row = await database.read.selectFrom('instances').select('beat').executeTakeFirstOrThrow();
  return Number(row.beat);
}

test('a process that was taken for dead charges its call once, when it records it', async () => {
  const directory = newFolder();
  const key = Buffer.alloc(32, 7);
  const [store] = (await storesOn(directory, 1, key)) as [Store];
  const slow = await budgetsOn(directory, { beatMs: 2 ** 30 });
  const recorder = new Recorder(slow.database, new Seal(key), slow.budgets);
  let clock = 0;
  const { budgets } = await budgetsOn(directory, { leaseMs: 1_000, now: () => clock });
  expect(await slow.budgets.reserve(money('a', { most: 1 }))).toEqual({ granted: true });
  expect(await budgets.reserve(money('b', { most: 1 }))).toMatchObject({ granted: false });
  clock += 1_000;
  expect(await budgets.reserve(money('b', { most: 1 }))).toEqual({ granted: true });
  await recorder.record(newCall({ id: 'a', at, cost: 0.9 }));
  expect((await store.budgets.spending('2026-11'))[0]).toMatchObject({ spent: 0.9, reserved: 1 });
  await budgets.release('b');
  expect((await store.budgets.spending('2026-11'))[0]).toMatchObject({ spent: 0.9, reserved: 0 });
});

/** What the test does to a store; each group at once, one group after the other. */
type Act =
  | { kind: 'reserve'; call: number; amount: number; store: number }
  | { kind: 'record'; call: number; amount: number; store: number; fails: boolean }
  | { kind: 'release'; call: number; store: number };

test('ledger and limits agree: whatever is recorded, twice, not at all, set aside or released', async () => {
  const call = fc.nat({ max: 15 });
  const amount = fc.nat({ max: 1_000_000_000 });
  const store = fc.nat({ max: 1 });
  const act: fc.Arbitrary<Act> = fc.oneof(
    fc.record({ kind: fc.constant('reserve' as const), call, amount, store }),
    fc.record({ kind: fc.constant('record' as const), call, amount, store, fails: fc.boolean() }),
    fc.record({ kind: fc.constant('release' as const), call, store }),
  );
  const groups = fc.array(fc.array(act, { maxLength: 12 }), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(groups, async (acts) => {
      const directory = newFolder();
      const stores = await storesOn(directory, 2);
      const database = await openDatabase(directory);
      onTestFinished(() => database.close());
      // A commit with so long a text in it fails as a whole, after its calls have been inserted.
      await failLongTexts(database);
      const reservedBy = new Map<number, number>();
      for (const group of acts) {
        await Promise.allSettled(
          group.map(async (one) => {
            const to = stores[one.store]!;
            const id = `call_${one.call}`;
            const task = one.call % 3 === 0 ? null : `task_${one.call % 3}`;
            const keyId = one.call % 4 === 0 ? null : `key_${one.call % 4}`;
            if (one.kind === 'release') return to.budgets.release(id);
            if (one.kind === 'record') {
              const content = one.fails ? 'x'.repeat(5_000) : 'x';
              const usd = one.amount / 1e9;
              return to.calls.record(
                newCall({
                  id,
                  at: new Date(at.getTime() - one.call * 5 * 86_400_000),
                  task,
                  keyId,
                  cost: usd,
                  teacherCost: 2 * usd,
                  answeredBy: one.call % 2 === 0 ? 'teacher' : 'student',
                  request: { messages: [{ role: 'user', content }] },
                }),
              );
            }
            // One reservation a call.
            if (reservedBy.has(one.call)) return;
            reservedBy.set(one.call, one.store);
            const most = one.amount / 1e9;
            return to.budgets.reserve(money(id, { task, keyId, most, budgets: { total: 3, task: 2 } }));
          }),
        );
      }
      const ledger = stores[0]!.ledger;
      const everything = { since: new Date(1) };
      // The one reads counters, the other adds up the calls.
      expect(await ledger.totals()).toEqual(await ledger.totals(everything));
      expect(await ledger.summary()).toEqual(await ledger.summary(everything));
      for (const task of ['task_1', 'task_2', 'none']) {
        expect(await ledger.totals({ task })).toEqual(await ledger.totals({ ...everything, task }));
      }
      await expectReservedToAgree(database);
      await Promise.all(stores.map((one) => one.close()));
      for (const { reserved } of await counted(database)) expect(reserved).toBe(0n);
      await allowLongTexts(database);
      await database.close();
      await removeFolder(directory);
    }),
    { numRuns: 25 },
  );
});

async function failLongTexts(database: Database): Promise<void> {
  if (database.kind === 'postgres') {
    await sql`alter table call_texts add constraint no_long_texts check (bytes <= 5000)`.execute(
      database.write,
    );
    return;
  }
  await sql`create trigger no_long_texts before insert on call_texts when new.bytes > 5000
    begin select raise(abort, 'too long for this test'); end`.execute(database.write);
}

/** So that the next case on Postgres finds tables as the store makes them. */
async function allowLongTexts(database: Database): Promise<void> {
  if (database.kind === 'postgres')
    await sql`alter table call_texts drop constraint no_long_texts`.execute(database.write);
}

async function counted(database: Database) {
  const rows = await database.read
    .selectFrom('counters')
    .select(['grain', 'period', 'task', 'key_id', 'reserved_nano_usd', 'cost_nano_usd'])
    .execute();
  return rows.map((row) => ({
    ...row,
    reserved: BigInt(row.reserved_nano_usd),
    cost: BigInt(row.cost_nano_usd),
  }));
}

/** Each counter has set aside what the open reservations of its subject add up to, and has spent what its calls cost. */
async function expectReservedToAgree(database: Database): Promise<void> {
  const open = await database.read.selectFrom('reservations').selectAll().execute();
  const calls = await database.read.selectFrom('calls').selectAll().execute();
  for (const row of await counted(database)) {
    const isMine = (task: string, keyId: string, period: string) =>
      period === row.period &&
      (row.grain === 'total' ||
        (row.grain === 'task' && row.task === task) ||
        (row.grain === 'key' && row.key_id === keyId));
    if (!['total', 'task', 'key'].includes(row.grain)) continue;
    const reserved = open
      .filter((one) => isMine(one.task, one.key_id, one.period))
      .reduce((sum, one) => sum + BigInt(one.amount), 0n);
    const spent = calls
      .filter((one) =>
        isMine(one.task ?? '', one.key_id ?? '', new Date(Number(one.at)).toISOString().slice(0, 7)),
      )
      .reduce((sum, one) => sum + BigInt(one.cost_nano_usd), 0n);
    expect(row).toMatchObject({ reserved, cost: spent });
  }
}

test('of 200 calls in one minute from several stores, a limit of 50 requests admits exactly 50', async () => {
  const stores = await storesOn(newFolder(), 3);
  const limits = { requestsPerMinute: 50 };
  const ask = (i: number, when = at) =>
    stores[i % 3]!.budgets.admit({ callId: `call_${i}`, at: when, keyId: 'key_1', tokens: 10, limits });
  const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => ask(i)));
  expect(answers.filter(({ admitted }) => admitted)).toHaveLength(50);
  expect(new Set(answers.map(({ requests }) => requests?.remaining))).toEqual(
    new Set(Array.from({ length: 50 }, (_, i) => i)),
  );
  expect(await ask(0)).toEqual({
    admitted: false,
    refusedBy: 'requests',
    requests: { limit: 50, remaining: 0 },
    resetMs: 40_000,
  });
  expect(await ask(0, new Date(at.getTime() + 40_000))).toMatchObject({ admitted: true, resetMs: 60_000 });
  const other = { callId: 'other', at, keyId: 'key_2', tokens: 10, limits };
  expect(await stores[0]!.budgets.admit(other)).toMatchObject({ requests: { remaining: 49 } });
});

test('minutes that are long over are forgotten, by the time of the calls', async () => {
  const directory = newFolder();
  await storesOn(directory, 1);
  const { budgets, database } = await budgetsOn(directory);
  const ask = (hours: number) =>
    budgets.admit({
      callId: `call_${hours}`,
      at: new Date(at.getTime() + hours * 3_600_000),
      keyId: 'key_1',
      tokens: 1,
      limits: { requestsPerMinute: 5 },
    });
  for (const hours of [0, 0.5, 1.4]) await ask(hours);
  const periods = await database.read.selectFrom('counters').select('period').orderBy('period').execute();
  expect(periods.map(({ period }) => period)).toEqual(['2026-11-28T11:23', '2026-11-28T12:17']);
});

test('tokens are counted as set aside until the call is recorded, then as used', async () => {
  const { budgets, calls } = await newStore();
  const limits = { tokensPerMinute: 1_000 };
  const ask = (callId: string, tokens = 400) => budgets.admit({ callId, at, keyId: 'key_1', tokens, limits });
  expect(await ask('a')).toMatchObject({ admitted: true, tokens: { limit: 1_000, remaining: 600 } });
  expect(await ask('b')).toMatchObject({ admitted: true, tokens: { remaining: 200 } });
  expect(await ask('c')).toMatchObject({ admitted: false, refusedBy: 'tokens', tokens: { remaining: 200 } });
  const usage = { promptTokens: 30, completionTokens: 20, estimated: false };
  await calls.record(newCall({ id: 'a', at, usage }));
  expect(await ask('c')).toMatchObject({ admitted: true, tokens: { remaining: 150 } });
  await budgets.release('b');
  expect(await ask('d', 550)).toMatchObject({ admitted: true, tokens: { remaining: 0 } });
  // Nothing of it is in the month's counters twice.
  expect(await budgets.spending('2026-11')).toMatchObject([
    { subject: 'total', calls: 1 },
    { subject: 'task', calls: 1 },
    { subject: 'key', calls: 1 },
  ]);
});

test('a closed store, and amounts that are none, are refused', async () => {
  const store = await newStore();
  await expect(store.budgets.reserve(money('a', { most: -1 }))).rejects.toThrow(StoreValueError);
  await expect(store.budgets.reserve(money('a', { budgets: { total: Number.NaN } }))).rejects.toThrow(
    StoreValueError,
  );
  const admission = { callId: 'a', at, keyId: 'key_1', tokens: 0.5, limits: {} };
  await expect(store.budgets.admit(admission)).rejects.toThrow(StoreValueError);
  await expect(store.budgets.spending('November')).rejects.toThrow(StoreValueError);
  await store.close();
  await expect(store.budgets.reserve(money('a'))).rejects.toThrow(StoreClosedError);
});
