import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { newStore, openDatabase } from '../testing/folders.ts';
import { newCall } from '../testing/new-call.ts';

test('a store that is in order is said to be', async () => {
  const store = await newStore();
  const at = new Date('2026-11-01T12:00:00Z');
  await store.calls.record(newCall({ at }));
  expect(await store.inspect()).toMatchObject({
    ...{ shape: expect.any(Number), rotationFrom: null, oldestText: at, journalBytes: 0, reservedCalls: 0 },
    key: { id: expect.stringMatching(/^[0-9a-f]{16}$/), from: 'file' },
    texts: { looked: 1, unsealed: 0 },
  });
});

test('finds texts that are in the open or from elsewhere, what a journal kept, and what is set aside', async () => {
  const store = await newStore();
  const ids = [];
  for (let i = 0; i < 4; i++) ids.push(await store.calls.record(newCall()));
  const database = await openDatabase(store.directory);
  await sql`update call_texts set response = ${Buffer.from('{"choices":[]}')} where call_id = ${ids[0]}`.execute(
    database.write,
  );
  await sql`update call_texts set request = (select request from call_texts where call_id = ${ids[1]}) where call_id = ${ids[2]}`.execute(
    database.write,
  );
  await database.close();
  const journal = await store.openJournal();
  await journal.accept(newCall());
  await journal.close();
  const now = new Date();
  for (const callId of ['call_a', 'call_b'])
    await store.budgets.reserve({
      ...{ callId, at: now, task: 'mail', keyId: 'key_1', most: 0.5, budgets: { task: 10, key: 10 } },
    });
  const facts = await store.inspect();
  expect(facts).toMatchObject({ texts: { looked: 4, unsealed: 2 }, reservedCalls: 2 });
  expect(facts.journalBytes).toBeGreaterThan(0);
  await store.budgets.release('call_a');
  expect((await store.inspect()).reservedCalls).toBe(1);
});
