import { expect, test } from 'vitest';
import { isObject } from '../json.ts';
import { testGateway, wordStudent } from '../testing/gateway-in-test.ts';
import { type Behaviour, completion, plainly, streaming } from '../testing/mock-provider.ts';

const ask = { model: 'kolben/mail', messages: [{ role: 'user', content: 'Where is my parcel?' }] };
const cache = { ttlSeconds: 3_600 };

/** Answers as it is asked, plainly or streamed, each time with another word. */
function counting(): Behaviour {
  let n = 0;
  return (answer, asked) => {
    n += 1;
    const how = asked.body.stream === true ? streaming([`word ${n}`]) : plainly(completion(`word ${n}`));
    return how(answer, asked);
  };
}

const wordOf = async (response: Response) =>
  ((await response.json()) as { choices: { message: { content: string } }[] }).choices[0]?.message.content;

test('without a cache in the configuration every call is asked', async () => {
  const { chat, provider, calls } = await testGateway(counting());
  expect(await wordOf(await chat(ask))).toBe('word 1');
  await calls();
  expect(await wordOf(await chat(ask))).toBe('word 2');
  expect(provider.asked).toHaveLength(2);
});

test('the very same question gets the same answer, at no cost, and the ledger says who gave it', async () => {
  const { chat, provider, calls, store } = await testGateway(counting(), { task: { cache } });
  const first = await chat(ask);
  const firstId = first.headers.get('x-kolben-call-id');
  const body = await first.text();
  await calls();
  const second = await chat({ user: 'somebody', ...ask, metadata: { a: 'b' } });
  expect(JSON.parse(await second.text())).toEqual(JSON.parse(body));
  expect(
    Object.fromEntries([...second.headers].filter(([name]) => name.startsWith('x-kolben-'))),
  ).toMatchObject({
    'x-kolben-answered-by': 'cache',
    'x-kolben-reason': 'cached',
    'x-kolben-provider': 'mock',
    'x-kolben-first-call-id': firstId,
    'x-kolben-cost-usd': '0',
    'x-kolben-teacher-cost-usd': '0.000081',
    'x-kolben-cost-avoided-usd': '0.000081',
  });
  expect(provider.asked).toHaveLength(1);
  const recorded = await calls();
  expect(recorded[1]).toMatchObject({
    answeredBy: 'cache',
    status: 'ok',
    provider: 'mock',
    model: 'big-1',
    cost: 0,
    teacherCost: 0.000081,
    usage: { promptTokens: 40, completionTokens: 2, cachedTokens: 10, estimated: false },
    streamed: false,
  });
  expect(await store.ledger.summary()).toMatchObject([
    { answeredBy: 'teacher', calls: 1, cost: 0.000081 },
    { answeredBy: 'cache', calls: 1, cost: 0, saved: 0.000081 },
  ]);
  // A word that was said once is evidence once.
  const examples = [];
  for await (const example of store.calls.examples('mail')) examples.push(example);
  expect(examples).toHaveLength(1);
});

test('a streamed hit is a stream, a plain hit plain, whatever the first was', async () => {
  const { client, provider, calls } = await testGateway(counting(), { task: { cache } });
  const streamed = async (include_usage: boolean) => {
    const { data, response } = await client.chat.completions
      .create({ ...ask, stream: true, stream_options: { include_usage } } as never)
      .withResponse();
    const chunks = [];
    for await (const chunk of data as never as AsyncIterable<Record<string, unknown>>) chunks.push(chunk);
    const text = chunks
      .flatMap(({ choices }) => choices as { delta: { content?: string } }[])
      .map(({ delta }) => delta.content ?? '')
      .join('');
    return {
      text,
      chunks,
      by: response.headers.get('x-kolben-answered-by'),
      type: response.headers.get('content-type'),
    };
  };
  const plain = await client.chat.completions.create(ask as never);
  await calls();
  const hit = await streamed(true);
  expect(hit).toMatchObject({
    text: 'word 1',
    by: 'cache',
    type: expect.stringMatching(/^text\/event-stream/),
  });
  expect(hit.chunks.at(-1)?.usage).toEqual((plain as { usage?: unknown }).usage);
  expect((await streamed(false)).chunks.every(({ usage }) => usage === undefined)).toBe(true);

  const other = { ...ask, messages: [{ role: 'user', content: 'And streamed first?' }] };
  for await (const _ of (await client.chat.completions.create({
    ...other,
    stream: true,
  } as never)) as never as AsyncIterable<unknown>)
    void _;
  await calls();
  const { data, response } = await client.chat.completions.create(other as never).withResponse();
  expect(response.headers.get('x-kolben-answered-by')).toBe('cache');
  expect((data as { choices: unknown[] }).choices).toMatchObject([{ message: { content: 'word 2' } }]);
  expect(provider.asked).toHaveLength(2);
  expect((await calls()).map(({ answeredBy, streamed: was }) => [answeredBy, was])).toEqual([
    ['teacher', false],
    ['cache', true],
    ['cache', true],
    ['teacher', true],
    ['cache', false],
  ]);
});

