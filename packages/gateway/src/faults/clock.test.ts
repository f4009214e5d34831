// The clock of the machine is set back, or ahead, while the gateway is at work.
import { afterEach, expect, test, vi } from 'vitest';
import { testGateway } from '../testing/gateway-in-test.ts';
import { completion, plainly } from '../testing/mock-provider.ts';

afterEach(() => void vi.useRealTimers());

const body = { model: 'kolben/mail', max_tokens: 2, messages: [{ role: 'user', content: 'Hello' }] };
const setClock = (at: string) => vi.useFakeTimers({ toFake: ['Date'], now: new Date(at) });

test('set back over the end of a month: every call is recorded once, in the month that it came in', async () => {
  setClock('2026-12-01T00:10:00Z');
  const { chat, store, calls } = await testGateway(plainly(completion('spam')), {
    task: { budget: { usdPerMonth: 10 } },
  });
  for (let i = 0; i < 3; i++) expect((await chat(body)).status).toBe(200);
  setClock('2026-11-30T23:50:00Z');
  for (let i = 0; i < 5; i++) expect((await chat(body)).status).toBe(200);
  setClock('2026-12-01T00:20:00Z');
  for (let i = 0; i < 2; i++) expect((await chat(body)).status).toBe(200);
  const all = await calls();
  expect(new Set(all.map(({ id }) => id)).size).toBe(10);
  // None took less than no time: how long it took is another clock's word.
  for (const { latencyMs } of all) expect(latencyMs).toBeGreaterThanOrEqual(0);
  const inMonth = async (month: string) =>
    (await store.budgets.spending(month)).find(({ subject, name }) => subject === 'task' && name === 'mail');
  expect(await inMonth('2026-11')).toMatchObject({ calls: 5, reserved: 0 });
  expect(await inMonth('2026-12')).toMatchObject({ calls: 5, reserved: 0 });
  expect((await store.ledger.totals()).calls).toBe(10);
});

test('a key that was revoked stays so, however the clock is set', async () => {
  const { send, store, secret } = await testGateway(plainly(completion('spam')));
  const status = async () => (await send('/v1/models')).status;
  expect(await status()).toBe(200);
  setClock('2001-01-01T00:00:00Z');
  const { id } = (await store.keys.verify(secret))!;
  await store.keys.revoke(id);
  expect(await status()).toBe(401);
  setClock('2099-01-01T00:00:00Z');
  expect(await status()).toBe(401);
});

test('a limit per minute holds again when the clock goes on, and never locks anybody out for longer than a minute', async () => {
  setClock('2026-11-28T12:00:30Z');
  const { chat, store, secret } = await testGateway(plainly(completion('spam')));
  const { id } = (await store.keys.verify(secret))!;
  await store.keys.limit(id, { requestsPerMinute: 2 });
  const statuses = async () => [
    (await chat(body)).status,
    (await chat(body)).status,
    (await chat(body)).status,
  ];
  expect(await statuses()).toEqual([200, 200, 429]);
  setClock('2026-11-28T11:00:30Z');
  expect(await statuses()).toEqual([200, 200, 429]);
  const refused = await chat(body);
  expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
  setClock('2026-11-28T12:01:00Z');
  expect(await statuses()).toEqual([200, 200, 429]);
});
