import { expect, onTestFinished, test } from 'vitest';
import { parseConfig } from '../config/parse-config.ts';
import { noWatch } from '../telemetry/telemetry.ts';
import { keep, type LoggedEvent } from '../testing/gateway-in-test.ts';
import { type Behaviour, completion, mockProvider, plainly } from '../testing/mock-provider.ts';
import { Connections } from './connections.ts';
import { providersOf, type Teacher } from './provider.ts';
import { Upstream, type UpstreamOptions } from './upstream.ts';

const down = plainly({ error: { message: 'overloaded' } }, 503);
const fine = plainly(completion('spam'));

/** An upstream with one provider, a clock of the test's, and no real pauses. */
async function oneProvider(behaviour: Behaviour, settings: object, options: Partial<UpstreamOptions> = {}) {
  const mock = await mockProvider(behaviour);
  const config = parseConfig({
    providers: {
      mock: { baseUrl: mock.url, prices: { m: { inputPerMillion: 1, outputPerMillion: 1 } }, ...settings },
    },
    tasks: { mail: { kind: 'classify', teacher: 'mock/m' } },
  });
  const provider = providersOf(config, {}).get('mock')!;
  const teacher: Teacher = {
    provider,
    model: 'm',
    price: { inputPerMillion: 1, outputPerMillion: 1, currency: 'USD' },
  };
  const connections = new Connections();
  onTestFinished(() => connections.close());
  const events: LoggedEvent[] = [];
  const clock = { now: 0 };
  const pauses: number[] = [];
  const upstream = new Upstream({
    connections,
    responseBytes: 1 << 20,
    log: keep(events),
    now: () => clock.now,
    random: () => 0.5,
    sleep: async (ms) => void pauses.push(ms),
    ...options,
  });
  const ask = async (signal = new AbortController().signal) => {
    const outcome = await upstream.ask({
      ...{
        id: 'c',
        task: 'mail',
        endpoint: 'chat',
        teachers: [teacher],
        isFenced: false,
        signal,
        watch: noWatch,
      },
      bodyFor: () => '{}',
    });
    if (outcome.kind === 'answer') await outcome.answer.text();
    return outcome;
  };
  return { mock, upstream, provider, clock, pauses, events, ask };
}

test('the pauses grow, each by its share of chance, and a provider’s own word goes before', async () => {
  const settings = { retries: { times: 4, baseMs: 100, mostMs: 300 }, breaker: false };
  const { mock, pauses, events, ask } = await oneProvider(down, settings);
  expect((await ask()).kind).toBe('failed');
  expect(mock.asked).toHaveLength(5);
  expect(pauses).toEqual([50, 100, 150, 150]);
  expect(events.map(({ againInMs }) => againInMs)).toEqual([50, 100, 150, 150, undefined]);
  pauses.length = 0;
  mock.behave(plainly({}, 503, { 'retry-after-ms': '290' }));
  await ask();
  expect(pauses).toEqual([290, 290, 290, 290]);
});

test('after its time one call tries a suspended provider, and the others needn’t wait for it', async () => {
  const breaker = { failures: 2, windowMs: 1_000, openMs: 500 };
  const { mock, clock, events, ask } = await oneProvider(down, { retries: { times: 0 }, breaker });
  await ask();
  await ask();
  expect(await ask()).toMatchObject({ kind: 'failed', error: { code: 'providers_suspended' } });
  expect(mock.asked).toHaveLength(2);
  clock.now = 500;
  let answer: () => void = () => {};
  mock.behave((response, asked) => {
    answer = () => fine(response, asked);
  });
  const probe = ask();
  while (mock.asked.length < 3) await new Promise((resolve) => setTimeout(resolve, 1));
  expect(await ask()).toMatchObject({ kind: 'failed', error: { code: 'providers_suspended' } });
  answer();
  expect((await probe).kind).toBe('answer');
  mock.behave(fine);
  expect((await ask()).kind).toBe('answer');
  expect(events.map(({ event }) => event).filter((event) => event !== 'provider_failed')).toEqual([
    'provider_suspended',
    'provider_resumed',
  ]);
});

test('retries stop when the breaker opens between them', async () => {
  const settings = { retries: { times: 9, baseMs: 1 }, breaker: { failures: 3 } };
  const { mock, ask } = await oneProvider(down, settings);
  expect(await ask()).toMatchObject({ kind: 'failed', error: { message: 'overloaded' } });
  expect(mock.asked).toHaveLength(3);
});

test('answers that break off count, and refusals of a request don’t', async () => {
  const breaker = { failures: 2, windowMs: 1_000, openMs: 500 };
  const { mock, upstream, provider, ask } = await oneProvider(plainly({}, 400), {
    retries: { times: 0 },
    breaker,
  });
  for (let i = 0; i < 5; i += 1) await ask();
  expect(mock.asked).toHaveLength(5);
  for (let i = 0; i < 5; i += 1) upstream.failedLater(provider);
  expect(await ask()).toMatchObject({ error: { code: 'providers_suspended' } });
});

test('a client that has gone is nobody’s failure', async () => {
  const { ask, events } = await oneProvider(fine, { breaker: { failures: 1 } });
  expect((await ask(AbortSignal.abort())).kind).toBe('gone');
  expect((await ask()).kind).toBe('answer');
  expect(events).toEqual([]);
});
