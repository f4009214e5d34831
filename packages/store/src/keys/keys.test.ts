import { expect, onTestFinished, test, vi } from 'vitest';
import { StoreValueError } from '../errors.ts';
import { everythingKept, newStore, openStore } from '../testing/folders.ts';
import { newCall } from '../testing/new-call.ts';
import { sameHash, secretHash } from './secret.ts';

test('a key is made, known by its secret, listed without it, and revoked', async () => {
  const { keys } = await newStore();
  const { id, secret } = await keys.create({ name: 'shop', scope: 'use' });
  expect(secret).toMatch(/^kb-[A-Za-z0-9_-]{43}$/);
  const key = await keys.verify(secret);
  expect(key).toMatchObject({ id, name: 'shop', scope: 'use', revokedAt: null, expiresAt: null });
  const admin = await keys.create({ name: 'console', scope: 'admin' });
  expect((await keys.verify(admin.secret))?.scope).toBe('admin');
  const listed = await keys.list();
  expect(listed.map((each) => each.id)).toEqual([id, admin.id]);
  expect(JSON.stringify(listed)).not.toContain(secret.slice(3));
  expect(await keys.revoke(id)).toBe(true);
  expect(await keys.verify(secret)).toBeUndefined();
  expect(await keys.revoke(id)).toBe(false);
  expect(await keys.revoke('key_nowhere')).toBe(false);
  expect((await keys.list())[0]?.revokedAt).toBeInstanceOf(Date);
  expect((await keys.verify(admin.secret))?.id).toBe(admin.id);
});

test('secrets differ, and none is kept', async () => {
  const store = await newStore();
  const secrets = new Set<string>();
  for (let i = 0; i < 20; i++) secrets.add((await store.keys.create({ name: `${i}`, scope: 'use' })).secret);
  expect(secrets.size).toBe(20);
  const bytes = await everythingKept(store.directory);
  for (const secret of secrets) {
    expect(bytes.includes(secret.slice(3))).toBe(false);
    expect(bytes.includes(secretHash(secret))).toBe(true);
  }
});

test('whatever is no secret of ours is unknown', async () => {
  const { keys } = await newStore();
  const { id, secret } = await keys.create({ name: 'shop', scope: 'use' });
  const last = secret.at(-1) === 'A' ? 'B' : 'A';
  for (const other of [
    '',
    'kb-',
    id,
    secret.slice(0, -1),
    `${secret}A`,
    ` ${secret}`,
    secret.toUpperCase(),
    secret.slice(0, -1) + last,
    secretHash(secret),
    "' or 1=1; --",
    'kb-\0',
    'kb-\ud800',
    'x'.repeat(1_000_000),
  ]) {
    expect(await keys.verify(other), other.slice(0, 60)).toBeUndefined();
  }
  expect((await keys.verify(secret))?.id).toBe(id);
});

test('a key past its time is unknown, also when it was known a moment ago', async () => {
  const { keys } = await newStore();
  const past = await keys.create({ name: 'old', scope: 'use', expiresAt: new Date(Date.now() - 1) });
  expect(await keys.verify(past.secret)).toBeUndefined();
  const expiresAt = new Date(Date.now() + 3_600_000);
  const { secret } = await keys.create({ name: 'short', scope: 'use', expiresAt });
  expect((await keys.verify(secret))?.expiresAt).toEqual(expiresAt);
  const clock = vi.spyOn(Date, 'now').mockReturnValue(expiresAt.getTime());
  expect(await keys.verify(secret)).toBeUndefined();
  clock.mockRestore();
});

test('a key made or revoked by another process is known or unknown here', async () => {
  const store = await newStore();
  const other = await openStore({ directory: store.directory });
  const { id, secret } = await other.keys.create({ name: 'shop', scope: 'use' });
  expect((await store.keys.verify(secret))?.id).toBe(id);
  await other.keys.revoke(id);
  await other.close();
  // What is remembered is forgotten after a second; the test only says that it is forgotten.
  await vi.waitUntil(async () => (await store.keys.verify(secret)) === undefined, { timeout: 30_000 });
});

test('a key in use is looked up again before it is forgotten, by a call that doesn’t wait for it', async () => {
  const store = await newStore();
  const other = await openStore({ directory: store.directory });
  const { id, secret } = await other.keys.create({ name: 'shop', scope: 'use' });
  const clock = vi.spyOn(performance, 'now').mockReturnValue(0);
  onTestFinished(() => clock.mockRestore());
  expect((await store.keys.verify(secret))?.id).toBe(id);
  await other.keys.revoke(id);
  await other.close();
  // Remembered until 1,000. Too early to look again, then early enough: what that sees holds from when it is seen.
  clock.mockReturnValue(500);
  for (let i = 0; i < 3; i++) expect((await store.keys.verify(secret))?.id).toBe(id);
  clock.mockReturnValue(700);
  expect((await store.keys.verify(secret))?.id).toBe(id);
  await vi.waitUntil(async () => (await store.keys.verify(secret)) === undefined, { timeout: 30_000 });
});

test('many questions for one key at once get one answer', async () => {
  const { keys } = await newStore();
  const { id, secret } = await keys.create({ name: 'shop', scope: 'use' });
  const answers = await Promise.all(Array.from({ length: 200 }, () => keys.verify(secret)));
  expect(new Set(answers.map((key) => key?.id))).toEqual(new Set([id]));
});

