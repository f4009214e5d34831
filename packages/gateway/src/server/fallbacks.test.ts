/**
 * Who is asked after whom: retries, fallbacks, the breaker, the fence.
 */
import { expect, onTestFinished, test } from 'vitest';
import { type TestOptions, testGateway } from '../testing/gateway-in-test.ts';
import {
  type Behaviour,
  completion,
  type MockProvider,
  mockProvider,
  plainly,
  streaming,
} from '../testing/mock-provider.ts';

const messages = [{ role: 'user' as const, content: 'You win a prize' }];
const ask = { model: 'kolben/mail', messages };
const down = plainly({ error: { message: 'overloaded' } }, 503);
const quick = { times: 2, baseMs: 1, mostMs: 20 };

/** Behaves so the first times, and then otherwise. */
function first(times: number, behaviour: Behaviour, then: Behaviour): Behaviour {
  let asked = 0;
  return (answer, request) => (asked++ < times ? behaviour : then)(answer, request);
}

/** A gateway with the provider `mock` and its fallback `second/small`, at twice its price. */
async function withSecond(
  mock: Behaviour,
  second: Behaviour,
  { provider, task, ...options }: TestOptions = {},
  ofSecond: object = {},
) {
  const other: MockProvider = await mockProvider(second, onTestFinished);
  const prices = { inputPerMillion: 4, outputPerMillion: 16 };
  const gateway = await testGateway(mock, {
    ...options,
    provider: { retries: { times: 0 }, ...provider },
    task: { fallbacks: ['second/small'], ...task },
    providers: {
      second: { baseUrl: other.url, retries: { times: 0 }, prices: { small: prices }, ...ofSecond },
    },
  });
  return { ...gateway, second: other };
}

test.each<[string, Behaviour]>([
  ['says 429', plainly({ error: { message: 'slow down' } }, 429)],
  ['says 500', plainly({ error: { message: 'oops' } }, 500)],
  ['says 529', plainly({ error: { message: 'overloaded' } }, 529)],
  ['hangs up before its first byte', (answer) => answer.destroy()],
])('a provider that %s is asked again, and then answers', async (_what, failing) => {
  const { client, provider, calls, events } = await testGateway(
    first(2, failing, plainly(completion('spam'))),
    { provider: { retries: quick } },
  );
  expect((await client.chat.completions.create(ask)).choices[0]?.message.content).toBe('spam');
  expect(provider.asked).toHaveLength(3);
  // The same words each time.
  expect(new Set(provider.asked.map(({ text }) => text)).size).toBe(1);
  expect(await calls()).toHaveLength(1);
  expect(events.filter(({ event }) => event === 'provider_failed')).toHaveLength(2);
});

test('silence is tried again too, and what it may have cost is charged', async () => {
  const { client, provider, calls } = await testGateway(
    first(1, () => {}, plainly(completion('spam'))),
    { provider: { retries: quick, timeouts: { firstByteMs: 60 } } },
  );
  await client.chat.completions.create(ask);
  expect(provider.asked).toHaveLength(2);
  // 40 tokens at 2, of them 10 at 0.5, and 2 at 8 USD per million; and 4 estimated ones of the prompt before.
  expect((await calls())[0]?.cost).toBeCloseTo((30 * 2 + 10 * 0.5 + 2 * 8 + 4 * 2) / 1e6, 12);
});

test('a stream that hasn’t begun is tried again, one that has begun isn’t', async () => {
  const { client, provider, chat } = await testGateway(first(1, down, streaming(['sp', 'am'])), {
    provider: { retries: quick },
  });
  const stream = client.chat.completions.stream(ask);
  expect(await stream.finalContent()).toBe('spam');
  expect(provider.asked).toHaveLength(2);
  provider.behave((answer) => {
    answer.writeHead(200, { 'content-type': 'text/event-stream' });
    answer.write('data: {"choices":[{"index":0,"delta":{"content":"sp"}}]}\n\n', () => answer.destroy());
  });
  expect(await (await chat({ ...ask, stream: true })).text()).toContain('provider_broke_off');
  expect(provider.asked).toHaveLength(3);
});

