import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { StoreKeyError } from '../errors.ts';
import { newFolder, openStore } from '../testing/folders.ts';
import { newCall } from '../testing/new-call.ts';

afterEach(() => vi.unstubAllEnvs());

/** A store with one call in it, closed. */
async function written(key?: Buffer): Promise<{ directory: string; id: string }> {
  const directory = newFolder();
  const store = await openStore({ directory, ...(key && { key }) });
  const id = await store.calls.record(newCall());
  await store.close();
  return { directory, id };
}

async function reads(directory: string, id: string, key?: Buffer): Promise<void> {
  const store = await openStore({ directory, ...(key && { key }) });
  expect((await store.calls.get(id))?.request).toEqual(newCall().request);
  await store.close();
}

async function refusal(directory: string, key?: Buffer): Promise<string> {
  const error = await openStore({ directory, ...(key && { key }) }).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(StoreKeyError);
  return (error as Error).message;
}

test('a new store gets a key file of its own, which is used from then on', async () => {
  const { directory, id } = await written();
  const path = join(directory, 'kolben.key');
  const text = readFileSync(path, 'utf8');
  expect(Buffer.from(text, 'base64')).toHaveLength(32);
  if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600);
  await reads(directory, id);
  expect(readFileSync(path, 'utf8')).toBe(text);
  expect(readdirSync(directory)).not.toContain('kolben.key.new');
});

test('a key handed over or from the environment needs no file', async () => {
  const key = randomBytes(32);
  const { directory, id } = await written(key);
  expect(existsSync(join(directory, 'kolben.key'))).toBe(false);
  vi.stubEnv('KOLBEN_ENCRYPTION_KEY', key.toString('base64'));
  await reads(directory, id);
  vi.stubEnv('KOLBEN_ENCRYPTION_KEY', randomBytes(32).toString('base64'));
  await reads(directory, id, key);
});

test('several processes that begin a store together agree on one key', async () => {
  const directory = newFolder();
  const stores = await Promise.all(Array.from({ length: 4 }, () => openStore({ directory })));
  const ids = await Promise.all(stores.map((store) => store.calls.record(newCall())));
  for (const store of stores) {
    for (const id of ids) expect((await store.calls.get(id))?.request).toEqual(newCall().request);
  }
  await Promise.all(stores.map((store) => store.close()));
});

test('a wrong key is refused, naming where it comes from and what to do', async () => {
  const { directory, id } = await written();
  expect(await refusal(directory, randomBytes(32))).toMatch(
    /was written with another encryption key \(id [0-9a-f]{16}\) than the one in the key option \(id [0-9a-f]{16}\); put back the right one\.$/,
  );
  vi.stubEnv('KOLBEN_ENCRYPTION_KEY', randomBytes(32).toString('base64'));
  expect(await refusal(directory)).toContain('than the one in KOLBEN_ENCRYPTION_KEY');
  vi.unstubAllEnvs();
  const path = join(directory, 'kolben.key');
  const right = readFileSync(path);
  writeFileSync(path, randomBytes(32).toString('base64'));
  expect(await refusal(directory)).toContain(`than the one in ${path}`);
  writeFileSync(path, right);
  await reads(directory, id);
});

test('a key that is gone is missed; none is made in its place', async () => {
  const { directory } = await written();
  rmSync(join(directory, 'kolben.key'));
  expect(await refusal(directory)).toMatch(
    /is encrypted and its key is missing; put kolben\.key back beside it or set KOLBEN_ENCRYPTION_KEY to the key/,
  );
  expect(existsSync(join(directory, 'kolben.key'))).toBe(false);
});

test.for([
  ['', 'nothing'],
  ['hunter2', 'a word'],
  [randomBytes(16).toString('base64'), 'a short key'],
  [randomBytes(32).toString('hex'), 'hexadecimal'],
  [`${randomBytes(32).toString('base64').slice(0, -3)}!!!`, 'broken base64'],
])('a key file that holds %j (%s) is refused', async ([content]) => {
  const directory = newFolder();
  writeFileSync(join(directory, 'kolben.key'), content!, { mode: 0o600 });
  expect(await refusal(directory)).toContain('holds no encryption key (32 bytes in base64)');
});

test('a malformed key in the environment is refused without being shown', async () => {
  vi.stubEnv('KOLBEN_ENCRYPTION_KEY', 'correct horse battery staple');
  const message = await refusal(newFolder());
  expect(message).toContain('The environment variable KOLBEN_ENCRYPTION_KEY holds no encryption key');
  expect(message).not.toContain('horse');
  vi.unstubAllEnvs();
  expect(await refusal(newFolder(), randomBytes(31))).toBe(
    'The encryption key handed over has 31 bytes; it must have 32.',
  );
});

test.skipIf(process.platform === 'win32')('a key file that others can read is refused', async () => {
  const { directory, id } = await written();
  const path = join(directory, 'kolben.key');
  chmodSync(path, 0o640);
  expect(await refusal(directory)).toBe(
    `The key file ${path} can be read by others (mode 640); run: chmod 600 ${path}`,
  );
  chmodSync(path, 0o400);
  await reads(directory, id);
});
