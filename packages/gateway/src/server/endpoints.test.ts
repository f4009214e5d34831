import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { connect } from 'node:net';
import { openStore } from '@kolben/store';
import OpenAI from 'openai';
import { expect, test } from 'vitest';
import {
  keep,
  type LoggedEvent,
  newFolder,
  providerKey,
  testGateway,
  wordStudent,
} from '../testing/gateway-in-test.ts';
import { withHeldDatabase } from '../testing/held-store.ts';
import { completion, plainly } from '../testing/mock-provider.ts';
import { startGateway } from './start-gateway.ts';

const messages = [{ role: 'user' as const, content: 'You win a prize' }];
const spam = plainly(completion('spam'));

/** A request with headers that fetch would not let one set. */
async function raw(
  url: string,
  options: RequestOptions,
  body = '',
): Promise<{ status: number; headers: IncomingMessage['headers']; text: string }> {
  const request = httpRequest(url, options);
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let text = '';
  for await (const piece of response) text += piece;
  return { status: response.statusCode ?? 0, headers: response.headers, text };
}

test('/healthz answers without a key, and tells nothing', async () => {
  const { gateway } = await testGateway(spam);
  const response = await fetch(`${gateway.url}/healthz`);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ status: 'ok' });
});

test('the models are tasks, students and teachers, and each of them can be called', async () => {
  const { client, store, calls } = await testGateway(spam, {
    tasks: { intents: { kind: 'classify', teacher: 'mock/big-1' } },
    loadStudent: () => Promise.resolve(wordStudent()),
  });
  const student = { task: 'mail', directory: newFolder(), digest: 'd', certificate: null };
  const { id } = await store.students.register(student);
  await store.students.register({ ...student, task: 'gone' });
  const { data } = await client.models.list();
  expect(data).toEqual([
    { id: 'kolben/mail', object: 'model', created: expect.any(Number), owned_by: 'kolben' },
    { id: 'kolben/intents', object: 'model', created: expect.any(Number), owned_by: 'kolben' },
    { id: `student/${id}`, object: 'model', created: expect.any(Number), owned_by: 'kolben' },
    { id: 'mock/big-1', object: 'model', created: expect.any(Number), owned_by: 'mock' },
  ]);
  for (const model of data) {
    expect(await client.models.retrieve(model.id)).toEqual(model);
    const { choices } = await client.chat.completions.create({ model: model.id, messages });
    expect(choices[0]?.message.content).toBe('spam');
  }
  expect(await calls()).toMatchObject([
    { task: 'mail', route: 'teacher', answeredBy: 'teacher', provider: 'mock' },
    { task: 'intents', route: 'teacher', answeredBy: 'teacher', provider: 'mock' },
    { task: 'mail', route: 'student', answeredBy: 'student', provider: null, student: { id } },
    { task: null, route: 'teacher', answeredBy: 'teacher', provider: 'mock', model: 'big-1' },
  ]);
  await expect(client.models.retrieve('kolben/none')).rejects.toBeInstanceOf(OpenAI.NotFoundError);
});

test.each([
  ['no key', {}],
  ['an empty one', { authorization: '' }],
  ['a wrong one', { authorization: 'Bearer kb-wrong' }],
  ['one of another kind', { authorization: 'Basic dXNlcjpwYXNz' }],
  ['SQL for a key', { authorization: "Bearer kb-'/**/OR/**/1=1--" }],
  ['one in another header', { 'x-api-key': 'kb-x' }],
])(
  '%s: 401 everywhere but at /healthz, in OpenAI’s shape, before anything is looked at',
  async (_what, headers) => {
    const { gateway, provider, calls } = await testGateway(spam);
    const endpoints = [
      ['GET', '/v1/models'],
      ['GET', '/v1/models/kolben/mail'],
      ['POST', '/v1/chat/completions'],
      ['OPTIONS', '/v1/chat/completions'],
      ['GET', '/'],
      ['GET', '/admin'],
      ['POST', '/healthz'],
      ['GET', '/v1/proxy/http://evil.example'],
    ];
    for (const [method, path] of endpoints) {
      const response = await fetch(gateway.url + path, { method: method!, headers });
      expect([path, response.status]).toEqual([path, 401]);
      expect(await response.json()).toEqual({
        error: {
          message: expect.any(String),
          type: 'authentication_error',
          param: null,
          code: 'invalid_api_key',
        },
      });
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
    }
    expect(provider.asked).toHaveLength(0);
    expect(await calls()).toHaveLength(0);
  },
);

