import { openStore } from '@kolben/store';
import { expect, test } from 'vitest';
import { mostTokens } from '../budgets/most-tokens.ts';
import { mostCostOf } from '../ledger/cost.ts';
import { keep, testGateway } from '../testing/gateway-in-test.ts';
import { chunksOf, completion, event, plainly, someUsage, streaming } from '../testing/mock-provider.ts';
import { startGateway } from './start-gateway.ts';

const price = { inputPerMillion: 2, outputPerMillion: 8, currency: 'USD' as const };
const ask = { model: 'kolben/mail', max_tokens: 100, messages: [{ role: 'user', content: 'Win a prize' }] };
const bounds = { answerTokens: 4_096, imageTokens: 50_000 };

/** The most that a call of this request can cost, USD. */
function mostOf(request: Record<string, unknown>): number {
  const { promptTokens, completionTokens } = mostTokens('chat', JSON.stringify(request), request, bounds);
  return mostCostOf(promptTokens, completionTokens, price);
}

/** A provider that answers nobody until it is told to. */
function holding() {
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const behaviour = (
    answer: Parameters<ReturnType<typeof plainly>>[0],
    asked: Parameters<ReturnType<typeof plainly>>[1],
  ) => held.then(() => plainly(completion('spam'))(answer, asked));
  return { behaviour, letGo: () => letGo() };
}

test.each(['total', 'task', 'key'] as const)(
  'of 200 calls at once a %s budget for 50 lets exactly 50 through to the teacher',
  async (subject) => {
    const { behaviour, letGo } = holding();
    const budget = { usdPerMonth: 50.5 * mostOf(ask) };
    const { chat, store, provider, calls } = await testGateway(behaviour, {
      ...(subject === 'total' && { config: { budget } }),
      ...(subject === 'task' && { task: { budget } }),
    });
    if (subject === 'key') {
      const [key] = await store.keys.list();
      await store.keys.limit(key!.id, { usdPerMonth: budget.usdPerMonth });
    }
    let refused = 0;
    const answers = Array.from({ length: 200 }, async () => {
      const response = await chat(ask);
      if (response.status === 429) refused += 1;
      if (refused === 150) letGo();
      return {
        status: response.status,
        body: (await response.json()) as { error?: { code: string } },
        response,
      };
    });
    const all = await Promise.all(answers);
    expect(all.filter(({ status }) => status === 200)).toHaveLength(50);
    expect(provider.asked).toHaveLength(50);
    const no = all.find(({ status }) => status === 429);
    expect(no?.body.error).toMatchObject({ code: 'budget_reserved', type: 'rate_limit_error' });
    expect(no?.response.headers.get('retry-after')).toBe('1');
    await calls();
    expect(await store.calls.count()).toBe(200);
    // What they did cost is spent, and nothing is set aside any more.
    const [spending] = await store.budgets.spending();
    expect(spending).toMatchObject({ reserved: 0 });
    expect(spending?.spent).toBeCloseTo(50 * 0.000081, 9);
    expect(await store.ledger.totals()).toMatchObject({ calls: 200, cost: spending?.spent });
  },
);

test('two gateways on one store share a budget to the call', async () => {
  const { behaviour, letGo } = holding();
  const budget = { usdPerMonth: 20.5 * mostOf(ask) };
  const { gateway, provider, store, secret } = await testGateway(behaviour, { config: { budget } });
  const beside = await openStore({ directory: store.directory });
  const second = await startGateway({
    store: beside,
    beside: true,
    port: 0,
    log: keep([]),
    config: {
      providers: {
        mock: { baseUrl: provider.url, prices: { 'big-1': { inputPerMillion: 2, outputPerMillion: 8 } } },
      },
      tasks: { mail: { kind: 'classify', teacher: 'mock/big-1' } },
      budget,
    },
  });
  let refused = 0;
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
  const statuses = await Promise.all(
    Array.from({ length: 80 }, async (_, i) => {
      const { url } = i % 2 === 0 ? gateway : second;
      const response = await fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers,
        body: JSON.stringify(ask),
      });
      if (response.status === 429) refused += 1;
      if (refused === 60) letGo();
      await response.text();
      return response.status;
    }),
  );
  expect(statuses.filter((status) => status === 200)).toHaveLength(20);
  expect(provider.asked).toHaveLength(20);
  await second.close();
  await beside.close();
});

