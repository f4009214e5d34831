import type { NewCall } from '@kolben/store';
import { openStore } from '@kolben/store';
import { expect, test } from 'vitest';
import { keep, type LoggedEvent, newFolder } from '../testing/gateway-in-test.ts';
import { Recorder } from './recorder.ts';

const call: NewCall = {
  at: new Date(),
  task: 'mail',
  keyId: null,
  route: 'teacher',
  answeredBy: 'teacher',
  provider: 'p',
  model: 'm',
  request: { messages: [] },
  response: null,
  status: 'ok',
  latencyMs: 1,
  usage: { promptTokens: 0, completionTokens: 0, estimated: false },
  cost: 0,
  teacherCost: 0,
  streamed: false,
};

const roomy = { calls: 100, bytes: 1_000 };

test('flushing waits for every call taken on, those that are not complete yet too', async () => {
  const store = await openStore({ directory: newFolder() });
  const recorder = new Recorder(store, keep([]), roomy);
  let complete = (_: NewCall) => {};
  void recorder.take(Promise.resolve(call), 10);
  void recorder.take(
    new Promise((resolve) => {
      complete = resolve;
    }),
    10,
  );
  const flushed = recorder.flush();
  complete(call);
  await flushed;
  expect(await store.calls.count()).toBe(2);
  await store.close();
});

test('a call that can’t be recorded is told, with a reason and without its words, and stops nothing', async () => {
  const store = await openStore({ directory: newFolder() });
  await store.close();
  const events: LoggedEvent[] = [];
  const recorder = new Recorder(store, keep(events), roomy);
  await recorder.take(Promise.resolve(call), 10);
  await recorder.flush();
  expect(events).toEqual([{ level: 'error', event: 'call_not_recorded', reason: 'store_closed' }]);
});

test('what may wait is limited, in calls and in bytes, and there is room again when it is written', async () => {
  const store = await openStore({ directory: newFolder() });
  const recorder = new Recorder(store, keep([]), { calls: 2, bytes: 1_000 });
  expect(recorder.isBehind).toBe(false);
  void recorder.take(Promise.resolve(call), 10);
  expect(recorder.isBehind).toBe(false);
  void recorder.take(Promise.resolve(call), 10);
  expect(recorder.isBehind).toBe(true);
  await recorder.flush();
  expect(recorder.isBehind).toBe(false);
  void recorder.take(Promise.resolve(call), 1_000);
  expect(recorder.isBehind).toBe(true);
  await recorder.flush();
  expect(recorder.isBehind).toBe(false);
  await store.close();
});