test.each([400, 413, 422])('what is wrong with the request (%i) is nobody’s to try again', async (status) => {
  const { client, provider, second } = await withSecond(
    plainly({ error: { message: 'no' } }, status),
    plainly(completion('spam')),
    { provider: { retries: quick } },
  );
  await expect(client.chat.completions.create(ask)).rejects.toMatchObject({ status });
  expect([provider.asked.length, second.asked.length]).toEqual([1, 0]);
});

test.each<[string, Behaviour]>([
  ['refuses the key', plainly({}, 401)],
  ['has no money left', plainly({ error: { message: 'pay', code: 'insufficient_quota' } }, 429)],
  ['doesn’t know the model', plainly({ error: { message: 'no such model' } }, 404)],
  ['redirects', plainly({}, 307, { location: 'http://127.0.0.1:9/' })],
])('a provider that %s isn’t asked again; the fallback is', async (_what, failing) => {
  const { client, provider, second } = await withSecond(failing, plainly(completion('ham')), {
    provider: { retries: quick },
  });
  expect((await client.chat.completions.create(ask)).choices[0]?.message.content).toBe('ham');
  expect([provider.asked.length, second.asked.length]).toEqual([1, 1]);
});

test('the fallback gets its own model, and record, headers and charge say who answered', async () => {
  const { client, second, calls, provider } = await withSecond(down, plainly(completion('ham')));
  const { response } = await client.chat.completions.create(ask).withResponse();
  expect(provider.asked[0]?.body.model).toBe('big-1');
  expect(second.asked[0]?.body.model).toBe('small');
  expect(second.asked[0]?.headers.authorization).toBeUndefined();
  const [call] = await calls();
  expect(call).toMatchObject({ answeredBy: 'teacher', provider: 'second', model: 'small', status: 'ok' });
  expect(call?.cost).toBeCloseTo((40 * 4 + 2 * 16) / 1e6, 12);
  expect(response.headers.get('x-kolben-provider')).toBe('second');
  expect(response.headers.get('x-kolben-model')).toBe('small');
  expect(response.headers.get('x-kolben-cost-usd')).toBe('0.000192');
});

test('who failed before somebody answered is told of, with how and how long', async () => {
  const { client, calls, store } = await withSecond(
    first(3, down, plainly(completion('spam'))),
    plainly(completion('ham')),
    { provider: { retries: { ...quick, times: 1 } } },
  );
  for (let i = 0; i < 2; i++) await client.chat.completions.create(ask);
  expect((await calls()).map(({ provider }) => provider).sort()).toEqual(['mock', 'second']);
  const [mock, second] = await store.performance.ofProviders();
  // Twice before the fallback answered, and once before it answered itself.
  expect(mock).toMatchObject({
    ...{ provider: 'mock', asked: 4, failed: 3, passedOn: 3, aborted: 0, latency: { calls: 1 } },
    errorCodes: [{ code: 'provider_error', times: 3 }],
    lastError: { code: 'provider_error' },
  });
  expect(mock!.meanFailedMs).toBeGreaterThan(0);
  expect(second).toMatchObject({
    provider: 'second',
    asked: 1,
    failed: 0,
    passedOn: 0,
    latency: { calls: 1 },
  });
  const fellBack = (await calls()).find(({ provider }) => provider === 'second')!;
  // Without the time that the other one and the pause took.
  expect(second!.latency!.p50).toBeLessThan(fellBack.latencyMs);
});

test('all fail: the last one’s word, and its name', async () => {
  const { chat, calls, store } = await withSecond(down, plainly({ error: { message: 'me too' } }, 500));
  const response = await chat(ask);
  expect(response.status).toBe(500);
  expect(await response.json()).toMatchObject({ error: { message: 'me too' } });
  expect(response.headers.get('x-kolben-provider')).toBe('second');
  expect((await calls())[0]).toMatchObject({ provider: 'second', status: 'error', cost: 0 });
  expect(await store.performance.ofProviders()).toMatchObject([
    { provider: 'mock', asked: 1, failed: 1, passedOn: 1 },
    { provider: 'second', asked: 1, failed: 1, passedOn: 0 },
  ]);
});

test('a provider that wants to be left alone for long is: the fallback answers at once', async () => {
  const { client, provider, second } = await withSecond(
    plainly({ error: { message: 'slow down' } }, 429, { 'retry-after': '3600' }),
    plainly(completion('ham')),
    { provider: { retries: { ...quick, times: 5 } } },
  );
  expect((await client.chat.completions.create(ask)).choices[0]?.message.content).toBe('ham');
  expect([provider.asked.length, second.asked.length]).toEqual([1, 1]);
});

