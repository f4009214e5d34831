import { openStore, type Store } from '@kolben/store';
import { expect, onTestFinished, test } from 'vitest';
import { callKolben, emptyFolder } from '../testing/run-kolben.ts';

/** `kolben keys` on a real store: what it says is what the gateway then holds to. */

async function newStore() {
  const folder = emptyFolder();
  const store = await openStore({ directory: folder.path });
  onTestFinished(async () => {
    await store.close();
    folder.remove();
  });
  const kolben = (...args: string[]) => callKolben([...args, '--data', folder.path]);
  const json = async (...args: string[]) => {
    const { stdout, stderr, code } = await kolben(...args, '--json');
    expect({ code, stderr }).toMatchObject({ code: 0 });
    return JSON.parse(stdout) as Record<string, unknown>;
  };
  return { store, kolben, json };
}

/** Whether a client with this secret is let in. */
const works = async (store: Store, secret: unknown) =>
  (await store.keys.verify(String(secret))) !== undefined;

test('exchanges a key: the new one has its name, scope and limits, the old one works for its time of grace', async () => {
  const { store, kolben, json } = await newStore();
  const old = await json(
    ...['keys', 'create', '--name', 'shop', '--requests-per-minute', '60', '--expires', '2099-01-01'],
  );
  const before = Date.now();
  const next = await json('keys', 'rotate', String(old.id), '--grace', '2h');
  expect(next).toMatchObject({
    ...{ name: 'shop', scope: 'use', replaces: old.id, expiresAt: expect.stringMatching(/^2099-01-01T00:0/) },
    secret: expect.stringMatching(/^kb-/),
  });
  const until = Date.parse(String(next.oldWorksUntil));
  expect(until).toBeGreaterThanOrEqual(before + 7_200_000);
  expect(until).toBeLessThanOrEqual(Date.now() + 7_200_000);
  expect(next.secret).not.toBe(old.secret);
  expect([await works(store, old.secret), await works(store, next.secret)]).toEqual([true, true]);
  const { limits } = (await store.keys.list()).find(({ id }) => id === next.id)!;
  expect(limits.requestsPerMinute).toBe(60);
  const listed = await kolben('keys');
  expect(listed.stdout).not.toContain(String(next.secret));
  expect((await store.auditTrail())[0]).toMatchObject({
    ...{ act: 'key.rotate', actor: 'cli', subject: old.id },
    detail: { to: next.id, oldWorksUntil: next.oldWorksUntil },
  });
});

test('without grace the old key is dead at once, and cannot be exchanged again', async () => {
  const { store, kolben, json } = await newStore();
  const old = await json('keys', 'create', '--name', 'leaked');
  const next = await json('keys', 'rotate', String(old.id), '--grace', '0m');
  expect(next.oldWorksUntil).toBeNull();
  expect([await works(store, old.secret), await works(store, next.secret)]).toEqual([false, true]);
  const again = await kolben('keys', 'rotate', String(old.id));
  expect(again).toMatchObject({ code: 1, stdout: '' });
  expect(again.stderr).toContain(`There is no active key '${String(old.id)}'`);
});

test('the new secret alone is on standard output, so that it can be piped to where it is kept', async () => {
  const { store, kolben, json } = await newStore();
  const old = await json('keys', 'create', '--name', 'shop');
  const { stdout, stderr, code } = await kolben('keys', 'rotate', String(old.id), '--grace', '7d');
  expect(code).toBe(0);
  expect(await works(store, stdout.trim())).toBe(true);
  expect(stderr).toContain('The old key works until');
});

test.each([
  [['keys', 'rotate', 'key_1', '--grace', 'soon'], '--grace must be'],
  [['keys', 'rotate'], 'needs'],
  [['keys', 'set', 'key_1'], 'No limit was named'],
  [['keys', 'set', 'key_1', '--requests-per-minute', '0'], '--requests-per-minute must be a whole number'],
])('%j ends with 2 and one sentence', async (args, words) => {
  const { kolben } = await newStore();
  const { stdout, stderr, code } = await kolben(...args);
  expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
  expect(stderr).toContain(words);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
});

test('sets limits and takes them away', async () => {
  const { store, json } = await newStore();
  const { id } = await json('keys', 'create', '--name', 'shop', '--budget-usd-per-month', '5');
  expect(await json('keys', 'set', String(id), '--tokens-per-minute', '1000')).toEqual({
    id,
    limits: { usdPerMonth: 5, requestsPerMinute: null, tokensPerMinute: 1000 },
  });
  expect(await json('keys', 'set', String(id), '--budget-usd-per-month', 'none')).toMatchObject({
    limits: { usdPerMonth: null, tokensPerMinute: 1000 },
  });
  expect((await store.auditTrail()).map(({ act }) => act)).toEqual(['key.limit', 'key.limit', 'key.create']);
});
