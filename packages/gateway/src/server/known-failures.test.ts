// What other gateways have been broken by, tried here. Each stands in docs/security.md.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { programArguments } from '../../../../test/program.ts';
import { probeGateway } from '../client/probe-gateway.ts';
import { newFolder, providerKey, testGateway } from '../testing/gateway-in-test.ts';
import { completion, plainly, streaming } from '../testing/mock-provider.ts';

const messages = [{ role: 'user' as const, content: 'You win a prize' }];
const body = { model: 'kolben/mail', messages };
const spam = plainly(completion('spam'));

/** A request whose path and headers reach the gateway as they are: fetch would mend them. */
async function raw(
  url: string,
  path: string,
  headers: Record<string, string | string[]>,
  text = JSON.stringify(body),
): Promise<{ status: number; text: string; headers: IncomingMessage['headers'] }> {
  const { hostname, port } = new URL(url);
  const sent = httpRequest({ hostname, port, path, method: 'POST', headers, agent: false });
  sent.end(text);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let answer = '';
  for await (const piece of response) answer += piece;
  return { status: response.statusCode ?? 0, text: answer, headers: response.headers };
}

/** A server that must never be asked; resolves with what it was asked. */
async function elsewhere(): Promise<{ url: string; host: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, answer) => {
    asked.push(request.url ?? '');
    answer.end('{"choices":[]}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url: `http://${host}`, host, asked };
}

test('administration is reachable with a key of scope admin alone, and calls with one of scope use', async () => {
  const { gateway, store, secret, send } = await testGateway(spam);
  const admin = (await store.keys.create({ name: 'root', scope: 'admin' })).secret;
  const withKey = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });
  for (const path of [
    '/admin/status',
    '/admin',
    '/admin/',
    '/admin/keys',
    '//admin/status',
    '/ADMIN/status',
  ]) {
    expect((await fetch(gateway.url + path)).status, path).toBe(401);
    expect([403, 404], path).toContain((await send(path)).status);
  }
  expect((await fetch(`${gateway.url}/admin/status`, withKey(secret))).status).toBe(403);
  const status = await fetch(`${gateway.url}/admin/status`, withKey(admin));
  expect(status.status).toBe(200);
  const text = await status.text();
  expect(JSON.parse(text)).toMatchObject({
    version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    startedAt: expect.any(String),
    dataDirectory: store.directory,
    tasks: [{ name: 'mail', teacher: 'mock/big-1', route: 'teacher', student: null, redacted: true }],
    retention: { textDays: null },
    unrecorded: { calls: 0, bytes: 0, failing: false },
  });
  for (const hidden of [providerKey, secret, admin, 'sk-']) expect(text).not.toContain(hidden);
  expect((await fetch(`${gateway.url}/v1/models`, withKey(admin))).status).toBe(403);
  expect((await raw(gateway.url, '/v1/chat/completions', withKey(admin).headers)).status).toBe(403);
});

test('there is no key that everybody knows, and none before one is made', async () => {
  const { gateway, store } = await testGateway(spam);
  for (const { id } of await store.keys.list()) await store.keys.revoke(id);
  const { isKolben, knocks, status, statusCode } = await probeGateway(gateway.url);
  expect({ isKolben, status, statusCode }).toEqual({
    isKolben: true,
    status: undefined,
    statusCode: undefined,
  });
  expect(knocks.filter(({ isSafe }) => !isSafe)).toEqual([]);
  for (const key of ['', 'null', 'undefined', 'Bearer', `kb-${'A'.repeat(43)}`, `kb-${'0'.repeat(43)}`]) {
    const headers = { authorization: `Bearer ${key}` };
    expect((await raw(gateway.url, '/v1/chat/completions', headers)).status, key).toBe(401);
  }
});