test('a budget that is used up refuses until the next month, and tells clients not to try again', async () => {
  const { chat, client, store, provider, calls, events } = await testGateway(plainly(completion('spam')), {
    task: { budget: { usdPerMonth: mostOf(ask) + 0.00001 } },
  });
  const first = await chat(ask);
  expect(first.status).toBe(200);
  expect(Number(first.headers.get('x-kolben-reserved-usd'))).toBeCloseTo(mostOf(ask), 8);
  await calls();
  const error = await client
    .withOptions({ maxRetries: 2 })
    .chat.completions.create(ask as never)
    .catch((e: unknown) => e);
  expect(error).toMatchObject({ status: 429, code: 'budget_exhausted', type: 'insufficient_quota' });
  expect(provider.asked).toHaveLength(1);
  expect(await calls()).toMatchObject([
    { status: 'ok' },
    { status: 'error', error: { code: 'budget_exhausted' }, cost: 0, provider: null },
  ]);
  expect(events).toContainEqual(
    expect.objectContaining({ event: 'budget_refused', of: 'task', task: 'mail' }),
  );
  expect(await store.budgets.spending()).toMatchObject([{ reserved: 0 }, { reserved: 0 }, { reserved: 0 }]);
});

test('without a budget nothing is asked of the store, and nothing is said of it', async () => {
  const { chat, calls } = await testGateway(plainly(completion('spam')), {
    wrapStore: (store) => ({
      ...store,
      budgets: {
        ...store.budgets,
        reserve: () => Promise.reject(new Error('asked')),
        admit: () => Promise.reject(new Error('asked')),
        release: (id) => store.budgets.release(id),
      },
    }),
  });
  const response = await chat(ask);
  expect(response.status).toBe(200);
  expect(response.headers.has('x-kolben-reserved-usd')).toBe(false);
  expect(response.headers.has('x-ratelimit-limit-requests')).toBe(false);
  expect(await calls()).toMatchObject([{ status: 'ok' }]);
});

test('a store that can’t be asked is no way around a budget', async () => {
  const { chat, provider } = await testGateway(plainly(completion('spam')), {
    task: { budget: { usdPerMonth: 100 } },
    wrapStore: (store) => ({
      ...store,
      budgets: {
        reserve: () => Promise.reject(new Error('locked')),
        admit: (one) => store.budgets.admit(one),
        release: (id) => store.budgets.release(id),
        spending: () => store.budgets.spending(),
      },
    }),
  });
  const response = await chat(ask);
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ error: { code: 'budget_unknown' } });
  expect(provider.asked).toHaveLength(0);
});

test('what is set aside is settled by whatever becomes of the call', async () => {
  const { chat, send, provider, store, calls } = await testGateway(
    plainly({ error: { message: 'no' } }, 500),
    {
      task: { budget: { usdPerMonth: 1 } },
    },
  );
  const settled = async () => {
    await calls();
    return (await store.budgets.spending()).map(({ reserved }) => reserved);
  };
  await chat(ask);
  expect(await settled()).toEqual([0, 0, 0]);
  // A stream that breaks off.
  provider.behave((answer) => {
    answer.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const chunk of chunksOf(['spam'], null).slice(0, 2)) answer.write(event(chunk));
    setTimeout(() => answer.destroy(), 20);
  });
  await (await chat({ ...ask, stream: true })).text();
  expect(await settled()).toEqual([0, 0, 0]);
  // A client that leaves.
  const gone = new AbortController();
  provider.behave(() => gone.abort());
  const body = JSON.stringify(ask);
  await send('/v1/chat/completions', { method: 'POST', body, signal: gone.signal }).catch(() => {});
  await provider.asked.at(-1)?.over;
  expect(await settled()).toEqual([0, 0, 0]);
  expect(await store.calls.list()).toMatchObject([{ status: 'aborted' }, {}, {}]);
  provider.behave(streaming(['spam']));
  await (await chat({ ...ask, stream: true })).text();
  expect(await settled()).toEqual([0, 0, 0]);
  const totals = await store.ledger.totals();
  expect((await store.budgets.spending())[0]?.spent).toBe(totals.cost);
});

test('a call that can’t be recorded holds nothing for ever', async () => {
  const { chat, store, gateway } = await testGateway(plainly(completion('spam')), {
    task: { budget: { usdPerMonth: mostOf(ask) * 1.5 } },
    wrapStore: (one) => ({
      ...one,
      calls: new Proxy(one.calls, {
        get: (calls, name) =>
          name === 'record' ? () => Promise.reject(new Error('no')) : Reflect.get(calls, name).bind(calls),
      }),
    }),
  });
  expect((await chat(ask)).status).toBe(200);
  await gateway.flush();
  expect((await chat(ask)).status).toBe(200);
  await gateway.flush();
  await expect.poll(async () => (await store.budgets.spending())[0]?.reserved, { timeout: 60_000 }).toBe(0);
});

