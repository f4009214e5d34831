import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { toOpenCall } from '../calls/call-row.ts';
import { unpackCall } from '../calls/packed-call.ts';
import { StoreClosedError, StoreInUseError, StoreValueError } from '../errors.ts';
import { Seal } from '../seal/seal.ts';
import { newFolder, newStore, openStore } from '../testing/folders.ts';
import { newCall } from '../testing/new-call.ts';
import { fromEntries, toEntries } from './entries.ts';

const journalsIn = (directory: string) => readdirSync(directory).filter((name) => name.endsWith('.journal'));

/** What a killed process leaves: a journal with calls of which the database knows nothing. */
async function leftBehind(calls: number): Promise<{ directory: string; ids: string[] }> {
  const directory = newFolder();
  const store = await openStore({ directory });
  const journal = await store.openJournal();
  const accepted = await Promise.all(Array.from({ length: calls }, () => journal.accept(newCall())));
  await journal.close();
  await store.close();
  return { directory, ids: accepted.map(({ id }) => id) };
}

test('a call is safe in a file first and in the database when it is settled, with what came out later', async () => {
  const store = await newStore();
  const journal = await store.openJournal();
  const call = await journal.accept(newCall());
  expect(await store.calls.get(call.id)).toBeUndefined();
  const [file] = journalsIn(store.directory);
  expect(statSync(join(store.directory, file!)).size).toBeGreaterThan(100);
  const student = { id: 'student_1', answer: 'delivery', confidence: 0.9, certified: true };
  await call.settle({ status: 'aborted', student });
  await call.settle({ status: 'error' });
  expect(await store.calls.get(call.id)).toMatchObject({
    status: 'aborted',
    student,
    request: newCall().request,
    response: newCall().response,
  });
  await journal.close();
  expect(journalsIn(store.directory)).toEqual([]);
});

test('what was said lies nowhere in the open', async () => {
  const store = await newStore();
  const journal = await store.openJournal();
  await journal.accept(newCall({ request: { messages: [{ role: 'user', content: 'a marked word' }] } }));
  for (const name of readdirSync(store.directory))
    expect(readFileSync(join(store.directory, name)).includes('marked')).toBe(false);
});

test('what a killed process had accepted is in the database at the next start, once', async () => {
  const { directory, ids } = await leftBehind(450);
  expect(journalsIn(directory)).toHaveLength(1);
  const store = await newStore({ directory });
  const journal = await store.openJournal();
  expect(journal.recovered).toBe(450);
  expect(journalsIn(directory)).toEqual([]);
  for (const id of ids) expect((await store.calls.get(id))?.request).toEqual(newCall().request);
  expect(await store.calls.count()).toBe(450);
  await journal.close();
  const again = await store.openJournal();
  expect(again.recovered).toBe(0);
});

test('a journal of an earlier version, whose calls are rows in V8’s own form, is read too', async () => {
  const { directory, ids } = await leftBehind(2);
  const path = join(directory, journalsIn(directory)[0]!);
  const entries = [...fromEntries(readFileSync(path))].map((body) => {
    const { figures, ...rows } = unpackCall(body);
    const old = serialize({ ...rows, figures: { ...figures, cost_nano_usd: 7n, teacher_cost_nano_usd: 8n } });
    const head = Buffer.alloc(8);
    head.writeUInt32LE(old.length, 0);
    head.writeUInt32LE(crc32(old), 4);
    return Buffer.concat([head, old]);
  });
  writeFileSync(path, Buffer.concat(entries));
  const store = await newStore({ directory });
  expect((await store.openJournal()).recovered).toBe(2);
  for (const id of ids)
    expect(await store.calls.get(id)).toMatchObject({ request: newCall().request, cost: 7e-9 });
});

test('a call that got into the database before the kill is not there twice', async () => {
  const { directory, ids } = await leftBehind(3);
  const store = await newStore({ directory });
  await store.calls.record(newCall({ id: ids[1]!, status: 'aborted' }));
  const journal = await store.openJournal();
  expect(journal.recovered).toBe(2);
  expect(await store.calls.get(ids[1]!)).toMatchObject({ status: 'aborted' });
});

test('a kill in the middle of a write costs nothing that was accepted', async () => {
  const { directory, ids } = await leftBehind(5);
  const path = join(directory, journalsIn(directory)[0]!);
  const whole = readFileSync(path);
  writeFileSync(path, Buffer.concat([whole, whole.subarray(0, whole.length / 5 - 7)]));
  const store = await newStore({ directory });
  const journal = await store.openJournal();
  expect(journal.recovered).toBe(5);
  for (const id of ids) expect(await store.calls.get(id)).toBeDefined();
});

