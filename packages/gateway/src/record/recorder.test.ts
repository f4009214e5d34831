import { type CallJournal, type NewCall, openStore, type Store, StoreUnwritableError } from '@kolben/store';
import { expect, onTestFinished, test } from 'vitest';
import { keep, type LoggedEvent, newFolder } from '../testing/gateway-in-test.ts';
import { newCall } from '../testing/new-call.ts';
import { type CallToRecord, Recorder, type RecorderOptions } from './recorder.ts';

const call = newCall();

function toRecord(differs: Partial<CallToRecord> = {}): CallToRecord {
  return { id: 'call_1', complete: Promise.resolve(call), later: Promise.resolve({}), ...differs };
}

async function setUp(
  options: Partial<RecorderOptions> = {},
): Promise<{ store: Store; journal: CallJournal; recorder: Recorder; events: LoggedEvent[] }> {
  const store = await openStore({ directory: newFolder() });
  onTestFinished(() => store.close());
  const journal = await store.openJournal();
  const events: LoggedEvent[] = [];
  const recorder = new Recorder({
    journal,
    log: keep(events),
    limit: { calls: 100, bytes: 1_000 },
    pauseMs: 1,
    ...options,
  });
  return { store, journal, recorder, events };
}

test('flushing waits for every call taken on, those that are not complete yet too', async () => {
  const { store, recorder } = await setUp();
  let complete = (_: NewCall) => {};
  recorder.take(toRecord(), 10);
  recorder.take(
    toRecord({
      complete: new Promise((resolve) => {
        complete = resolve;
      }),
    }),
    10,
  );
  const flushed = recorder.flush();
  complete(call);
  await flushed;
  expect(await store.calls.count()).toBe(2);
});

test('a call is safe before what comes out later is known, and is recorded with it', async () => {
  const { store, recorder } = await setUp();
  let say = (_: { status: 'aborted' }) => {};
  const later = new Promise<{ status: 'aborted' }>((resolve) => {
    say = resolve;
  });
  const { accepted, recorded } = recorder.take(toRecord({ later }), 10);
  await accepted;
  expect(await store.calls.count()).toBe(0);
  say({ status: 'aborted' });
  await recorded;
  expect(await store.calls.list()).toMatchObject([{ status: 'aborted' }]);
});

test('a call that can’t be recorded is told, with a reason and without its words, and stops nothing', async () => {
  const { journal, recorder, events } = await setUp();
  await journal.close();
  const { accepted, recorded } = recorder.take(toRecord(), 10);
  await accepted;
  await recorded;
  expect(events).toEqual([
    { level: 'error', event: 'call_not_recorded', id: 'call_1', reason: 'store_closed' },
  ]);
});

test('what may wait is limited, in calls and in bytes, and there is room again when it is written', async () => {
  const { recorder } = await setUp({ limit: { calls: 2, bytes: 1_000 } });
  expect(recorder.isBehind).toBe(false);
  recorder.take(toRecord(), 10);
  expect(recorder.isBehind).toBe(false);
  recorder.take(toRecord(), 10);
  expect(recorder.isBehind).toBe(true);
  await recorder.flush();
  expect(recorder.isBehind).toBe(false);
  recorder.take(toRecord(), 1_000);
  expect(recorder.isBehind).toBe(true);
  await recorder.flush();
  expect(recorder.isBehind).toBe(false);
});

test('a disk that takes nothing: nobody waits for it, the call does, and is recorded when there is room', async () => {
  let isFull = true;
  const { store, recorder, events, journal } = await setUp({
    journal: {
      accept: (one) =>
        isFull ? Promise.reject(new StoreUnwritableError('The disk is full.')) : journal.accept(one),
    },
  });
  const { accepted, recorded } = recorder.take(toRecord(), 10);
  await accepted;
  expect(recorder.isFailing).toBe(true);
  expect(events).toEqual([{ level: 'error', event: 'recording_stalled', reason: 'store_unwritable' }]);
  isFull = false;
  await recorded;
  expect(recorder.isFailing).toBe(false);
  expect(await store.calls.count()).toBe(1);
});

test('a disk that takes nothing doesn’t keep a gateway from stopping', async () => {
  const { recorder, events } = await setUp({
    journal: { accept: () => Promise.reject(new StoreUnwritableError('The disk is full.')) },
  });
  const { accepted } = recorder.take(toRecord(), 10);
  await accepted;
  await recorder.close();
  expect(events.map(({ event }) => event)).toEqual(['recording_stalled', 'call_not_recorded']);
});

test('where redaction fails, the figures are recorded and no words', async () => {
  const { store, recorder, events } = await setUp({
    redactorOf: () => () => Promise.reject(new Error('secret word')),
  });
  const words = { request: { messages: [{ role: 'user', content: 'secret word' }] } };
  const student = { id: 'student_1', answer: 'secret word', confidence: 1, certified: false };
  const error = { code: 'too_bad', message: 'secret word' };
  const complete = Promise.resolve({ ...call, ...words, error, cost: 1 });
  recorder.take(toRecord({ complete, later: Promise.resolve({ student }) }), 10);
  await recorder.flush();
  const recorded = await store.calls.list();
  expect(recorded).toMatchObject([
    { cost: 1, response: null, student: { answer: '' }, error: { code: 'too_bad', message: '' } },
  ]);
  expect(JSON.stringify([recorded, events])).not.toContain('secret');
  expect(events.map(({ event }) => event)).toEqual(['redaction_failed']);
});
