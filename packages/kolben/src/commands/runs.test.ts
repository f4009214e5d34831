import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunPlan, RunProgress, RunTimelines } from '@kolben/distill';
import { unpackTimeline } from '@kolben/distill';
import { chipUse } from '@kolben/engine';
import { openStore, type Store } from '@kolben/store';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { exampleFile, makeTexts } from '../testing/make-examples.ts';
import { callKolben, runKolben } from '../testing/run-kolben.ts';

let cwd: string;
let store: Store;
beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'kolben-runs-'));
  writeFileSync(join(cwd, 'examples.jsonl'), exampleFile(makeTexts(240)));
  writeFileSync(
    join(cwd, 'kolben.config.json'),
    JSON.stringify({ dataDirectory: 'data', providers: {}, tasks: {} }),
  );
  store = await openStore({ directory: join(cwd, 'data') });
});
afterAll(async () => {
  await store.close();
  rmSync(cwd, { recursive: true, force: true });
});

const weights = (folder: string) =>
  createHash('sha256')
    .update(readFileSync(join(cwd, folder, 'model.safetensors')))
    .digest('hex');

const config = () => ['--config', join(cwd, 'kolben.config.json')];
const soon = { timeout: 60_000, interval: 50 };

/** The run at work, once its process does steps: its first ones, or those after a checkpoint. */
async function training(resumed: boolean): Promise<string> {
  return vi.waitUntil(async () => {
    const run = (await store.runs.list()).find(({ state }) => state === 'running');
    const progress = run?.progress as RunProgress | null | undefined;
    if (!run || progress?.phase !== 'train' || !progress.step) return undefined;
    return (progress.resumedAt ?? 0) > 0 === resumed ? run.id : undefined;
  }, soon);
}

test('a run is seen while it trains, killed, gone on with, stopped, and reaches the very student', async () => {
  const first = runKolben(['distill', 'examples.jsonl', '--out', 'looked-at', '--json'], {
    cwd,
    onStderr: (_, child) => {
      const watching = setInterval(() => {
        if (!existsSync(join(cwd, '.looked-at.training.safetensors'))) return;
        clearInterval(watching);
        child.kill('SIGKILL');
      }, 10);
      child.once('close', () => clearInterval(watching));
    },
  });
  const id = await training(false);
  const seen = await store.runs.get(id);
  expect(seen).toMatchObject({ task: 'examples', source: 'file', kind: 'classify', dataset: { n: 240 } });
  const { choice, reason } = seen!.plan as RunPlan;
  expect(choice.schedule).not.toBe('');
  expect(reason).toMatch(/ ms a step/);
  expect((await first).signal).toBe('SIGKILL');
  expect(await store.runs.points(id)).not.toEqual([]);

  // Nobody ends a run that was killed: it is known by its silence. Meanwhile, the same without any disturbance.
  const whole = await runKolben(['distill', 'examples.jsonl', '--out', 'whole', '--json'], { cwd });
  expect(whole.code).toBe(0);
  await vi.waitUntil(async () => (await store.runs.get(id))?.state === 'interrupted', soon);
  const listed = await callKolben(['runs', ...config(), '--json']);
  const { runs } = JSON.parse(listed.stdout) as { runs: { id: string; state: string }[] };
  expect(runs.map(({ state }) => state)).toEqual(['done', 'interrupted']);
  const notStopped = await callKolben(['runs', 'stop', id, ...config()]);
  expect(notStopped).toMatchObject({ code: 1, stderr: expect.stringContaining('is not at work') });

  const second = runKolben(['runs', 'resume', id, '--json'], { cwd });
  expect(await training(true)).toBe(id);
  const stop = await callKolben(['runs', 'stop', id, ...config(), '--json']);
  expect(JSON.parse(stop.stdout)).toEqual({ run: id, state: 'stopped' });
  const stopped = await second;
  expect(stopped.code).toBe(130);
  expect(stopped.stderr).toContain(`kolben runs resume ${id}`);
  expect((await store.auditTrail()).map(({ act }) => act)).toContain('run.stop');

  const third = await runKolben(['runs', 'resume', id, '--json'], { cwd });
  expect(third.code).toBe(0);
  expect(weights('looked-at')).toBe(weights('whole'));

  const done = (await store.runs.get(id))!;
  const report = JSON.parse(third.stdout) as { test: { agreement: number } };
  expect(done).toMatchObject({
    state: 'done',
    end: { agreement: report.test.agreement, student: { folder: join(cwd, 'looked-at') } },
  });
  const { step, real, simulated } = done.timeline as RunTimelines;
  expect(step).toBeGreaterThan(0);
  for (const timeline of [real, simulated].map(unpackTimeline))
    expect(chipUse(timeline).every(({ busy }) => busy > 0)).toBe(true);
  // All processes together tell the curve, each step once; what was killed may lose the steps of its last second.
  const points = await store.runs.points(id);
  const { steps } = done.progress as RunProgress;
  const told = points.map((point) => point.step);
  expect(told).toEqual([...new Set(told)].sort((one, other) => one - other));
  expect([told[0], told.at(-1)]).toEqual([1, steps]);
  expect(points.filter(({ agreement }) => agreement !== null).length).toBeGreaterThan(1);
  expect(points.at(-1)!.loss).toBeLessThan(points[0]!.loss);

  const again = await callKolben(['runs', 'resume', id, ...config()]);
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('is done') });
  const shown = await callKolben(['runs', 'show', id, ...config()]);
  // Who goes on plans anew, for whatever chips there are now.
  expect(shown.stdout).toContain((done.plan as RunPlan).reason);
}, 400_000);

test('a run that nobody knows is told so', async () => {
  for (const act of ['show', 'stop', 'resume'])
    expect(await callKolben(['runs', act, 'run_none', ...config()])).toMatchObject({
      ...{ code: 1, stdout: '', stderr: expect.stringContaining('There is no run run_none') },
    });
});

test('a training that fails is told with its code', async () => {
  writeFileSync(join(cwd, 'few.jsonl'), exampleFile(makeTexts(8)));
  const failed = await runKolben(['distill', 'few.jsonl', '--out', 'few', '--json'], { cwd });
  expect(failed).toMatchObject({ code: 1, stderr: expect.not.stringContaining('written into the store') });
  const [run] = await store.runs.list({ limit: 1 });
  expect(run).toMatchObject({
    task: 'few',
    state: 'failed',
    end: { code: expect.stringContaining('dataset') },
  });
});