test('a client that leaves during a pause leaves nothing running', async () => {
  const { gateway, secret, provider, calls } = await testGateway(down, {
    provider: { retries: { times: 9, baseMs: 3_000_000, mostMs: 3_600_000 } },
  });
  const leaving = new AbortController();
  const asking = fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}` },
    body: JSON.stringify(ask),
    signal: leaving.signal,
  });
  asking.catch(() => {});
  while (provider.asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  await provider.asked[0]?.over;
  leaving.abort();
  await expect(asking).rejects.toThrow();
  while ((await calls()).length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  expect(await calls()).toMatchObject([{ status: 'aborted', cost: 0 }]);
});

test('a provider that fails again and again is left alone', async () => {
  const breaker = { failures: 3, windowMs: 3_600_000, openMs: 3_600_000 };
  const { client, provider, second, events } = await withSecond(down, plainly(completion('ham')), {
    provider: { breaker },
  });
  for (let i = 0; i < 6; i += 1) await client.chat.completions.create(ask);
  expect([provider.asked.length, second.asked.length]).toEqual([3, 6]);
  expect(events).toContainEqual(
    expect.objectContaining({ event: 'provider_suspended', provider: 'mock', forMs: 3_600_000 }),
  );
});

test('unless it is to be asked always', async () => {
  const { client, provider } = await withSecond(down, plainly(completion('ham')), {
    provider: { breaker: false },
  });
  for (let i = 0; i < 8; i += 1) await client.chat.completions.create(ask);
  expect(provider.asked).toHaveLength(8);
});

test('where all are left alone, the client is told for how long', async () => {
  const { chat, provider, calls } = await testGateway(down, {
    provider: { breaker: { failures: 1, windowMs: 60_000, openMs: 30_000 } },
  });
  expect((await chat(ask)).status).toBe(503);
  const response = await chat(ask);
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ error: { code: 'providers_suspended' } });
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(Number(response.headers.get('retry-after'))).toBeLessThanOrEqual(30);
  expect(provider.asked).toHaveLength(1);
  expect((await calls())[1]).toMatchObject({ provider: null, model: null, status: 'error', cost: 0 });
});

test('a fence: who stands outside is never asked, and the client is told why nobody answers', async () => {
  const { chat, provider, second, events } = await withSecond(
    down,
    plainly(completion('ham')),
    { provider: { jurisdiction: 'DE' }, task: { jurisdictions: { only: ['EU'] } } },
    { jurisdiction: 'US' },
  );
  const response = await chat(ask);
  expect(response.status).toBe(503);
  expect(await response.json()).toEqual({
    error: {
      message:
        "None of the providers that this task's jurisdictions permit could answer, and the others are not asked. overloaded",
      type: 'provider_error',
      param: null,
      code: 'no_permitted_provider',
    },
  });
  expect([provider.asked.length, second.asked.length]).toEqual([1, 0]);
  expect(events).toContainEqual(
    expect.objectContaining({
      event: 'teacher_outside_jurisdictions',
      task: 'mail',
      teacher: 'second/small',
    }),
  );
});

test('a fence around the fallback alone: the teacher is passed over', async () => {
  const { client, provider, second } = await withSecond(
    plainly(completion('spam')),
    plainly(completion('ham')),
    { provider: { jurisdiction: 'US' }, task: { jurisdictions: { not: ['US'] } } },
    { jurisdiction: 'AT' },
  );
  expect((await client.chat.completions.create(ask)).choices[0]?.message.content).toBe('ham');
  expect([provider.asked.length, second.asked.length]).toEqual([0, 1]);
});

test('a provider that can’t be connected to in time is passed over', async () => {
  // Nothing answers at an address that is kept for documentation, or the network says at once that it can't be reached.
  const { client, second } = await withSecond(plainly(completion('spam')), plainly(completion('ham')), {
    provider: { baseUrl: 'http://192.0.2.1/v1', timeouts: { connectMs: 30 } },
  });
  expect((await client.chat.completions.create(ask)).choices[0]?.message.content).toBe('ham');
  expect(second.asked).toHaveLength(1);
});
