import { expect, test } from 'vitest';
import { consoleInTest } from '../../testing/console-in-test.ts';

const minute = 60_000;

const code = async (response: Response) =>
  ((await response.json()) as { error: { code: string } }).error.code;

test('a wrong key and one of scope use are refused, an admin key is let in', async () => {
  const of = await consoleInTest();
  const wrong = await of.signIn(`kb-${'A'.repeat(43)}`);
  expect([wrong.status, await code(wrong)]).toEqual([401, 'invalid_api_key']);
  expect(wrong.headers.get('set-cookie')).toBeNull();
  const use = await of.signIn(of.use.secret);
  expect([use.status, await code(use)]).toEqual([403, 'wrong_scope']);
  expect(use.headers.get('set-cookie')).toBeNull();

  const admin = await of.signIn();
  expect(admin.status).toBe(200);
  const cookie = admin.headers.get('set-cookie')!;
  expect(cookie).toMatch(/^kolben_session=[\w-]{43}; /);
  for (const attribute of ['HttpOnly', 'SameSite=Strict', 'Path=/console'])
    expect(cookie).toContain(attribute);
  const who = await of.send('/api/session');
  expect(await who.json()).toEqual({
    key: { id: of.admin.id, name: 'anna' },
    csrf: of.session.csrf,
    expiresAt: new Date(of.clock.now.getTime() + 12 * 60 * minute).toISOString(),
    version: expect.any(String),
  });
  expect(await of.store.auditTrail({ limit: 1 })).toMatchObject([
    { actor: of.admin.id, act: 'console.enter' },
  ]);
});

test('the cookie is for TLS alone where the page came over TLS', async () => {
  const of = await consoleInTest();
  const response = await of.send('/api/session', {
    method: 'POST',
    headers: { origin: of.url.replace('http:', 'https:') },
    body: JSON.stringify({ key: of.admin.secret }),
  });
  expect(response.status).toBe(200);
  expect(response.headers.get('set-cookie')).toMatch(/^__Secure-kolben_session=.*; Secure/);
});

test('a session ends after half an hour without use; what the page does by itself is no use', async () => {
  const of = await consoleInTest();
  await of.signIn();
  const start = of.clock.now.getTime();
  const at = async (minutes: number, path = '/api/session', headers: Record<string, string> = {}) => {
    of.clock.now = new Date(start + minutes * minute);
    const response = await of.send(path, { headers });
    await response.body?.cancel();
    return response.status;
  };
  expect(await at(29)).toBe(200);
  expect(await at(50, '/api/overview/live')).toBe(200);
  expect(await at(58)).toBe(200);
  expect(await at(86, '/api/overview/live')).toBe(200);
  // What a page asks that nobody has touched for a while.
  expect(await at(87, '/api/tasks', { 'x-kolben-by-itself': 'true' })).toBe(200);
  expect(await at(88)).toBe(401);
  expect(await at(88, '/api/overview/live')).toBe(401);
});

test('a session ends after twelve hours, however much it is used', async () => {
  const of = await consoleInTest();
  await of.signIn();
  const start = of.clock.now.getTime();
  for (let minutes = 0; minutes < 720; minutes += 25) {
    of.clock.now = new Date(start + minutes * minute);
    expect((await of.send('/api/session')).status, String(minutes)).toBe(200);
  }
  of.clock.now = new Date(start + 720 * minute);
  const over = await of.send('/api/session');
  expect([over.status, await code(over)]).toEqual([401, 'session_ended']);
});

test('signing out ends the session, at the server and not in the browser alone', async () => {
  const of = await consoleInTest();
  await of.signIn();
  const out = await of.send('/api/session', { method: 'DELETE' });
  expect(out.status).toBe(200);
  expect(out.headers.get('set-cookie')).toMatch(/kolben_session=; Max-Age=0/);
  expect((await of.send('/api/session')).status).toBe(401);
  expect((await of.store.auditTrail({ limit: 1 }))[0]).toMatchObject({ act: 'console.leave' });
});

test('a revoked key ends its sessions, also those that are being told what is live', async () => {
  const of = await consoleInTest();
  await of.signIn();
  const live = await of.send('/api/overview/live');
  const reading = live.text();
  await of.store.keys.revoke(of.admin.id);
  expect((await of.send('/api/overview')).status).toBe(401);
  expect(await reading).toContain('event: over');
});

test('after ten wrong keys an address has to wait, with the right one too', async () => {
  const of = await consoleInTest();
  for (let i = 0; i < 10; i += 1) expect((await of.signIn('kb-wrong')).status).toBe(401);
  const eleventh = await of.signIn();
  expect([eleventh.status, await code(eleventh)]).toEqual([429, 'too_many_tries']);
  expect(Number(eleventh.headers.get('retry-after'))).toBeGreaterThan(0);
  of.clock.now = new Date(of.clock.now.getTime() + minute);
  expect((await of.signIn()).status).toBe(200);
});

test('a stopping gateway ends what it tells live', async () => {
  const of = await consoleInTest();
  await of.signIn();
  const live = await of.send('/api/overview/live');
  const reading = live.text();
  // Either way it is over: with the last event, or with the connection.
  const over = reading.then(
    () => true,
    () => true,
  );
  await of.gateway.close();
  expect(await over).toBe(true);
  expect(of.events.filter((event) => event.startsWith('error'))).toEqual([]);
});
