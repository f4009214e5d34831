import { expect, test } from 'vitest';
import { StoreValueError } from '../errors.ts';
import { everythingKept, newStore, openStore } from '../testing/folders.ts';

const minute = 60_000;
const hour = 60 * minute;
const start = new Date(Date.UTC(2026, 10, 28, 9));
const after = (ms: number) => new Date(start.getTime() + ms);
const idleMs = 30 * minute;
const look = (ms: number, isUse = true) => ({ now: after(ms), idleMs, isUse });

async function begun() {
  const store = await newStore();
  const { id } = await store.keys.create({ name: 'anna', scope: 'admin' });
  const token = await store.sessions.begin({ keyId: id, now: start, lifeMs: 12 * hour });
  return { store, id, token };
}

test('a session is found by its token, by every process, and no other token finds it', async () => {
  const { store, id, token } = await begun();
  expect(token).toMatch(/^[\w-]{43}$/);
  const other = await openStore({ directory: store.directory });
  const found = await other.sessions.find(token, look(minute));
  expect(found).toEqual({
    key: {
      id,
      name: 'anna',
      limits: { usdPerMonth: null, requestsPerMinute: null, tokensPerMinute: null },
    },
    createdAt: start,
    lastUsedAt: start,
    expiresAt: after(12 * hour),
  });
  await other.close();
  for (const wrong of ['', 'x', token.slice(1), `${token}A`, 'A'.repeat(43), "' or 1=1 --"])
    expect(await store.sessions.find(wrong, look(minute)), wrong).toBeUndefined();
});

test('its token is stored nowhere', async () => {
  const { store, token } = await begun();
  const { directory } = store;
  await store.close();
  expect((await everythingKept(directory)).includes(token)).toBe(false);
});

test('it ends when it is not used for half an hour, and looks that are no use do not keep it', async () => {
  const { store, token } = await begun();
  for (let at = 0; at <= 100 * minute; at += 25 * minute)
    expect(await store.sessions.find(token, look(at)), String(at)).toBeDefined();
  for (let at = 101; at < 130; at += 5)
    expect(await store.sessions.find(token, look(at * minute, false))).toBeDefined();
  expect(await store.sessions.find(token, look(130 * minute - 1))).toBeDefined();
});

test('a session that only looks are made at is over after half an hour', async () => {
  const { store, token } = await begun();
  expect(await store.sessions.find(token, look(idleMs - 1, false))).toBeDefined();
  expect(await store.sessions.find(token, look(idleMs, false))).toBeUndefined();
  expect(await store.sessions.find(token, look(idleMs))).toBeUndefined();
});

test('it ends after its life, however much it is used', async () => {
  const { store, token } = await begun();
  for (let at = 0; at < 12 * hour; at += 20 * minute)
    expect(await store.sessions.find(token, look(at)), String(at)).toBeDefined();
  expect(await store.sessions.find(token, look(12 * hour - 1))).toBeDefined();
  expect(await store.sessions.find(token, look(12 * hour))).toBeUndefined();
});

test('it ends by itself with its key, and when it is ended', async () => {
  const revoked = await begun();
  await revoked.store.keys.revoke(revoked.id);
  expect(await revoked.store.sessions.find(revoked.token, look(minute))).toBeUndefined();

  const { store, token } = await begun();
  expect(await store.sessions.end(token)).toBe(true);
  expect(await store.sessions.end(token)).toBe(false);
  expect(await store.sessions.find(token, look(minute))).toBeUndefined();

  const short = await store.keys.create({ name: 'short', scope: 'admin', expiresAt: after(5 * minute) });
  const until = await store.sessions.begin({ keyId: short.id, now: start, lifeMs: hour });
  expect(await store.sessions.find(until, look(5 * minute - 1))).toBeDefined();
  expect(await store.sessions.find(until, look(5 * minute))).toBeUndefined();
});

test('there is none without a key of scope admin that works', async () => {
  const { store, id } = await begun();
  const use = await store.keys.create({ name: 'shop', scope: 'use' });
  const begin = (keyId: string, now = start) => store.sessions.begin({ keyId, now, lifeMs: hour });
  await expect(begin(use.id)).rejects.toThrow(StoreValueError);
  await expect(begin('key_none')).rejects.toThrow(StoreValueError);
  await store.keys.revoke(id);
  await expect(begin(id)).rejects.toThrow(StoreValueError);
});