test('the official client knows a wrong key as an AuthenticationError', async () => {
  const { gateway } = await testGateway(spam);
  const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'kb-wrong', maxRetries: 0 });
  await expect(client.chat.completions.create({ model: 'kolben/mail', messages })).rejects.toBeInstanceOf(
    OpenAI.AuthenticationError,
  );
});

test('unknown, revoked and malformed keys can’t be told apart; a key in the address is none', async () => {
  const { gateway, store } = await testGateway(spam);
  const { id, secret } = await store.keys.create({ name: 'old', scope: 'use' });
  await store.keys.revoke(id);
  const answers = await Promise.all(
    [secret, 'kb-wrong', 'x y'].map(async (key) =>
      (await fetch(`${gateway.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).text(),
    ),
  );
  expect(new Set(answers).size).toBe(1);
  expect((await fetch(`${gateway.url}/v1/models?api_key=${secret}&key=${secret}`)).status).toBe(401);
});

test('an admin key is not for calling models', async () => {
  const { gateway, store } = await testGateway(spam);
  const { secret } = await store.keys.create({ name: 'root', scope: 'admin' });
  const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: secret, maxRetries: 0 });
  await expect(client.models.list()).rejects.toBeInstanceOf(OpenAI.PermissionDeniedError);
});

test('a model that doesn’t exist: NotFoundError, which lists the tasks', async () => {
  const { client, provider } = await testGateway(spam);
  const error = await client.chat.completions
    .create({ model: 'gpt-4.1', messages })
    .catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(OpenAI.NotFoundError);
  expect(error).toMatchObject({ code: 'model_not_found', param: 'model', type: 'invalid_request_error' });
  expect(String(error)).toContain('kolben/mail');
  for (const model of [
    'kolben/none',
    'kolben/',
    'kolben/constructor',
    'kolben/../mail',
    'mock/big-2',
    'mock/',
  ]) {
    await expect(client.chat.completions.create({ model, messages })).rejects.toBeInstanceOf(
      OpenAI.NotFoundError,
    );
  }
  expect(provider.asked).toHaveLength(0);
});

test('a header can name the task instead, whatever the model is called', async () => {
  const { client, provider, calls } = await testGateway(spam);
  const headers = { 'x-kolben-task': 'mail' };
  await client.chat.completions.create({ model: 'gpt-4.1', messages }, { headers });
  await client.chat.completions.create({ model: 'kolben/mail', messages }, { headers });
  expect(provider.asked.map(({ body }) => body.model)).toEqual(['big-1', 'big-1']);
  expect((await calls()).map((call) => call.task)).toEqual(['mail', 'mail']);
  await expect(
    client.chat.completions.create({ model: 'kolben/other', messages }, { headers }),
  ).rejects.toMatchObject({ status: 400, code: 'task_contradiction' });
  await expect(
    client.chat.completions.create({ model: 'gpt-4.1', messages }, { headers: { 'x-kolben-task': 'none' } }),
  ).rejects.toBeInstanceOf(OpenAI.NotFoundError);
});

test('a header says how labelling found an input, and the record keeps it', async () => {
  const { client, provider, calls } = await testGateway(spam);
  const ask = (drawn?: string) =>
    client.chat.completions.create(
      { model: 'kolben/mail', messages },
      drawn === undefined ? {} : { headers: { 'x-kolben-drawn': drawn } },
    );
  await ask();
  await ask('chosen');
  expect((await calls()).map((call) => call.drawn).sort()).toEqual(['chosen', null]);
  await expect(ask('picked')).rejects.toMatchObject({ status: 400, code: 'drawn_invalid' });
  expect(provider.asked).toHaveLength(2);
});

test('what a client calls its call by is kept with the record, and what could not be kept is no fault', async () => {
  const { client, calls } = await testGateway(spam);
  for (const id of ['7f3a of the night run', 'x'.repeat(513), undefined])
    await client.chat.completions.create(
      { model: 'kolben/mail', messages },
      id === undefined ? {} : { headers: { 'x-client-request-id': id } },
    );
  const ids = (await calls()).map(({ clientRequestId }) => clientRequestId);
  expect(new Set(ids)).toEqual(new Set([null, '7f3a of the night run']));
});

test.each<[string, string | Buffer, string, string | null]>([
  ['nothing', '', 'body_not_json', null],
  ['no JSON', '{"model": "kolben/mail", ', 'body_not_json', null],
  ['a list', '[]', 'body_not_json', null],
  ['a text', '"kolben/mail"', 'body_not_json', null],
  ['JSON too deep to be recorded', `{"a":${'['.repeat(9_000)}${']'.repeat(9_000)}}`, 'body_not_json', null],
  ['no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'body_not_utf8', null],
  ['no messages', '{"model":"kolben/mail"}', 'messages_missing', 'messages'],
  ['an empty list of messages', '{"model":"kolben/mail","messages":[]}', 'messages_missing', 'messages'],
  ['no model', '{"messages":[{"role":"user","content":"x"}]}', 'model_missing', 'model'],
  [
    'a stream that is neither yes nor no',
    '{"model":"kolben/mail","messages":[{}],"stream":"yes"}',
    'stream_invalid',
    'stream',
  ],
])('a body that is %s: 400', async (_what, body, code, param) => {
  const { send, provider } = await testGateway(spam);
  const response = await send('/v1/chat/completions', {
    method: 'POST',
    body: typeof body === 'string' ? body : new Uint8Array(body),
  });
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({
    error: { message: expect.any(String), type: 'invalid_request_error', param, code },
  });
  expect(provider.asked).toHaveLength(0);
});

test('the content type is not looked at, a compressed body is refused', async () => {
  const { chat } = await testGateway(spam);
  const body = { model: 'kolben/mail', messages };
  expect((await chat(body, { 'content-type': 'text/plain' })).status).toBe(200);
  expect((await chat(body, { 'content-encoding': 'gzip' })).status).toBe(415);
});

test('a body over the limit: 413, announced or not', async () => {
  const { gateway, secret, chat, client, provider } = await testGateway(spam, {
    config: { limits: { bodyBytes: 1_000 } },
  });
  const large = { model: 'kolben/mail', messages: [{ role: 'user' as const, content: 'x'.repeat(2_000) }] };
  const response = await chat(large);
  expect(response.status).toBe(413);
  expect(await response.json()).toMatchObject({ error: { code: 'body_too_large' } });
  await expect(client.chat.completions.create(large)).rejects.toMatchObject({ status: 413 });
  // In chunks, without a length: it's counted as it comes.
  const unannounced = await raw(
    `${gateway.url}/v1/chat/completions`,
    { method: 'POST', headers: { authorization: `Bearer ${secret}`, 'transfer-encoding': 'chunked' } },
    JSON.stringify(large),
  );
  expect(unannounced.status).toBe(413);
  expect(provider.asked).toHaveLength(0);
  // And the gateway is as well as before.
  expect((await chat({ model: 'kolben/mail', messages })).status).toBe(200);
});

test('headers over the limit and what is no HTTP are refused in OpenAI’s shape', async () => {
  const { gateway } = await testGateway(spam);
  const large = await raw(`${gateway.url}/v1/models`, { headers: { 'x-large': 'x'.repeat(20_000) } });
  expect(large.status).toBe(431);
  expect(JSON.parse(large.text)).toMatchObject({ error: { code: 'headers_too_large' } });
  const socket = connect(gateway.port, '127.0.0.1');
  socket.end('GARBAGE\r\n\r\n');
  let text = '';
  for await (const piece of socket) text += piece;
  expect(text).toMatch(/^HTTP\/1\.1 400 /);
  expect(text).toContain('"code":"bad_request"');
});

test('a client that takes for ever to say what it wants is shown the door', async () => {
  const { gateway, secret } = await testGateway(spam, { config: { limits: { requestMs: 100 } } });
  const socket = connect(gateway.port, '127.0.0.1');
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${secret}\r\ncontent-length: 100\r\n\r\n{`,
  );
  let text = '';
  for await (const piece of socket) text += piece;
  expect(text).toMatch(/^HTTP\/1\.1 408 /);
});

test('unknown endpoints and methods', async () => {
  const { send } = await testGateway(spam);
  const answer = async (method: string, path: string) => {
    const response = await send(path, { method });
    return [response.status, ((await response.json()) as { error: { code: string } }).error.code];
  };
  expect(await answer('GET', '/v1/files')).toEqual([404, 'unknown_url']);
  expect(await answer('GET', '/v1/chat/completions')).toEqual([405, 'method_not_allowed']);
  expect(await answer('DELETE', '/v1/models')).toEqual([405, 'method_not_allowed']);
});

test('a page of another site that has its name point here is not answered (DNS rebinding)', async () => {
  const { gateway, secret } = await testGateway(spam, { config: { allowedHosts: ['kolben.example'] } });
  const as = async (host: string) =>
    (await raw(`${gateway.url}/v1/models`, { headers: { authorization: `Bearer ${secret}`, host } })).status;
  expect(await as(`localhost:${gateway.port}`)).toBe(200);
  expect(await as('127.0.0.1')).toBe(200);
  expect(await as('[::1]:1')).toBe(200);
  expect(await as('kolben.example:443')).toBe(200);
  expect(await as('evil.example')).toBe(421);
  expect(await as('localhost.evil.example')).toBe(421);
  expect(await as('127.0.0.1.evil.example')).toBe(421);
  expect((await raw(`${gateway.url}/healthz`, { headers: { host: 'evil.example' } })).status).toBe(421);
  const chat = { method: 'POST', headers: { authorization: `Bearer ${secret}`, host: 'evil.example' } };
  expect((await raw(`${gateway.url}/v1/chat/completions`, chat)).status).toBe(421);
});

test('every answer has the same headers, whoever serves it', async () => {
  const { send, chat } = await testGateway(spam);
  const general = ({ headers }: Response) =>
    Object.fromEntries(
      [...headers].filter(([name]) => !/^(x-kolben-|x-request-id$|content-length$|date$)/.test(name)),
    );
  const models = general(await send('/v1/models'));
  expect(general(await chat({ model: 'kolben/mail', messages }))).toEqual(models);
  expect(general(await chat('no JSON'))).toEqual(models);
});

test('the chat endpoint is found by its path, with a query and as a whole address too', async () => {
  const { gateway, secret } = await testGateway(spam);
  const post = async (path: string) => {
    const headers = { authorization: `Bearer ${secret}` };
    const body = JSON.stringify({ model: 'kolben/mail', messages });
    return (await raw(gateway.url, { method: 'POST', path, headers }, body)).status;
  };
  expect(await post('/v1/chat/completions?api-version=1')).toBe(200);
  expect(await post(`${gateway.url}/v1/chat/completions`)).toBe(200);
  expect(await post('/v1/chat/completions/')).toBe(404);
  expect(await post('/V1/chat/completions')).toBe(404);
  expect(await post('//v1/chat/completions')).toBe(404);
});

test('security headers are on every answer, permissions for other sites on none', async () => {
  const { send, chat, gateway } = await testGateway(spam);
  for (const response of [
    await send('/v1/models', { headers: { origin: 'https://evil.example' } }),
    await chat({ model: 'kolben/mail', messages }),
    await fetch(`${gateway.url}/v1/models`),
    await send('/nowhere'),
  ]) {
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('content-security-policy')).toBe(
      "default-src 'none'; frame-ancestors 'none'",
    );
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    expect(response.headers.get('x-powered-by')).toBeNull();
  }
});

test('more calls at once than there are places: 429 with a time to wait, and the place is free again after', async () => {
  let answerFirst = () => {};
  const { chat, calls, provider } = await testGateway(
    (answer, asked) => {
      answerFirst = () => spam(answer, asked);
    },
    { config: { limits: { concurrentCalls: 1 } } },
  );
  const body = { model: 'kolben/mail', messages };
  const first = chat(body);
  while (provider.asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  const second = await chat(body);
  expect(second.status).toBe(429);
  expect(second.headers.get('retry-after')).toBe('1');
  expect(await second.json()).toMatchObject({ error: { type: 'rate_limit_error', code: 'too_many_calls' } });
  answerFirst();
  expect((await first).status).toBe(200);
  expect(await calls()).toHaveLength(1);
  provider.behave(spam);
  expect((await chat(body)).status).toBe(200);
});

test('a disk that is slower than the calls: 429 instead of calls that no one will ever have recorded', async () => {
  let write = () => {};
  const written = new Promise<void>((resolve) => {
    write = resolve;
  });
  const { chat, calls } = await testGateway(spam, {
    config: { limits: { unrecordedCalls: 2 } },
    wrapStore: (real) => withHeldDatabase(real, written),
  });
  const body = { model: 'kolben/mail', messages };
  expect((await chat(body)).status).toBe(200);
  expect((await chat(body)).status).toBe(200);
  const third = await chat(body);
  expect(third.status).toBe(429);
  expect(third.headers.get('retry-after')).toBe('1');
  expect(await third.json()).toMatchObject({ error: { code: 'recording_behind' } });
  write();
  expect(await calls()).toHaveLength(2);
  expect((await chat(body)).status).toBe(200);
});

test('neither keys nor texts stand in the log', async () => {
  const { chat, events, secret } = await testGateway(spam);
  await chat({ model: 'kolben/mail', messages });
  await chat({ model: 'kolben/mail-prize', messages });
  await chat('You win {');
  const said = JSON.stringify(events);
  expect(said).toContain('"event":"started"');
  for (const secretThing of [secret, providerKey, 'win', 'prize', 'spam'])
    expect(said).not.toContain(secretThing);
});

test('an address that is taken, or not this machine’s, is one clear sentence', async () => {
  const { gateway } = await testGateway(spam);
  const store = await openStore({ directory: newFolder() });
  const events: LoggedEvent[] = [];
  const config = { providers: {}, tasks: {} };
  const start = (host: string, port: number) =>
    startGateway({
      config,
      store,
      host,
      port,
      log: keep(events),
      loadStudent: () => Promise.reject(new Error()),
    });
  await expect(start('127.0.0.1', gateway.port)).rejects.toMatchObject({
    code: 'gateway_listen',
    message: `Port ${gateway.port} on 127.0.0.1 is in use by another program; stop that one or choose another port.`,
  });
  await expect(start('203.0.113.1', 0)).rejects.toMatchObject({
    message: '203.0.113.1 is no address of this machine; set host to 127.0.0.1, or to one that it has.',
  });
  await store.close();
});

test('what is risky is said at the start', async () => {
  const store = await openStore({ directory: newFolder() });
  const events: LoggedEvent[] = [];
  const gateway = await startGateway({
    store,
    host: '0.0.0.0',
    port: 0,
    log: keep(events),
    loadStudent: () => Promise.reject(new Error()),
    environment: { K: 'k' },
    config: {
      providers: {
        lan: {
          baseUrl: 'http://10.0.0.7/v1',
          apiKeyEnv: 'K',
          prices: { m: { inputPerMillion: 0, outputPerMillion: 0 } },
        },
      },
      tasks: { mail: { kind: 'classify', teacher: 'lan/m' } },
    },
  });
  expect(events.filter(({ level }) => level === 'warn')).toEqual([
    { level: 'warn', event: 'open_to_the_network', host: '0.0.0.0' },
    { level: 'warn', event: 'provider_without_tls', provider: 'lan' },
  ]);
  await gateway.close();
  await store.close();
});

test('it listens on loopback unless told otherwise, and leaves the program’s globals alone', async () => {
  const before = [Request, Response, Headers, fetch];
  const { gateway, chat } = await testGateway(spam);
  await chat({ model: 'kolben/mail', messages });
  expect(gateway.host).toBe('127.0.0.1');
  expect(gateway.url).toBe(`http://127.0.0.1:${gateway.port}`);
  expect([Request, Response, Headers, fetch]).toEqual(before);
});
