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

test('flushing waits for every call taken on, those that are not complete yet too', async () => {
  const store = await openStore({ directory: newFolder() });
  const recorder = new Recorder(store, keep([]));
  let complete = (_: NewCall) => {};
  void recorder.take(Promise.resolve(call));
  void recorder.take(
    new Promise((resolve) => {
      complete = resolve;
    }),
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
  const recorder = new Recorder(store, keep(events));
  await recorder.take(Promise.resolve(call));
  await recorder.flush();
  expect(events).toEqual([{ level: 'error', event: 'call_not_recorded', reason: 'store_closed' }]);
});
