import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunPlan, RunProgress, RunTimelines } from '@kolben/distill';
import { unpackTimeline } from '@kolben/distill';
import { chipUse } from '@kolben/engine';
import { openStore, type Store } from '@kolben/store';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { exampleFile, makeTexts } from '../testing/make-examples.ts';
import { callKolben, type RunResult, runKolben } from '../testing/run-kolben.ts';

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

interface Report {
  training: { resumedAt: number; steps: number; tokens: number; paddingShare: number };
  test: { agreement: number };
  warnings: string[];
}

const config = () => ['--config', join(cwd, 'kolben.config.json')];
const soon = { timeout: 60_000, interval: 50 };

/**
 * Holds a process for longer than two of its words to the store are apart, so that the next one is said as soon as it may go
 * on, however fast it trains.
 */
async function hold(child: ChildProcess, meanwhile?: () => Promise<unknown>): Promise<void> {
  child.kill('SIGSTOP');
  await Promise.all([meanwhile?.(), sleep(1_200)]);
  child.kill('SIGCONT');
}

/** Does it once, as soon as the process says that it trains; resolves when it is done. */
function whenTraining(act: (child: ChildProcess) => Promise<unknown>) {
  let acting: Promise<unknown> | undefined;
  return {
    onStderr: (stderr: string, child: ChildProcess) => {
      if (stderr.includes('Training …')) acting ??= act(child);
    },
    acted: () => acting,
  };
}

/** The clock is this far ahead from now on, in this process or in one that is started with it. */
const later = 21_000;
const startedLater = {
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(`const now = Date.now; Date.now = () => now() + ${later};`)}`,
};

const training = ['distill', 'examples.jsonl', '--chips', '1', '--json'];

test('a run is seen while it trains, killed, gone on with, stopped, and reaches the very student', async () => {
  let id = '';
  const atWork = whenTraining(async (child) => {
    await hold(child);
    const run = await vi.waitUntil(async () => {
      const seen = (await store.runs.list()).find(({ state }) => state === 'running');
      return (seen?.progress as RunProgress | null | undefined)?.step ? seen : undefined;
    }, soon);
    id = run.id;
    await vi.waitUntil(() => existsSync(join(cwd, '.looked-at.training.safetensors')), soon);
    child.kill('SIGKILL');
  });
  const first = await runKolben([...training, '--out', 'looked-at'], { cwd, onStderr: atWork.onStderr });
  await atWork.acted();
  expect(first.signal).toBe('SIGKILL');
  const seen = await store.runs.get(id);
  expect(seen).toMatchObject({ task: 'examples', source: 'file', kind: 'classify', dataset: { n: 240 } });
  expect((seen!.progress as RunProgress).phase).toBe('train');
  const { choice, reason } = seen!.plan as RunPlan;
  expect(choice.schedule).not.toBe('');
  expect(reason).toMatch(/ ms a step/);
  expect(await store.runs.points(id)).not.toEqual([]);
  const left = readdirSync(cwd).filter((name) => name.startsWith('.looked-at.training'));
  expect(left).toContain('.looked-at.training.safetensors');
  for (const name of left) cpSync(join(cwd, name), join(cwd, name.replace('looked-at', 'by-itself')));

  // Nobody ends a run that was killed: it is known by its silence. Meanwhile, the same without any disturbance.
  const whole = await callKolben([...training, '--out', 'whole'], { cwd });
  expect(whole.code, whole.stderr).toBe(0);
  const now = Date.now;
  vi.spyOn(Date, 'now').mockImplementation(() => now() + later);
  expect((await store.runs.get(id))?.state).toBe('interrupted');
  const listed = await callKolben(['runs', ...config(), '--json']);
  const { runs } = JSON.parse(listed.stdout) as { runs: { id: string; state: string }[] };
  expect(runs.map(({ state }) => state)).toEqual(['done', 'interrupted']);
  const notStopped = await callKolben(['runs', 'stop', id, ...config()]);
  expect(notStopped).toMatchObject({ code: 1, stderr: expect.stringContaining('is not at work') });
  vi.mocked(Date.now).mockRestore();

  let stop: Promise<RunResult> | undefined;
  const goingOn = whenTraining((child) =>
    hold(child, async () => {
      stop = callKolben(['runs', 'stop', id, ...config(), '--json']);
      await vi.waitUntil(async () => (await store.auditTrail()).some(({ act }) => act === 'run.stop'), soon);
    }),
  );
  const stopped = await runKolben(['runs', 'resume', id, '--json'], {
    ...{ cwd, onStderr: goingOn.onStderr, environment: startedLater },
  });
  await goingOn.acted();
  expect(JSON.parse((await stop!).stdout)).toEqual({ run: id, state: 'stopped' });
  expect(stopped.code).toBe(130);
  expect(stopped.stderr).toContain(`kolben runs resume ${id}`);
  const halfway = (await store.runs.get(id))!.progress as RunProgress;
  expect(halfway.phase).toBe('train');
  expect(halfway.resumedAt).toBeGreaterThan(0);

  const third = await callKolben(['runs', 'resume', id, '--json'], { cwd });
  expect(third.code, third.stderr).toBe(0);
  expect(weights('looked-at')).toBe(weights('whole'));

  // The same command goes on by itself from what a killed one has left, too.
  const byItself = await callKolben([...training, '--out', 'by-itself'], { cwd });
  expect(byItself.code, byItself.stderr).toBe(0);
  expect(weights('by-itself')).toBe(weights('whole'));
  const reportOf = ({ stdout }: RunResult) => JSON.parse(stdout) as Report;
  for (const report of [third, byItself].map(reportOf)) {
    expect(report.training.resumedAt).toBeGreaterThan(0);
    // What was read is that of all steps, whichever process did them.
    for (const counted of ['steps', 'tokens', 'paddingShare'] as const)
      expect(report.training[counted], counted).toBe(reportOf(whole).training[counted]);
    expect(report.warnings.join()).toContain('Training went on from step');
  }
  expect(readdirSync(cwd).filter((name) => name.includes('.training'))).toEqual([]);

  const done = (await store.runs.get(id))!;
  expect(done).toMatchObject({
    state: 'done',
    end: { agreement: reportOf(third).test.agreement, student: { folder: join(cwd, 'looked-at') } },
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
  const failed = await callKolben(['distill', 'few.jsonl', '--out', 'few', '--json'], { cwd });
  expect(failed).toMatchObject({ code: 1, stderr: expect.not.stringContaining('written into the store') });
  const [run] = await store.runs.list({ limit: 1 });
  expect(run).toMatchObject({
    task: 'few',
    state: 'failed',
    end: { code: expect.stringContaining('dataset') },
  });
});
