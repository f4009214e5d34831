import { expect, onTestFinished, test } from 'vitest';
import { StoredBudgets } from '../budgets/budgets.ts';
import { StoreClosedError, StoreOverloadedError } from '../errors.ts';
import { migrate } from '../migrations/migrate.ts';
import { migrations } from '../migrations/migrations.ts';
import { Seal } from '../seal/seal.ts';
import { newFolder, openDatabase } from '../testing/folders.ts';
import { newCall } from '../testing/new-call.ts';
import { Recorder } from './recorder.ts';

async function setUp(limit?: { calls: number; bytes: number }) {
  const directory = newFolder();
  const database = await openDatabase(directory);
  onTestFinished(() => database.close());
  await migrate(database, migrations);
  const budgets = new StoredBudgets(database);
  const recorder = new Recorder(database, new Seal(Buffer.alloc(32, 7)), budgets, limit);
  const ids = async () =>
    (await database.read.selectFrom('calls').select('id').execute()).map((row) => row.id).sort();
  return { directory, database, recorder, ids };
}

test('calls recorded together are all there once each is acknowledged', async () => {
  const { recorder, ids } = await setUp();
  const recorded = await Promise.all(Array.from({ length: 1_000 }, () => recorder.record(newCall())));
  expect(new Set(recorded).size).toBe(1_000);
  expect(await ids()).toEqual([...recorded].sort());
});

test('a call that comes at any turn of the writing is written', async () => {
  const { recorder } = await setUp();
  const pending: Promise<string>[] = [];
  // Then the three kinds of pause have met in every way, and begin anew.
  for (let i = 0; i < 3 * 5 * 7; i++) {
    pending.push(recorder.record(newCall()));
    if (i % 3 === 0) await pending[i];
    if (i % 5 === 0) await Promise.resolve();
    if (i % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(new Set(await Promise.all(pending)).size).toBe(3 * 5 * 7);
});

test('an acknowledged call is readable by others in the same turn', async () => {
  const { directory, recorder } = await setUp();
  const id = await recorder.record(newCall());
  const other = await openDatabase(directory);
  expect(await other.read.selectFrom('calls').select('id').execute()).toEqual([{ id }]);
  await other.close();
});

test('what waits is bounded in number and in bytes; what was accepted is written all the same', async () => {
  const { recorder, ids } = await setUp({ calls: 10, bytes: 1 << 20 });
  const outcomes = await Promise.allSettled(Array.from({ length: 15 }, () => recorder.record(newCall())));
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  expect(refused).toHaveLength(5);
  for (const { reason } of refused) expect(reason).toBeInstanceOf(StoreOverloadedError);
  expect(await ids()).toHaveLength(10);

  const large = newCall({ request: { text: 'x'.repeat(600_000) } });
  const two = await Promise.allSettled([recorder.record(large), recorder.record(large)]);
  expect(two.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected']);
  // One that is larger than the bound by itself goes through when nothing else waits.
  await recorder.record(newCall({ request: { text: 'x'.repeat(2 << 20) } }));
  await recorder.record(newCall());
  expect(await ids()).toHaveLength(13);
});

test('closing waits for what was accepted and refuses the rest', async () => {
  const { recorder, ids } = await setUp();
  const accepted = Array.from({ length: 500 }, () => recorder.record(newCall()));
  const closing = recorder.close();
  await expect(recorder.record(newCall())).rejects.toThrow(StoreClosedError);
  await closing;
  expect(await ids()).toHaveLength(500);
  expect(new Set(await Promise.all(accepted)).size).toBe(500);
});

test('a failed commit is reported to every call in it, and the next one works', async () => {
  const { directory, recorder, ids } = await setUp();
  const other = await openDatabase(directory);
  await other.write.schema.alterTable('call_texts').renameTo('hidden').execute();
  const outcomes = await Promise.allSettled([recorder.record(newCall()), recorder.record(newCall())]);
  expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected', 'rejected']);
  expect(await ids()).toEqual([]);
  await other.write.schema.alterTable('hidden').renameTo('call_texts').execute();
  await other.close();
  await recorder.record(newCall());
  expect(await ids()).toHaveLength(1);
});
