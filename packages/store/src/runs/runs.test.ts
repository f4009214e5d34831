import { expect, test } from 'vitest';
import { StoreValueError } from '../errors.ts';
import { newStore } from '../testing/folders.ts';
import type { NewRun, RunPoint } from './run.ts';
import { newRunId } from './runs.ts';

const process = { host: 'here', pid: 7, cpu: 'a chip', cores: 2, node: '20.20.0' };
const newRun = (task = 'mail'): NewRun => ({ task, source: 'calls', process, settings: { seed: 1 } });
const point = (step: number, more: Partial<RunPoint> = {}): RunPoint => ({
  ...{ step, loss: 1 / step, learningRate: 0.002, tokensPerSecond: null },
  ...{ agreement: null, validationLoss: null, ...more },
});

test('a run is begun, noted, read and ended', async () => {
  const { runs } = await newStore();
  const id = newRunId();
  expect(await runs.begin({ ...newRun(), id })).toBe(id);
  expect(await runs.get(id)).toMatchObject({
    ...{ id, task: 'mail', source: 'calls', state: 'running', kind: null, process, settings: { seed: 1 } },
    ...{ dataset: null, plan: null, progress: null, timeline: null, end: null, endedAt: null },
  });
  expect(await runs.note(id, { kind: 'classify', plan: { reason: 'r' }, points: [point(1), point(2)] })).toBe(
    false,
  );
  await runs.note(id, { progress: { step: 2 }, points: [point(2, { agreement: 0.5, validationLoss: 2 })] });
  // What a later word leaves out stays.
  expect(await runs.get(id)).toMatchObject({
    ...{ kind: 'classify', plan: { reason: 'r' }, progress: { step: 2 } },
  });
  expect(await runs.points(id)).toEqual([point(1), point(2, { agreement: 0.5, validationLoss: 2 })]);
  expect(await runs.points(id, { after: 1 })).toHaveLength(1);
  await runs.end(id, 'done', { student: 's' });
  const { state, end, endedAt } = (await runs.get(id))!;
  expect({ state, end }).toEqual({ state: 'done', end: { student: 's' } });
  expect(endedAt).toBeInstanceOf(Date);
  expect(await runs.get('run_none')).toBeUndefined();
  expect(await runs.points('run_none')).toEqual([]);
});

test('more points than one statement takes', async () => {
  const { runs } = await newStore();
  const id = await runs.begin(newRun());
  await runs.note(id, { points: Array.from({ length: 1201 }, (_, i) => point(i + 1)) });
  expect((await runs.points(id)).map(({ step }) => step)).toEqual(
    Array.from({ length: 1201 }, (_, i) => i + 1),
  );
});

test('who wants a run to stop is heard with its next word, and only while it is at work', async () => {
  const { runs } = await newStore();
  const id = await runs.begin(newRun());
  expect(await runs.goOn(id, process)).toBe(false);
  expect(await runs.goOn(id, process, { isAlone: true })).toBe(true);
  expect(await runs.wantStop(id)).toBe(true);
  const wanted = (await runs.get(id))!.stopWantedAt;
  // A second wish is the same one.
  expect(await runs.wantStop(id)).toBe(true);
  expect((await runs.get(id))!.stopWantedAt).toEqual(wanted);
  expect(await runs.note(id)).toBe(true);
  await runs.end(id, 'stopped');
  expect(await runs.wantStop(id)).toBe(false);
  expect(await runs.goOn(id, { ...process, pid: 8 })).toBe(true);
  expect(await runs.get(id)).toMatchObject({
    ...{ state: 'running', stopWantedAt: null, endedAt: null, process: { pid: 8 } },
  });
  expect(await runs.note(id)).toBe(false);
  await runs.end(id, 'done');
  expect(await runs.goOn(id, process)).toBe(false);
  expect(await runs.goOn(id, process, { isAlone: true })).toBe(false);
  expect(await runs.wantStop('run_none')).toBe(false);
  expect(await runs.goOn('run_none', process)).toBe(false);
});

test('runs are listed from the latest on, by task and moment', async () => {
  const { runs } = await newStore();
  const ids: string[] = [];
  for (const task of ['mail', 'tickets', 'mail']) ids.push(await runs.begin(newRun(task)));
  expect((await runs.list()).map(({ id }) => id)).toEqual([...ids].reverse());
  expect((await runs.list({ task: 'mail' })).map(({ id }) => id)).toEqual([ids[2], ids[0]]);
  expect(await runs.list({ limit: 1 })).toHaveLength(1);
  expect(await runs.list({ before: new Date(0) })).toEqual([]);
  await expect(runs.list({ limit: 0 })).rejects.toThrow(StoreValueError);
});
