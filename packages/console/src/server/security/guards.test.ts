import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { consoleInTest, type TestConsole } from '../../testing/console-in-test.ts';

/** A request with these headers as they are: fetch would mend them. */
async function raw(of: TestConsole, path: string, headers: Record<string, string>, method = 'GET') {
  const { hostname, port } = new URL(of.url);
  const sent = httpRequest({ hostname, port, path, method, headers, agent: false });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const piece of response) text += piece;
  return { status: response.statusCode, headers: response.headers, text };
}

test('without a session nothing answers but the page, its files and the way in', async () => {
  const of = await consoleInTest();
  for (const path of [
    '/api/session',
    '/api/overview',
    '/api/overview/live',
    '/api/keys',
    '/api',
    '/api/none',
  ])
    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH'])
      expect((await of.send(path, { method })).status, `${method} ${path}`).toBe(401);
  expect((await of.send('/api/keys', { method: 'POST', body: '{}' })).status).toBe(401);
  // Keys of the API are no keys of the console's, and a session's none of the API's.
  const bearer = { authorization: `Bearer ${of.admin.secret}` };
  expect((await of.send('/api/overview', { headers: bearer })).status).toBe(401);
  await of.signIn();
  const cookie = { cookie: of.session.cookie };
  expect((await fetch(`${of.url}/admin/status`, { headers: cookie })).status).toBe(401);
  expect((await fetch(`${of.url}/v1/models`, { headers: cookie })).status).toBe(401);
  expect((await of.send('/api/none')).status).toBe(404);
});

test('an act without the session’s token is refused', async () => {
  const of = await consoleInTest();
  await of.signIn();
  const act = (headers: Record<string, string>) => of.send('/api/session', { method: 'DELETE', headers });
  for (const token of ['', 'x', of.session.csrf.slice(1), of.session.cookie.split('=')[1]!]) {
    const refused = await act({ 'x-kolben-csrf': token });
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ error: { code: 'csrf_token_wrong' } });
  }
  // That of another session neither.
  const other = await consoleInTest();
  await other.signIn();
  expect((await act({ 'x-kolben-csrf': other.session.csrf })).status).toBe(403);
  expect((await act({})).status).toBe(200);
});

test('an act of another origin is refused, and signing in from one', async () => {
  const of = await consoleInTest();
  await of.signIn();
  const { host } = new URL(of.url);
  const headers = {
    ...{ host, cookie: of.session.cookie, 'x-kolben-csrf': of.session.csrf },
    'content-type': 'application/json',
  };
  for (const origin of [
    'http://evil.example',
    'null',
    `http://${host}.evil.example`,
    `http://evil.example#${host}`,
    `http://localhost:${Number(host.split(':')[1]) + 1}`,
    `file://${host}`,
  ]) {
    const refused = await raw(of, '/console/api/session', { ...headers, origin }, 'DELETE');
    expect([refused.status, JSON.parse(refused.text).error.code], origin).toEqual([403, 'origin_foreign']);
    const { cookie: _cookie, ...bare } = headers;
    expect((await raw(of, '/console/api/session', { ...bare, origin }, 'POST')).status, origin).not.toBe(200);
  }
  // None at all, and what browsers say of other sites' pages.
  expect((await raw(of, '/console/api/session', headers, 'DELETE')).status).toBe(403);
  for (const site of ['cross-site', 'same-site'])
    expect((await raw(of, '/console/api/session', { ...headers, 'sec-fetch-site': site })).status).toBe(403);
  expect((await raw(of, '/console/api/session', headers)).status).toBe(200);
});

test('a name that is not this gateway’s gets nothing of the console', async () => {
  const of = await consoleInTest();
  const host = `evil.example:${new URL(of.url).port}`;
  for (const path of ['/', '/console', '/console/', '/console/assets/x.js', '/console/api/session']) {
    const answer = await raw(of, path, { host, accept: 'text/html', origin: `http://${host}` });
    expect([answer.status, JSON.parse(answer.text).error.code], path).toEqual([421, 'host_not_allowed']);
  }
});

test('a browser is led to the console, a program is told what it always was', async () => {
  const of = await consoleInTest();
  const browser = await fetch(of.url, { headers: { accept: 'text/html,*/*' }, redirect: 'manual' });
  expect([browser.status, browser.headers.get('location')]).toEqual([302, '/console/']);
  expect((await fetch(of.url)).status).toBe(401);
  const other = await fetch(`${of.url}/other`, { headers: { accept: 'text/html' }, redirect: 'manual' });
  expect(other.status).toBe(401);
});

test('a gateway without the console has nothing under its address', async () => {
  const of = await consoleInTest({ gateway: { pages: undefined } });
  for (const path of ['/', '/console', '/console/', '/console/api/session'])
    expect((await fetch(of.url + path, { headers: { accept: 'text/html' } })).status, path).toBe(401);
});

test('bodies are bounded, and what can’t be read is no mistake of the gateway’s', async () => {
  const of = await consoleInTest();
  await of.signIn();
  const large = await of.send('/api/session', { method: 'POST', body: 'x'.repeat(5 * 1024 * 1024) });
  expect(large.status).toBe(413);
  for (const body of ['{', '[]', '{"key":1}', '{}'])
    expect((await of.send('/api/session', { method: 'POST', body })).status, body).toBe(400);
  expect(of.events.filter((event) => event.startsWith('error'))).toEqual([]);
});