test('when a key was used last is noted, and the note is written before the store closes', async () => {
  const store = await newStore();
  const { secret } = await store.keys.create({ name: 'shop', scope: 'use' });
  expect((await store.keys.list())[0]?.lastUsedAt).toBeNull();
  const before = Date.now();
  await store.keys.verify(secret);
  await store.calls.record(newCall());
  await store.close();
  const again = await openStore({ directory: store.directory });
  expect((await again.keys.list())[0]?.lastUsedAt?.getTime()).toBeGreaterThanOrEqual(before);
  await again.close();
});

test('a key without a name, or of a scope that is none, is refused', async () => {
  const { keys } = await newStore();
  await expect(keys.create({ name: ' ', scope: 'use' })).rejects.toThrow(StoreValueError);
  await expect(keys.create({ name: 'x', scope: 'root' as 'admin' })).rejects.toThrow('use, admin');
  await expect(keys.create({ name: 'x', scope: 'use', expiresAt: new Date('never') })).rejects.toThrow(
    StoreValueError,
  );
  await expect(keys.create({ name: 'a\0b', scope: 'use' })).rejects.toThrow(StoreValueError);
  expect(await keys.list()).toEqual([]);
});

test('limits are given at the start, changed one by one, taken away, and seen by who verifies', async () => {
  const { keys } = await newStore();
  const none = { usdPerMonth: null, requestsPerMinute: null, tokensPerMinute: null };
  const plain = await keys.create({ name: 'plain', scope: 'use' });
  expect((await keys.verify(plain.secret))?.limits).toEqual(none);
  const { id, secret } = await keys.create({ name: 'shop', scope: 'use', limits: { usdPerMonth: 12.5 } });
  expect((await keys.verify(secret))?.limits).toEqual({ ...none, usdPerMonth: 12.5 });
  expect(await keys.limit(id, { requestsPerMinute: 60, tokensPerMinute: 1 })).toBe(true);
  expect((await keys.verify(secret))?.limits).toEqual({
    usdPerMonth: 12.5,
    requestsPerMinute: 60,
    tokensPerMinute: 1,
  });
  expect(await keys.limit(id, { usdPerMonth: null, tokensPerMinute: null })).toBe(true);
  expect((await keys.list()).map(({ limits }) => limits)).toEqual([none, { ...none, requestsPerMinute: 60 }]);
  expect(await keys.limit('key_nowhere', { usdPerMonth: 1 })).toBe(false);
  await keys.revoke(id);
  expect(await keys.limit(id, { usdPerMonth: 1 })).toBe(false);
});

test('limits that are none are refused', async () => {
  const { keys } = await newStore();
  const { id } = await keys.create({ name: 'shop', scope: 'use' });
  for (const limits of [
    {},
    { usdPerMonth: -1 },
    { usdPerMonth: Number.NaN },
    { requestsPerMinute: 0 },
    { tokensPerMinute: 1.5 },
  ]) {
    await expect(keys.limit(id, limits)).rejects.toThrow(StoreValueError);
  }
});

test('hashes are compared as a whole', () => {
  const hash = secretHash('a');
  expect(hash).toBe('ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb'); // NIST's SHA-256 of "a"
  expect(sameHash(hash, hash)).toBe(true);
  expect(sameHash(hash, secretHash('b'))).toBe(false);
  expect(sameHash(hash, hash.slice(2))).toBe(false);
});

test('a key is exchanged for another, and works on for its time of grace', async () => {
  const store = await newStore();
  const expiresAt = new Date(Date.now() + 10_000_000);
  const old = await store.keys.create({ name: 'shop', scope: 'admin', expiresAt });
  const next = await store.keys.rotate(old.id, 60_000);
  expect(next).toMatchObject({ name: 'shop', scope: 'admin' });
  expect(next!.secret).not.toBe(old.secret);
  // It lives as long as the old one was to live.
  expect(next!.expiresAt!.getTime()).toBeGreaterThanOrEqual(expiresAt.getTime());
  expect((await store.keys.verify(next!.secret))?.id).toBe(next!.id);
  const still = await store.keys.verify(old.secret);
  expect(still?.expiresAt).toEqual(next!.oldWorksUntil);
  expect(still!.expiresAt!.getTime()).toBeLessThan(Date.now() + 61_000);
  // Grace makes no key live longer than it would have.
  const short = await store.keys.create({ name: 's', scope: 'use', expiresAt: new Date(Date.now() + 5_000) });
  const longer = await store.keys.rotate(short.id, 60_000);
  expect(longer!.oldWorksUntil!.getTime()).toBeLessThan(Date.now() + 6_000);
});

test('without grace the old key is revoked at once; one that doesn’t work can’t be exchanged', async () => {
  const store = await newStore();
  const old = await store.keys.create({ name: 'shop', scope: 'use' });
  expect(await store.keys.verify(old.secret)).toBeDefined();
  const next = await store.keys.rotate(old.id, 0);
  expect(next).toMatchObject({ expiresAt: null, oldWorksUntil: null });
  expect(await store.keys.verify(old.secret)).toBeUndefined();
  expect(await store.keys.rotate(old.id, 0)).toBeUndefined();
  expect(await store.keys.rotate('key_none', 0)).toBeUndefined();
  await expect(store.keys.rotate(next!.id, -1)).rejects.toThrow(StoreValueError);
  expect(await store.keys.list()).toHaveLength(2);
});