test.for([
  "kb-' OR '1'='1",
  "' OR 1=1 --",
  "kb-'; DROP TABLE api_keys; --",
  'kb-%',
  `kb-${'_'.repeat(43)}`,
  'kb-\\u0000',
])('SQL in a key is a key that is not valid, and tells nothing: %s', async (key) => {
  const { gateway, store, secret, send } = await testGateway(spam);
  const response = await raw(gateway.url, '/v1/chat/completions', { authorization: `Bearer ${key}` });
  expect(response.status).toBe(401);
  expect(JSON.parse(response.text)).toMatchObject({ error: { code: 'invalid_api_key' } });
  // Neither what was sent nor anything of the database: no table, no column, no hash, no path, no line of code.
  expect(response.text).not.toMatch(/api_keys|sha256|[0-9a-f]{32}|select|sqlite|kolben\.db|\.ts|at \w+ \(/i);
  expect(response.text).not.toContain(key);
  expect(response.text).not.toContain(store.directory);
  expect((await send('/v1/models')).status).toBe(200);
  expect(await store.keys.verify(secret)).toBeDefined();
});

test('no header says where a call goes', async () => {
  const { gateway, secret, provider } = await testGateway(spam);
  const trap = await elsewhere();
  const names = [
    'x-portkey-custom-host',
    'x-portkey-provider',
    'x-upstream-url',
    'x-base-url',
    'x-target-url',
    'helicone-target-url',
    'openai-api-base',
    'x-forwarded-host',
    'forwarded',
  ];
  for (const name of names) {
    for (const value of [`${trap.url}/v1`, `${trap.host}#`, `http://mock@${trap.host}`, `//${trap.host}`]) {
      const headers = { authorization: `Bearer ${secret}`, [name]: value };
      expect((await raw(gateway.url, '/v1/chat/completions', headers)).status, `${name}: ${value}`).toBe(200);
    }
  }
  expect(trap.asked).toEqual([]);
  expect(provider.asked).toHaveLength(names.length * 4);
  for (const { headers, path } of provider.asked) {
    expect(path).toBe('/v1/chat/completions');
    expect(headers.authorization).toBe(`Bearer ${providerKey}`);
    for (const name of names) expect(headers).not.toHaveProperty(name);
  }
});

test('nor does a member of the request, or the name of a model', async () => {
  const { chat, gateway, secret, provider } = await testGateway(spam);
  const trap = await elsewhere();
  for (const more of [
    { base_url: trap.url },
    { api_base: trap.url, api_key: 'sk-mine' },
    { extra_headers: { host: trap.host } },
    { provider: { url: trap.url } },
  ]) {
    expect((await chat({ ...body, ...more })).status).toBe(200);
  }
  for (const model of [
    `${trap.url}/v1`,
    `kolben/mail@${trap.host}`,
    `kolben/mail#${trap.host}`,
    'kolben/../../mail',
    `mock/big-1@${trap.host}`,
    `mock@${trap.host}/big-1`,
  ]) {
    expect((await chat({ ...body, model })).status, model).toBe(404);
  }
  for (const task of [`mail@${trap.host}`, 'mail#x', '../mail', trap.url]) {
    const response = await raw(gateway.url, '/v1/chat/completions', {
      authorization: `Bearer ${secret}`,
      'x-kolben-task': task,
    });
    expect([400, 404], task).toContain(response.status);
  }
  expect(trap.asked).toEqual([]);
  expect(provider.asked).toHaveLength(4);
});

test.for([
  '/v1/proxy/http://HOST/v1/chat/completions',
  '/v1/proxy/chat/completions',
  '/proxy/http://HOST/',
  '/v1/http://HOST/',
  'http://HOST/v1/files',
  '/v1/chat/completions/../../proxy',
  '/v1/chat/completions@HOST',
  '/v1/%2e%2e/admin/status',
  '//HOST/v1/chat/completions',
])('no path leads elsewhere: %s', async (path) => {
  const { gateway, secret, provider } = await testGateway(spam);
  const trap = await elsewhere();
  const response = await raw(gateway.url, path.replace('HOST', trap.host), {
    authorization: `Bearer ${secret}`,
  });
  expect([400, 403, 404, 405]).toContain(response.status);
  expect(trap.asked).toEqual([]);
  expect(provider.asked).toEqual([]);
});

test.for([301, 302, 303, 307, 308])('a provider’s redirect (%i) is not followed', async (status) => {
  const trap = await elsewhere();
  const { chat, calls } = await testGateway((answer) => {
    answer.writeHead(status, { location: `${trap.url}/v1/chat/completions` });
    answer.end();
  });
  const response = await chat(body);
  expect(response.status).toBeGreaterThanOrEqual(400);
  expect(response.headers.get('location')).toBeNull();
  expect(trap.asked).toEqual([]);
  expect(await calls()).toMatchObject([{ status: 'error' }]);
});

test('tools, tool servers and commands in a request are the teacher’s to read: nothing is started or called', async () => {
  const trap = await elsewhere();
  const { chat, provider } = await testGateway(spam);
  const folder = newFolder();
  const mark = join(folder, 'started');
  const response = await chat({
    ...body,
    tools: [
      { type: 'mcp', server_url: trap.url, server_label: 'x', command: 'touch', args: [mark] },
      { type: 'function', function: { name: `$(touch ${mark})`, parameters: {} } },
    ],
    mcpServers: { x: { command: 'touch', args: [mark] } },
    command: `touch ${mark}`,
  });
  expect(response.status).toBe(200);
  expect(provider.asked).toHaveLength(1);
  expect(trap.asked).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
});

test('nothing in the gateway can start a program', () => {
  const sources = new URL('..', import.meta.url).pathname;
  const started = readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/\.test\.ts$|(^|\/)testing\//.test(name))
    .filter((name) =>
      /child_process|\bexecFile\b|\beval\(|new Function\(/.test(readFileSync(join(sources, name), 'utf8')),
    );
  expect(started).toEqual([]);
});

test('a redaction that forgets nothing: neither the request body, plain or streamed, nor the answer', async () => {
  const words = ['eva.maier@example.org', '+43 664 1234567', '4111 1111 1111 1111'];
  const said = words.join(' and ');
  const { chat, store, calls, provider, events } = await testGateway((answer, asked) =>
    (asked.body.stream === true ? streaming([said.slice(0, 10), said.slice(10)]) : plainly(completion(said)))(
      answer,
      asked,
    ),
  );
  const request = {
    model: 'kolben/mail',
    messages: [
      { role: 'system', content: said },
      { role: 'user', content: [{ type: 'text', text: said }] },
    ],
    metadata: { who: said },
  };
  for (const stream of [false, true]) {
    // The client gets its answer, and the teacher its question, whole.
    expect(await (await chat({ ...request, stream })).text()).toContain('eva.maie');
    expect(provider.asked.at(-1)!.text).toContain(words[0]);
  }
  const recorded = await calls();
  expect(recorded).toHaveLength(2);
  const place = '[mail] and [phone] and [card]';
  for (const call of recorded) {
    expect(call.request).toMatchObject({ messages: [{ content: place }, { content: [{ text: place }] }] });
    expect(call.response).toMatchObject({ choices: [{ message: { content: place } }] });
    for (const word of words) expect(JSON.stringify([call, events])).not.toContain(word);
  }
  expect(await store.calls.count()).toBe(2);
});

test('a task may have its texts stored as they are, if it says why; and then only that task', async () => {
  const { chat, calls, events } = await testGateway(spam, {
    tasks: {
      open: { kind: 'classify', teacher: 'mock/big-1', redaction: { off: 'all texts are made up' } },
    },
  });
  const messages = [{ role: 'user', content: 'eva@example.org' }];
  await chat({ model: 'kolben/open', messages });
  await chat({ model: 'kolben/mail', messages });
  const texts = (await calls()).map(({ request }) => (request as typeof body).messages[0]!.content);
  expect(texts.sort()).toEqual(['[mail]', 'eva@example.org']);
  expect(events).toContainEqual({ level: 'warn', event: 'words_stored_as_they_are', task: 'open' });
});

test('words that are too old are gone from the files of a running gateway, its journal included', async () => {
  const { chat, gateway, store, calls } = await testGateway(spam, {
    // A thousandth of a second, looked for all the time: what was said is too old when it has been said.
    config: { retention: { textDays: 1e-8, everyMinutes: 0.001 } },
  });
  expect((await chat(body)).status).toBe(200);
  await gateway.flush();
  await expect.poll(async () => (await store.calls.list())[0]?.request, { timeout: 60_000 }).toBeNull();
  expect((await calls())[0]).toMatchObject({ request: null, response: null, task: 'mail', status: 'ok' });
  await expect.poll(async () => (await store.auditTrail())[0]?.act, { timeout: 60_000 }).toBe('calls.prune');
  // Sealed texts begin with the version and the id of the key.
  const { key } = await store.inspect();
  const sealed = Buffer.concat([Buffer.from([1]), Buffer.from(key.id, 'hex')]);
  await expect
    .poll(
      () =>
        readdirSync(store.directory).filter(
          (name) => name !== 'kolben.key' && readFileSync(join(store.directory, name)).includes(sealed),
        ),
      { timeout: 60_000 },
    )
    .toEqual([]);
});

test('keys in addresses open nothing, and secrets stand in no file and no log', async () => {
  const { gateway, secret, chat, store, events, provider } = await testGateway(spam);
  for (const path of [
    `/v1/models?api_key=${secret}`,
    `/v1/models?key=${secret}`,
    `/v1/models?authorization=Bearer%20${secret}`,
    `/${secret}/v1/models`,
  ]) {
    expect((await fetch(gateway.url + path)).status, path).toBe(401);
  }
  const [user, host] = [secret, new URL(gateway.url).host];
  const basic = Buffer.from(`${user}:`).toString('base64');
  expect(
    (await raw(`http://${host}`, '/v1/chat/completions', { authorization: `Basic ${basic}` })).status,
  ).toBe(401);
  provider.behave(plainly({ error: { message: `Wrong key ${providerKey}` } }, 401));
  const refused = await (await chat(body)).text();
  expect(refused).not.toContain(providerKey);
  await gateway.flush();
  const everything = readdirSync(store.directory).filter((name) =>
    statSync(join(store.directory, name)).isFile(),
  );
  for (const name of everything) {
    const bytes = readFileSync(join(store.directory, name));
    for (const hidden of [secret, providerKey]) expect(bytes.includes(hidden), name).toBe(false);
  }
  for (const hidden of [secret, providerKey]) expect(JSON.stringify(events)).not.toContain(hidden);
});

test.skipIf(process.platform === 'win32')(
  'no file of the store can be read by others, whatever the umask',
  async () => {
    const script = new URL('../testing/make-store.ts', import.meta.url);
    const directory = join(newFolder(), 'store');
    const made = spawnSync('/bin/sh', [
      '-c',
      'umask 000; exec "$@"',
      'sh',
      ...[process.execPath, ...programArguments(script), directory],
    ]);
    expect(String(made.stderr)).toBe('');
    expect(statSync(directory).mode & 0o077).toBe(0);
    const names = readdirSync(directory);
    expect(names).toEqual(expect.arrayContaining(['kolben.db', 'kolben.key', 'kolben.lock']));
    for (const name of names) expect(statSync(join(directory, name)).mode & 0o077, name).toBe(0);
  },
);
