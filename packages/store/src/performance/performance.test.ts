import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { CallExistsError, StoreValueError } from '../errors.ts';
import { newFolder, newStore, openStore } from '../testing/folders.ts';
import { newCall } from '../testing/new-call.ts';

const at = (day: number) => new Date(Date.UTC(2026, 0, day));

test('providers: what failed, when last and with what, and how fast the others were', async () => {
  const store = await newStore();
  expect(await store.performance.ofProviders()).toEqual([]);
  const failed = (code: string, day: number) =>
    newCall({
      status: 'error',
      at: at(day),
      response: null,
      error: { code, message: 'no' },
      latencyMs: 9_000,
    });
  await Promise.all(
    [
      ...[10, 20, 30, 40].map((latencyMs, i) => newCall({ latencyMs, at: at(i + 1) })),
      failed('upstream_timeout', 2),
      failed('upstream_timeout', 5),
      failed('upstream_error', 3),
      newCall({ status: 'aborted', at: at(4), latencyMs: 1 }),
      newCall({ provider: 'other', latencyMs: 7, at: at(1) }),
      newCall({ provider: null, model: null, at: at(1) }),
      newCall({ answeredBy: 'student', provider: 'acme', at: at(9), latencyMs: 1 }),
    ].map((call) => store.calls.record(call)),
  );
  expect(await store.performance.ofProviders()).toEqual([
    {
      ...{ provider: 'acme', asked: 8, failed: 3, passedOn: 0, aborted: 1, meanFailedMs: 9_000 },
      errorCodes: [
        { code: 'upstream_timeout', times: 2 },
        { code: 'upstream_error', times: 1 },
      ],
      lastError: { at: at(5), code: 'upstream_timeout' },
      lastAnswer: at(4),
      latency: { calls: 4, p50: 20, p95: 40, p99: 40 },
    },
    {
      ...{ provider: 'other', asked: 1, failed: 0, passedOn: 0, aborted: 0, meanFailedMs: null },
      ...{ errorCodes: [], lastError: null },
      ...{ lastAnswer: at(1), latency: { calls: 1, p50: 7, p95: 7, p99: 7 } },
    },
  ]);
  expect(await store.performance.ofProviders({ since: at(5) })).toMatchObject([
    { provider: 'acme', asked: 1, failed: 1, latency: null, lastAnswer: null },
  ]);
});

test('providers: failures before another try count for who failed, whoever answered, and once', async () => {
  const directory = newFolder();
  const store = await openStore({ directory });
  onTestFinished(() => store.close());
  const failed = (day: number, code = 'provider_error', provider = 'acme') => ({
    ...{ provider, at: at(day), code, tookMs: 300 },
  });
  const fellBack = newCall({
    ...{ id: 'call_1', provider: 'spare', at: at(2), latencyMs: 1_000, waitedMs: 900 },
    failedBefore: [failed(2), failed(2), failed(2, 'provider_too_slow')],
  });
  await store.calls.record(fellBack);
  await expect(store.calls.record(fellBack)).rejects.toThrow(CallExistsError);
  await expect(store.calls.record(newCall({ failedBefore: [{ ...failed(3), tookMs: -1 }] }))).rejects.toThrow(
    StoreValueError,
  );
  // By way of the journal, and of a process that was killed before it could write more.
  const journal = await store.openJournal();
  await journal.accept(newCall({ provider: 'spare', at: at(3), failedBefore: [failed(3)] }));
  await journal.close();
  await (await store.openJournal()).close();
  // In the background, to audit a student.
  const student = { id: 's', digest: 'd' };
  const usage = { promptTokens: 1, completionTokens: 1, cost: 0 };
  await store.watches.record(
    {
      ...{ callId: 'call_1', task: 'mail', student, agreed: null, provider: 'acme', model: 'large' },
      ...{ response: null, errorCode: 'provider_error', ...usage, failedBefore: [failed(1)] },
    },
    () => ({ state: {}, rung: false, figures: {} }) as never,
  );
  expect(await store.performance.ofProviders()).toMatchObject([
    {
      ...{ provider: 'acme', asked: 6, failed: 6, passedOn: 5, meanFailedMs: 300, latency: null },
      errorCodes: [
        { code: 'provider_error', times: 5 },
        { code: 'provider_too_slow', times: 1 },
      ],
    },
    { provider: 'spare', asked: 2, failed: 0, latency: { calls: 2, p50: 100 } },
  ]);
  const [acme] = await store.performance.ofProviders({ since: at(3) });
  expect(acme).toMatchObject({ asked: 2, passedOn: 1 });
});

test('a task: tokens, span and speed of who answered, without labelling, caches and failures', async () => {
  const store = await newStore();
  const usage = { promptTokens: 100, completionTokens: 4, cachedTokens: 30, estimated: false };
  await Promise.all(
    [
      newCall({ usage, at: at(1), latencyMs: 100 }),
      newCall({ usage, at: at(3), latencyMs: 300, drawn: 'escalated' }),
      newCall({ usage, at: at(2), latencyMs: 4, answeredBy: 'student', provider: null, model: null }),
      newCall({ usage, drawn: 'random' }),
      newCall({ usage, drawn: 'chosen' }),
      newCall({ usage, answeredBy: 'cache' }),
      newCall({ usage, status: 'aborted' }),
      newCall({ usage, task: 'other' }),
    ].map((call) => store.calls.record(call)),
  );
  expect(await store.performance.ofTask('mail')).toEqual([
    {
      ...{ answeredBy: 'teacher', calls: 2, promptTokens: 200, completionTokens: 8, cachedTokens: 60 },
      ...{ first: at(1), last: at(3), meanLatencyMs: 200 },
      latency: { calls: 2, p50: 100, p95: 300, p99: 300 },
    },
    {
      ...{ answeredBy: 'student', calls: 1, promptTokens: 100, completionTokens: 4, cachedTokens: 30 },
      ...{ first: at(2), last: at(2), meanLatencyMs: 4 },
      latency: { calls: 1, p50: 4, p95: 4, p99: 4 },
    },
  ]);
  expect(await store.performance.ofTask('nothing')).toEqual([]);
});

test('ranks are those of the sorted list', async () => {
  const store = await newStore();
  let lists = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 50 }), { minLength: 1, maxLength: 120 }), async (latencies) => {
      // Each list is another provider's.
      const provider = `provider_${lists++}`;
      await Promise.all(latencies.map((latencyMs) => store.calls.record(newCall({ provider, latencyMs }))));
      const sorted = [...latencies].sort((a, b) => a - b);
      const nearest = (share: number) => sorted.find((_, i) => (i + 1) / sorted.length >= share);
      const all = await store.performance.ofProviders();
      expect(all.find((one) => one.provider === provider)?.latency).toEqual({
        calls: sorted.length,
        p50: nearest(0.5),
        p95: nearest(0.95),
        p99: nearest(0.99),
      });
    }),
    { numRuns: 12 },
  );
});
