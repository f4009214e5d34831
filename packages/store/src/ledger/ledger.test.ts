import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StoreValueError } from '../errors.ts';
import type { Answerer } from '../route.ts';
import { newStore, removeFolder } from '../testing/folders.ts';
import { newCall } from '../testing/new-call.ts';
import type { LedgerSums } from './ledger-row.ts';

const empty: LedgerSums = {
  calls: 0,
  estimatedCalls: 0,
  promptTokens: 0,
  completionTokens: 0,
  cachedTokens: 0,
  cacheWriteTokens: 0,
  reasoningTokens: 0,
  audioInputTokens: 0,
  audioOutputTokens: 0,
  cost: 0,
  teacherCost: 0,
  saved: 0,
};

test('an empty ledger has no rows and sums of zero', async () => {
  const { ledger } = await newStore();
  expect(await ledger.summary()).toEqual([]);
  expect(await ledger.totals()).toEqual(empty);
});

test('rows per task and answerer, in their order, within the time asked for', async () => {
  const store = await newStore();
  const usage = {
    promptTokens: 10,
    completionTokens: 2,
    cachedTokens: 4,
    cacheWriteTokens: 2,
    reasoningTokens: 1,
    audioInputTokens: 3,
    audioOutputTokens: 1,
    estimated: true,
  };
  const record = (task: string | null, answeredBy: Answerer, at: number, cost: number, teacherCost: number) =>
    store.calls.record(newCall({ task, answeredBy, at: new Date(at), cost, teacherCost, usage }));
  await Promise.all([
    record('b', 'cache', 1, 0, 0.5),
    record('b', 'student', 1, 0, 0.3),
    record('b', 'student', 2, 0, 0.1),
    record('b', 'teacher', 2, 0.2, 0.2),
    record('Z', 'teacher', 3, 1, 1),
    record(null, 'teacher', 4, 5, 5),
    record('ä', 'teacher', 5, 0.5, 0.25),
  ]);
  const rows = await store.ledger.summary();
  expect(rows.map(({ task, answeredBy }) => [task, answeredBy])).toEqual([
    ['Z', 'teacher'],
    ['b', 'teacher'],
    ['b', 'student'],
    ['b', 'cache'],
    ['ä', 'teacher'],
    [null, 'teacher'],
  ]);
  expect(rows[2]).toEqual({
    task: 'b',
    answeredBy: 'student',
    calls: 2,
    estimatedCalls: 2,
    promptTokens: 20,
    completionTokens: 4,
    cachedTokens: 8,
    cacheWriteTokens: 4,
    reasoningTokens: 2,
    audioInputTokens: 6,
    audioOutputTokens: 2,
    cost: 0,
    teacherCost: 0.4,
    saved: 0.4,
  });
  expect(rows[4]?.saved).toBe(-0.25);
  expect(await store.ledger.totals({ task: 'b', since: new Date(2) })).toMatchObject({
    calls: 2,
    cost: 0.2,
    teacherCost: 0.3,
  });
  expect(await store.ledger.totals({ since: new Date(2), until: new Date(4) })).toMatchObject({ calls: 3 });
  expect(await store.ledger.summary({ task: 'nothing' })).toEqual([]);
});

test('ten cents added a thousand times are a hundred dollars', async () => {
  const store = await newStore();
  await Promise.all(
    Array.from({ length: 1_000 }, () => store.calls.record(newCall({ cost: 0.1, teacherCost: 0.3 }))),
  );
  expect(await store.ledger.totals()).toMatchObject({ cost: 100, teacherCost: 300, saved: 200 });
});

test('sums are exact in nano-USD, beyond 2^53 of them too', async () => {
  const money = fc.tuple(fc.nat({ max: 999_999_999 }), fc.nat({ max: 999_999_999 }));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(money, money), { minLength: 1, maxLength: 20 }), async (calls) => {
      const store = await newStore();
      const usd = ([dollars, nanos]: [number, number]) => dollars + nanos / 1e9;
      // What a call costs is the number it was given, rounded once.
      const nanos = (amount: [number, number]) => BigInt(Math.round(usd(amount) * 1e9));
      await Promise.all(
        calls.map(([cost, teacherCost]) =>
          store.calls.record(newCall({ cost: usd(cost), teacherCost: usd(teacherCost) })),
        ),
      );
      const sum = (index: 0 | 1) => calls.reduce((total, call) => total + nanos(call[index]), 0n);
      const totals = await store.ledger.totals();
      const difference = (value: number, exact: bigint) => Math.abs(value - Number(exact) / 1e9);
      // As near as a number can be.
      expect(difference(totals.cost, sum(0))).toBeLessThanOrEqual(Math.abs(totals.cost) * 2 ** -52);
      expect(difference(totals.saved, sum(1) - sum(0))).toBeLessThanOrEqual(
        (Math.abs(totals.cost) + Math.abs(totals.saved)) * 2 ** -52,
      );
      await store.close();
      await removeFolder(store.directory);
    }),
    { numRuns: 15 },
  );
});

test('stretches of time add up to the whole, by answerer', async () => {
  const store = await newStore();
  const since = new Date(Date.UTC(2026, 10, 3, 7, 30));
  const after = (ms: number) => new Date(since.getTime() + ms);
  for (const [ms, answeredBy, cost] of [
    [-1, 'teacher', 9],
    [0, 'teacher', 1],
    [3_599_999, 'student', 0],
    [3_600_000, 'teacher', 2],
    [3_600_000, 'teacher', 4],
    [7_200_000, 'student', 9],
  ] as const)
    await store.calls.record({ ...newCall(), at: after(ms), answeredBy, cost, teacherCost: 5 });
  const filter = { since, until: after(7_200_000), stepMs: 3_600_000 };
  expect(await store.ledger.timeline(filter)).toEqual([
    { at: since, answeredBy: 'teacher', calls: 1, cost: 1, teacherCost: 5 },
    { at: since, answeredBy: 'student', calls: 1, cost: 0, teacherCost: 5 },
    { at: after(3_600_000), answeredBy: 'teacher', calls: 2, cost: 6, teacherCost: 10 },
  ]);
  expect(await store.ledger.timeline({ ...filter, task: 'none' })).toEqual([]);
  await expect(store.ledger.timeline({ ...filter, stepMs: 0.5 })).rejects.toThrow(StoreValueError);
});