test('requests and tokens per minute: headers as OpenAI’s clients know them, 429 with retry-after', async () => {
  const { chat, store, provider, calls } = await testGateway(plainly(completion('spam')), {
    config: { limits: {} },
  });
  const [key] = await store.keys.list();
  await store.keys.limit(key!.id, { requestsPerMinute: 1_000_000, tokensPerMinute: 2_000 });
  const first = await chat(ask);
  expect(first.status).toBe(200);
  const told = (response: Response) =>
    Object.fromEntries([...response.headers].filter(([name]) => name.startsWith('x-ratelimit-')));
  const { promptTokens, completionTokens } = mostTokens('chat', JSON.stringify(ask), ask, bounds);
  expect(told(first)).toEqual({
    'x-ratelimit-limit-requests': '1000000',
    'x-ratelimit-remaining-requests': '999999',
    'x-ratelimit-reset-requests': expect.stringMatching(/^\d+s$/),
    'x-ratelimit-limit-tokens': '2000',
    'x-ratelimit-remaining-tokens': String(2_000 - promptTokens - completionTokens),
    'x-ratelimit-reset-tokens': expect.stringMatching(/^\d+s$/),
  });
  await calls();
  const large = await chat({ ...ask, max_tokens: 5_000 });
  expect(large.status).toBe(429);
  expect(large.headers.get('x-should-retry')).toBe('false');
  expect(await large.json()).toMatchObject({ error: { code: 'rate_limit_exceeded', type: 'tokens' } });
  expect(provider.asked).toHaveLength(1);
  // Refused calls are none.
  expect(await calls()).toHaveLength(1);
});

test('a limit of requests holds for calls at once', async () => {
  const { chat, store, provider } = await testGateway(plainly(completion('spam')));
  const [key] = await store.keys.list();
  await store.keys.limit(key!.id, { requestsPerMinute: 10 });
  // Should the minute turn meanwhile, at most twice as many get in.
  const minute = () => Math.floor(Date.now() / 60_000);
  const before = minute();
  const responses = await Promise.all(Array.from({ length: 40 }, () => chat(ask)));
  const minutes = minute() - before + 1;
  const passed = responses.filter(({ status }) => status === 200).length;
  expect(passed).toBeGreaterThanOrEqual(10);
  expect(passed).toBeLessThanOrEqual(10 * minutes);
  expect(provider.asked).toHaveLength(passed);
  const no = responses.find(({ status }) => status === 429);
  expect(await no?.json()).toMatchObject({ error: { code: 'rate_limit_exceeded', type: 'requests' } });
  expect(Number(no?.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(no?.headers.get('x-ratelimit-remaining-requests')).toBe('0');
});

test('tokens of all kinds are charged at their prices and recorded', async () => {
  const usage = {
    ...someUsage,
    prompt_tokens: 1_000,
    completion_tokens: 500,
    total_tokens: 1_500,
    prompt_tokens_details: { cached_tokens: 100, audio_tokens: 200 },
    completion_tokens_details: { reasoning_tokens: 300, audio_tokens: 50 },
  };
  const { chat, calls } = await testGateway(plainly(completion('spam', { usage })), {
    provider: {
      prices: {
        'big-1': {
          inputPerMillion: 1,
          outputPerMillion: 10,
          cachedInputPerMillion: 0.1,
          audioInputPerMillion: 100,
          reasoningPerMillion: 5,
          audioOutputPerMillion: 200,
        },
      },
    },
  });
  const response = await chat(ask);
  const cost = (700 * 1 + 100 * 0.1 + 200 * 100 + 150 * 10 + 300 * 5 + 50 * 200) / 1e6;
  expect(Number(response.headers.get('x-kolben-cost-usd'))).toBeCloseTo(cost, 9);
  const [call] = await calls();
  expect(call?.usage).toEqual({
    promptTokens: 1_000,
    completionTokens: 500,
    cachedTokens: 100,
    cacheWriteTokens: 0,
    reasoningTokens: 300,
    audioInputTokens: 200,
    audioOutputTokens: 50,
    estimated: false,
  });
});
