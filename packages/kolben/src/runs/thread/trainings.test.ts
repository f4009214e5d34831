import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunProgress } from '@kolben/distill';
import { openStore, type Store } from '@kolben/store';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { loadConfig } from '../../config/load-config.ts';
import { makeCall } from '../../testing/make-call.ts';
import { makeTexts } from '../../testing/make-examples.ts';
import { emptyFolder } from '../../testing/run-kolben.ts';
import { Trainings } from './trainings.ts';

let folder: ReturnType<typeof emptyFolder>;
let configFile: string;
let store: Store;
const events: string[] = [];

beforeAll(async () => {
  folder = emptyFolder();
  configFile = join(folder.path, 'kolben.config.json');
  const prices = { 'gpt-4.1-mini': { inputPerMillion: 1, outputPerMillion: 1 } };
  const openai = { baseUrl: 'http://127.0.0.1:9/v1', prices };
  const terms = { distillation: 'forbidden', clause: 'Nobody learns from this.' };
  const providers = { openai, strict: { ...openai, terms } };
  const watch = { alpha: 0.2, chips: 1, timeBudget: 60 };
  const tasks = {
    mails: { kind: 'classify', teacher: 'openai/gpt-4.1-mini', watch },
    empty: { kind: 'classify', teacher: 'openai/gpt-4.1-mini' },
    forbidden: { kind: 'classify', teacher: 'strict/gpt-4.1-mini' },
  };
  writeFileSync(configFile, JSON.stringify({ dataDirectory: 'data', providers, tasks }));
  store = await openStore({ directory: join(folder.path, 'data') });
  await Promise.all(makeTexts(240).map(({ text, label }) => store.calls.record(makeCall(text, label))));
});
afterAll(async () => {
  await store.close();
  folder.remove();
});

async function trainings(): Promise<Trainings> {
  const log = (event: string) => void events.push(event);
  const config = await loadConfig(configFile);
  const options = { store, config, configFile, cwd: folder.path };
  return new Trainings({ ...options, log: { info: log, warn: log, error: log } });
}

test('a thread trains, ends in good order with its process, and another goes on with it', async () => {
  const first = await trainings();
  await expect(first.start('none')).rejects.toMatchObject({ code: 'task_unknown' });
  // What the thread refuses is told to who asked.
  await expect(first.start('empty')).rejects.toMatchObject({ code: 'calls_missing' });
  // Before there is a call, and with what a page needs to say it.
  await expect(first.start('forbidden')).rejects.toMatchObject({
    ...{ code: 'terms_forbidden', values: { provider: 'strict', clause: 'Nobody learns from this.' } },
  });
  expect(await store.runs.list()).toEqual([]);
  const id = await first.start('mails');
  expect(await store.runs.get(id)).toMatchObject({ state: 'running', settings: { by: 'console' } });
  await expect(first.start('mails')).rejects.toMatchObject({ code: 'run_at_work' });
  await expect(first.resume(id)).rejects.toMatchObject({ code: 'run_at_work' });
  const stepOf = async () => ((await store.runs.get(id))?.progress as RunProgress | null)?.step ?? 0;
  // Beyond the first checkpoint.
  await vi.waitUntil(async () => (await stepOf()) > 70, { timeout: 60_000 });
  await first.close();
  expect(await store.runs.get(id)).toMatchObject({ state: 'stopped' });

  const second = await trainings();
  await second.resume(id);
  await expect(second.start('mails')).rejects.toMatchObject({ code: 'run_at_work' });
  await vi.waitUntil(async () => (await store.runs.get(id))?.state !== 'running', { timeout: 120_000 });
  const done = (await store.runs.get(id))!;
  expect(done.end).toMatchObject({ student: {} });
  const student = await store.students.current('mails');
  expect(done).toMatchObject({ state: 'done', end: { student: { id: student!.id } } });
  expect((done.progress as RunProgress).resumedAt).toBeGreaterThan(0);
  await second.close();
  expect(events).toEqual(expect.arrayContaining(['training_begun', 'training_done']));
}, 240_000);

test('a run whose state lies on another machine is not gone on with here', async () => {
  const process = { host: 'elsewhere', pid: 1, cpu: 'c', cores: 1, node: '20' };
  const id = await store.runs.begin({ task: 'mails', source: 'calls', process, settings: {} });
  await store.runs.end(id, 'stopped');
  const here = await trainings();
  await expect(here.resume(id)).rejects.toMatchObject({ code: 'run_elsewhere' });
  await expect(here.resume('run_none')).rejects.toMatchObject({ code: 'run_unknown' });
});