test('wherever the file is cut, the entries before the cut are read and no others', () => {
  const seal = new Seal(Buffer.alloc(32, 1));
  const calls = ['a', 'bb', 'ccc'].map((id) => toOpenCall(newCall({ id })));
  const { entries: whole, lengths } = toEntries(calls, seal);
  const entries = lengths.map((length, at) => {
    const start = lengths.slice(0, at).reduce((sum, one) => sum + one, 0);
    return whole.subarray(start, start + length);
  });
  const idsIn = (bytes: Buffer) => [...fromEntries(bytes)].map((body) => unpackCall(body).id);
  expect(idsIn(whole)).toEqual(['a', 'bb', 'ccc']);
  fc.assert(
    fc.property(fc.nat({ max: whole.length }), fc.uint8Array({ maxLength: 64 }), (cut, rubbish) => {
      const endOf = (at: number) => entries.slice(0, at + 1).reduce((sum, entry) => sum + entry.length, 0);
      const before = entries.filter((_, at) => endOf(at) <= cut);
      expect(idsIn(whole.subarray(0, cut))).toEqual(calls.slice(0, before.length).map(({ id }) => id));
      const kept = Buffer.concat(before);
      expect([...fromEntries(Buffer.concat([kept, rubbish]))]).toHaveLength(before.length);
    }),
    { numRuns: 300 },
  );
});

test('calls accepted at once share the file, which is emptied when all of them are settled', async () => {
  const store = await newStore();
  const journal = await store.openJournal();
  const accepted = await Promise.all(Array.from({ length: 300 }, () => journal.accept(newCall())));
  expect(journalsIn(store.directory)).toHaveLength(1);
  const path = join(store.directory, journalsIn(store.directory)[0]!);
  await Promise.all(accepted.slice(1).map((call) => call.settle()));
  expect(statSync(path).size).toBeGreaterThan(0);
  await accepted[0]!.settle();
  await expect.poll(() => statSync(path).size, { timeout: 60_000 }).toBe(0);
  expect(await store.calls.count()).toBe(300);
  // And it goes on from the beginning.
  await (await journal.accept(newCall())).settle();
  expect(await store.calls.count()).toBe(301);
});

test('a file that has grown is followed by another, and goes when its calls are in the database', async () => {
  const store = await newStore();
  const journal = await store.openJournal();
  const large = newCall({ request: { text: 'x'.repeat(3 << 20) } });
  const accepted = [];
  for (let i = 0; i < 6; i++) accepted.push(await journal.accept(large));
  expect(journalsIn(store.directory)).toHaveLength(2);
  for (const call of accepted) await call.settle();
  expect(journalsIn(store.directory)).toHaveLength(1);
  await journal.close();
  expect(journalsIn(store.directory)).toEqual([]);
});

test('a call that can’t be stored is refused, and the next one is not', async () => {
  const store = await newStore();
  const journal = await store.openJournal();
  await expect(journal.accept(newCall({ cost: -1 }))).rejects.toThrow(StoreValueError);
  await (await journal.accept(newCall())).settle();
  await journal.close();
  await expect(journal.accept(newCall())).rejects.toThrow(StoreClosedError);
  await journal.close();
});

test('a folder has one journal at a time, and its lock is its owner’s only', async () => {
  const store = await newStore();
  const journal = await store.openJournal();
  const other = await openStore({ directory: store.directory });
  onTestFinished(() => other.close());
  await expect(other.openJournal()).rejects.toThrow(StoreInUseError);
  await expect(store.openJournal()).rejects.toThrow(
    `Another Kolben gateway works in ${store.directory}; stop that one, or give this one a data folder of its own.`,
  );
  await expect(other.rotateKey()).rejects.toThrow(StoreInUseError);
  if (process.platform !== 'win32')
    expect(statSync(join(store.directory, 'kolben.lock')).mode & 0o777).toBe(0o600);
  await journal.close();
  await (await other.openJournal()).close();
});

test('an empty file of a process that was killed at its beginning is no trouble', async () => {
  const { directory } = await leftBehind(1);
  truncateSync(join(directory, journalsIn(directory)[0]!), 0);
  const store = await newStore({ directory });
  expect((await store.openJournal()).recovered).toBe(0);
});
