import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { StoreKeyError } from '../errors.ts';
import { newFolder, newStore, openStore } from '../testing/folders.ts';
import { newCall } from '../testing/new-call.ts';
import { listen, rotateCommand } from '../testing/recording-process.ts';
import { sealKeyId } from './seal.ts';

afterEach(() => vi.unstubAllEnvs());

const keysIn = (directory: string) =>
  readFileSync(join(directory, 'kolben.key'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => Buffer.from(line, 'base64'));

async function written(calls: number, key?: Buffer): Promise<string> {
  const directory = newFolder();
  const store = await openStore({ directory, ...(key && { key }) });
  const student = { id: 's', answer: 'ham', confidence: 1, certified: false };
  const error = { code: 'bad', message: 'It was bad.' };
  await Promise.all(Array.from({ length: calls }, () => store.calls.record(newCall({ student, error }))));
  await store.close();
  return directory;
}

async function expectReadable(directory: string, calls: number, key?: Buffer | Buffer[]): Promise<void> {
  const store = await openStore({ directory, ...(key && { key }) });
  onTestFinished(() => store.close());
  const all = await store.calls.list({ limit: 1_000 });
  expect(all).toHaveLength(calls);
  for (const call of all)
    expect(call).toMatchObject({
      request: newCall().request,
      response: newCall().response,
      student: { answer: 'ham' },
      error: { message: 'It was bad.' },
    });
  await store.close();
}

test('all texts are sealed with a new key, and the old one opens nothing any more', async () => {
  const directory = await written(600);
  const [old] = keysIn(directory);
  const store = await newStore({ directory });
  const seen: number[] = [];
  const rotation = await store.rotateKey({ onProgress: (rows) => seen.push(rows) });
  expect(rotation).toMatchObject({ from: sealKeyId(old!), rows: 600, resumed: false, keysFrom: 'file' });
  expect(seen.at(-1)).toBe(600);
  const [current, ...others] = keysIn(directory);
  expect(others).toEqual([]);
  expect(sealKeyId(current!)).toBe(rotation.to);
  expect(current!.equals(old!)).toBe(false);
  // The store that did it goes on working, and what it writes is of the new key.
  await store.calls.record(
    newCall({
      student: { id: 's', answer: 'ham', confidence: 1, certified: false },
      error: { code: 'bad', message: 'It was bad.' },
    }),
  );
  await store.close();
  await expectReadable(directory, 601);
  const oldId = Buffer.from(rotation.from, 'hex');
  for (const name of readdirSync(directory)) {
    if (/^kolben\.db/.test(name)) expect(readFileSync(join(directory, name)).includes(oldId)).toBe(false);
  }
  writeFileSync(join(directory, 'kolben.key'), old!.toString('base64'));
  await expect(openStore({ directory })).rejects.toThrow(StoreKeyError);
});

test('a change that was killed at any point goes on where it was', async () => {
  const calls = 400;
  const directory = await written(calls);
  const first = keysIn(directory)[0]!;
  let kills = 0;
  for (let round = 0; ; round++) {
    const process = listen(spawn(rotateCommand[0]!, [...rotateCommand.slice(1), directory]));
    // It prints a line after each step; killed after the first, the second, …
    await process.reached(round + 1);
    process.child.kill('SIGKILL');
    const { signal, stderr } = await process.ended;
    expect(stderr).toBe('');
    if (signal !== 'SIGKILL') break;
    kills += 1;
    await expectReadable(directory, calls);
  }
  expect(kills).toBeGreaterThan(1);
  const store = await newStore({ directory });
  await store.rotateKey();
  expect((await store.inspect()).rotationFrom).toBeNull();
  await store.close();
  expect(keysIn(directory)).toHaveLength(1);
  expect(keysIn(directory)[0]!.equals(first)).toBe(false);
  await expectReadable(directory, calls);
});

test('a process that had the store open before can’t write texts that nobody could read later', async () => {
  const directory = await written(1);
  const before = await newStore({ directory });
  const store = await newStore({ directory });
  await store.rotateKey();
  await expect(before.calls.record(newCall())).rejects.toThrow(
    'The encryption key was changed while this process had the store open; start it again with the new key.',
  );
  await expect(before.calls.list()).rejects.toThrow(StoreKeyError);
  expect(await store.calls.count()).toBe(1);
});

test('a call that waits in the journal is sealed anew with the others', async () => {
  const directory = newFolder();
  const store = await openStore({ directory });
  const journal = await store.openJournal();
  const { id } = await journal.accept(newCall());
  await journal.close();
  await store.close();
  const next = await newStore({ directory });
  expect(await next.rotateKey()).toMatchObject({ rows: 1 });
  await next.close();
  const again = await newStore({ directory });
  expect((await again.calls.get(id))?.request).toEqual(newCall().request);
});

test('keys from the environment are changed there: the next one stands beside, then alone', async () => {
  const [old, next] = [randomBytes(32), randomBytes(32)];
  const directory = await written(20, old);
  vi.stubEnv('KOLBEN_ENCRYPTION_KEY', old.toString('base64'));
  const store = await newStore({ directory });
  await expect(store.rotateKey()).rejects.toThrow('set KOLBEN_NEW_ENCRYPTION_KEY to the one to change to');
  vi.stubEnv('KOLBEN_NEW_ENCRYPTION_KEY', old.toString('base64'));
  await expect(store.rotateKey()).rejects.toThrow('holds the key that the store is written with already');
  vi.stubEnv('KOLBEN_NEW_ENCRYPTION_KEY', next.toString('base64'));
  expect(await store.rotateKey()).toMatchObject({ rows: 20, keysFrom: 'environment' });
  await store.close();
  // Until it's set alone, both are there.
  await expectReadable(directory, 20);
  vi.stubEnv('KOLBEN_NEW_ENCRYPTION_KEY', '');
  await expect(openStore({ directory })).rejects.toThrow(StoreKeyError);
  vi.stubEnv('KOLBEN_ENCRYPTION_KEY', next.toString('base64'));
  await expectReadable(directory, 20);
});

test('keys that were handed over are changed to one that is handed over', async () => {
  const [old, next] = [randomBytes(32), randomBytes(32)];
  const directory = await written(2, old);
  const store = await newStore({ directory, key: old });
  await expect(store.rotateKey()).rejects.toThrow(StoreKeyError);
  expect(await store.rotateKey({ newKey: next })).toMatchObject({ rows: 2, keysFrom: 'option' });
  await store.close();
  await expectReadable(directory, 2, next);
});

test('what people decided is sealed anew too', async () => {
  const store = await newStore({ directory: newFolder() });
  const student = { id: 's', answer: 'ham', confidence: 1, certified: false };
  const callId = await store.calls.record(newCall({ student, agreed: false }));
  const open = await store.calls.record(newCall({ student, agreed: false }));
  await store.decisions.set({ callId, verdict: 'neither', answer: 'spam', by: 'cli' });
  await store.decisions.set({ callId: open, verdict: 'student', by: 'cli' });
  expect(await store.rotateKey()).toMatchObject({ rows: 3 });
  await store.close();
  const again = await newStore({ directory: store.directory });
  expect(await again.decisions.get(callId)).toMatchObject({ answer: 'spam' });
  expect((await again.inspect()).texts).toMatchObject({ unsealed: 0 });
});