test.each([
  ['was cut short', { finish_reason: 'length' }],
  ['was filtered', { finish_reason: 'content_filter' }],
  ['says nothing', { message: { role: 'assistant', content: '' } }],
])('an answer that %s isn’t kept', async (_how, differs) => {
  const choice = {
    index: 0,
    message: { role: 'assistant', content: 'x' },
    logprobs: null,
    finish_reason: 'stop',
  };
  const answer = completion('x', { choices: [{ ...choice, ...differs }] });
  const { chat, provider, calls } = await testGateway(plainly(answer), { task: { cache } });
  await chat(ask);
  await calls();
  await chat(ask);
  expect(provider.asked).toHaveLength(2);
});

test('errors aren’t kept, nor answers that nobody took', async () => {
  const { chat, provider, calls } = await testGateway(plainly({ error: { message: 'no' } }, 500), {
    task: { cache },
  });
  expect((await chat(ask)).status).toBe(500);
  await calls();
  provider.behave(counting());
  expect(await wordOf(await chat(ask))).toBe('word 1');
});

test('another key, a new answer that is asked for, and labelling pass the cache by', async () => {
  const { chat, store, gateway, calls } = await testGateway(counting(), { task: { cache } });
  expect(await wordOf(await chat(ask))).toBe('word 1');
  await calls();
  const { secret } = await store.keys.create({ name: 'other', scope: 'use' });
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
  const others = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers,
    body: JSON.stringify(ask),
  });
  expect(await wordOf(others)).toBe('word 2');
  expect(await wordOf(await chat(ask, { 'x-kolben-drawn': 'random' }))).toBe('word 3');
  expect(await wordOf(await chat(ask, { 'cache-control': 'no-store' }))).toBe('word 4');
  await calls();
  expect(await wordOf(await chat(ask))).toBe('word 1');
  expect(await wordOf(await chat(ask, { 'cache-control': 'no-cache' }))).toBe('word 5');
  await calls();
  expect(await wordOf(await chat(ask))).toBe('word 5');
});

test('keys share answers where the task says so', async () => {
  const { chat, store, gateway, calls } = await testGateway(counting(), {
    task: { cache: { ...cache, shared: true } },
  });
  await chat(ask);
  await calls();
  const { secret } = await store.keys.create({ name: 'other', scope: 'use' });
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
  const others = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers,
    body: JSON.stringify(ask),
  });
  expect(await wordOf(others)).toBe('word 1');
});

test('retention reaches the cache: words that are deleted from the store aren’t given again', async () => {
  const { chat, store, calls } = await testGateway(counting(), { task: { cache } });
  await chat(ask);
  await calls();
  expect((await chat(ask)).headers.get('x-kolben-answered-by')).toBe('cache');
  await calls();
  await store.calls.deleteTextBefore(new Date(Date.now() + 1_000));
  expect(await wordOf(await chat(ask))).toBe('word 2');
});

test('in a cascade a teacher’s word for the very same question goes before the student’s; a student alone has no cache', async () => {
  const student = wordStudent();
  const { chat, store, calls, provider } = await testGateway(counting(), {
    task: { cache, student: '/students/mail' },
    loadStudent: async () => student,
  });
  await chat(ask);
  await calls();
  await store.routes.set('mail', 'cascade');
  const hit = await chat(ask);
  expect(hit.headers.get('x-kolben-answered-by')).toBe('cache');
  expect(hit.headers.get('x-kolben-route')).toBe('cascade');
  await store.routes.set('mail', 'student');
  expect((await chat(ask)).headers.get('x-kolben-answered-by')).toBe('student');
  expect(provider.asked).toHaveLength(1);
  const body: unknown = provider.asked[0]?.body;
  expect(isObject(body) && body.model).toBe('big-1');
});

test('a hit counts as a request of its key’s minute, and its tokens too', async () => {
  const { chat, store, calls } = await testGateway(counting(), { task: { cache } });
  const [key] = await store.keys.list();
  await store.keys.limit(key!.id, { tokensPerMinute: 1_000_000 });
  await chat(ask);
  await calls();
  const hit = await chat(ask);
  expect(hit.headers.get('x-kolben-answered-by')).toBe('cache');
  expect(hit.headers.has('x-ratelimit-remaining-tokens')).toBe(true);
});
