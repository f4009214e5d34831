import { expect, test } from 'vitest';
import { testGateway, wordStudent } from '../testing/gateway-in-test.ts';
import { completion, plainly } from '../testing/mock-provider.ts';
import type { GatewayInside } from './gateway-inside.ts';

const messages = [{ role: 'user', content: 'You win a prize' }];

async function inside(options: Parameters<typeof testGateway>[1] = {}, status = 200) {
  let known: GatewayInside | undefined;
  const body = status === 200 ? completion('spam') : { error: { message: 'no' } };
  const of = await testGateway(plainly(body, status), {
    ...options,
    pages: (inside) => {
      known = inside;
      return { fetch: () => new Response('page') };
    },
  });
  const { id } = await of.store.keys.create({ name: 'anna', scope: 'admin' });
  const ask = (model: string) =>
    known!.ask({ model, request: { messages, stream: true }, key: { id, limits: noLimits } });
  return { ...of, id, ask, known: known! };
}

const noLimits = { usdPerMonth: null, requestsPerMinute: null, tokensPerMinute: null };

test('a task is asked as by a client, recorded in the name of the key, and marked as chosen', async () => {
  const { ask, id, calls } = await inside();
  const answer = await ask('kolben/mail');
  expect(answer).toMatchObject({
    ...{ status: 200, error: null },
    body: { choices: [{ message: { content: 'spam' } }] },
    call: { task: 'mail', answeredBy: 'teacher', provider: 'mock', model: 'big-1', student: null },
    reason: 'route',
  });
  expect(answer.call.cost).toBeGreaterThan(0);
  const [call] = await calls();
  expect(call).toMatchObject({
    id: answer.call.id,
    ...{ keyId: id, status: 'ok', drawn: 'chosen', streamed: false, audited: false },
  });
});

test('a teacher and a student are asked by their own names', async () => {
  const { ask, store, calls } = await inside({ loadStudent: async () => wordStudent(), route: 'cascade' });
  const student = await store.students.register({
    task: 'mail',
    directory: '/x',
    digest: 'digest-1',
    certificate: null,
  });
  expect(await ask('mock/big-1')).toMatchObject({ call: { task: null, answeredBy: 'teacher' } });
  const said = await ask(`student/${student.id}`);
  expect(said.call).toMatchObject({
    answeredBy: 'student',
    cost: 0,
    student: { id: student.id, answer: 'spam', confidence: 0.99, certified: true },
  });
  expect(Object.keys(said.call.student!).sort()).toEqual(['answer', 'certified', 'confidence', 'id']);
  // The cascade asks its student first, and no lot ever falls on it.
  expect((await ask('kolben/mail')).reason).toBe('confident');
  expect((await calls()).map(({ audited }) => audited)).toEqual([false, false, false]);
});

test('what a provider refuses is an answer, what is not there is an error', async () => {
  const { ask, calls } = await inside({}, 500);
  const answer = await ask('kolben/mail');
  expect(answer.status).toBeGreaterThanOrEqual(500);
  expect(answer.body).toMatchObject({ error: { code: expect.any(String) } });
  // By a code that is no provider's, for its own may be one of the gateway's.
  expect(answer.error).toMatchObject({ code: 'provider_said', values: { status: 500, said: 'no' } });
  expect(await calls()).toMatchObject([{ id: answer.call.id, status: 'error' }]);
  await expect(ask('kolben/none')).rejects.toMatchObject({ code: 'model_not_found' });
});

test('what a budget has no room for is told in figures', async () => {
  const budget = { usdPerMonth: 0.000001 };
  const { ask } = await inside({ config: { budget } });
  const { status, error } = await ask('kolben/mail');
  expect(status).toBe(429);
  const of = { of: 'total', budget: budget.usdPerMonth, spent: 0, renewsAt: expect.any(Number) };
  expect(error).toMatchObject({ code: 'budget_exhausted', values: of });
});

test('providers are known with what keeps them from being asked', async () => {
  const { ask, known } = await inside(
    {
      provider: { breaker: { failures: 2, windowMs: 60_000, openMs: 60_000 } },
      providers: { spare: { baseUrl: 'https://spare.example/v1', apiKeyEnv: 'SPARE_KEY' } },
    },
    500,
  );
  const spare = { name: 'spare', canBeAsked: false, suspended: false, leftAloneMs: 0 };
  expect(known.providers()).toEqual([{ ...spare, name: 'mock', canBeAsked: true }, spare]);
  await ask('kolben/mail');
  await ask('kolben/mail');
  const [mock] = known.providers();
  expect(mock).toMatchObject({ name: 'mock', suspended: true });
  expect(mock!.leftAloneMs).toBeGreaterThan(0);
  expect(mock!.leftAloneMs).toBeLessThanOrEqual(60_000);
});

test('pages lie behind the name’s check and before the keys’', async () => {
  const { gateway } = await inside();
  expect(await (await fetch(`${gateway.url}/console/x`)).text()).toBe('page');
  expect((await fetch(`${gateway.url}/v1/models`)).status).toBe(401);
});
