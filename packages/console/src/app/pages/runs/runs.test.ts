import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { distill, recordRun } from '@kolben/distill';
import { newRunId, type Store } from '@kolben/store';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { expectGoodPage, openPage } from '../../../testing/browser-page.ts';
import { withoutChromium } from '../../../testing/chromium.ts';
import { consoleInTest, type TestConsole } from '../../../testing/console-in-test.ts';
import { dayOf, recordMails } from '../../../testing/mail-calls.ts';

/** Trainings in this process, as `kolben up` has them in a thread. */
function trainingsIn(storeOf: () => Store) {
  const folder = mkdtempSync(join(tmpdir(), 'kolben-runs-page-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const leaving = new AbortController();
  const underWay: Promise<unknown>[] = [];
  onTestFinished(async () => {
    leaving.abort(new Error('The test is over.'));
    await Promise.allSettled(underWay);
  });
  const train = async (id: string, resume: boolean) => {
    const store = storeOf();
    const out = join(folder, 'student');
    const training = recordRun(
      {
        ...{ runs: store.runs, id, resume, task: 'mail', source: 'calls' as const, settings: { seed: 0 } },
        signal: leaving.signal,
        warn: () => {},
      },
      async (hooks) => {
        const report = await distill({
          ...{ examples: store.calls.examples('mail'), out, task: 'mail', chips: 2, asOf: dayOf(2) },
          ...{ source: 'the recorded calls of mail', teachers: ['mock/big-1'], alpha: 0.2, ...hooks },
        });
        const { test, details, certificate } = report;
        const student = { id: null, digest: details.digest, folder: out };
        return { result: report, outcome: { student, agreement: test.agreement, certificate } };
      },
    );
    training.catch(() => {});
    underWay.push(training);
    await vi.waitUntil(async () => (await store.runs.get(id))?.state === 'running', { timeout: 60_000 });
  };
  return {
    async start() {
      const id = newRunId();
      await train(id, false);
      return id;
    },
    resume: (id: string) => train(id, true),
  };
}

async function withTrainings(): Promise<TestConsole> {
  let of: TestConsole | undefined;
  of = await consoleInTest({
    prepare: (store) => recordMails(store, 0, 300, dayOf(1)),
    services: { trainings: trainingsIn(() => of!.store) },
  });
  return of;
}

test('the API refuses what can’t be done, and writes down who did what', async () => {
  const of = await consoleInTest();
  await of.signIn();
  expect(await (await of.send('/api/runs')).json()).toEqual({ runs: [], tasks: [] });
  for (const [path, method] of [
    ['/api/runs/run_none', 'GET'],
    ['/api/runs/run_none/live', 'GET'],
    ['/api/runs/run_none/timelines', 'GET'],
    ['/api/runs/run_none/stop', 'POST'],
    ['/api/runs/run_none/resume', 'POST'],
  ] as const)
    expect((await of.send(path, { method })).status, path).toBe(404);
  const start = await of.send('/api/runs', { method: 'POST', body: JSON.stringify({ task: 'mail' }) });
  expect(start.status).toBe(409);
  expect((await of.send('/api/runs', { method: 'POST', body: '{}' })).status).toBe(400);
  const process = { host: 'elsewhere', pid: 1, cpu: 'c', cores: 1, node: '20' };
  const id = await of.store.runs.begin({ task: 'mail', source: 'calls', process, settings: {} });
  expect((await of.send(`/api/runs/${id}/stop`, { method: 'POST' })).status).toBe(200);
  expect(await of.store.runs.note(id)).toBe(true);
  await of.store.runs.end(id, 'stopped');
  expect((await of.send(`/api/runs/${id}/stop`, { method: 'POST' })).status).toBe(409);
  const [event] = await of.store.auditTrail({ limit: 1 });
  expect(event).toMatchObject({ act: 'run.stop', subject: id, actor: of.admin.id });
});

describe.skipIf(withoutChromium)('runs (needs Chromium)', () => {
  test('a run is begun, watched while it trains, stopped, and gone on with', async () => {
    const of = await withTrainings();
    const page = await openPage(of, { path: '/runs' });
    await page.getByRole('heading', { name: 'No student has been trained yet' }).waitFor();
    await expectGoodPage(page);
    await page.getByRole('button', { name: 'Train', exact: true }).click();

    await page.getByRole('heading', { level: 1, name: 'Run of mail' }).waitFor();
    await page.getByText('at work').waitFor();
    const steps = page.getByText(/Training · step [\d,]+ of [\d,]+/);
    await steps.waitFor({ timeout: 60_000 });
    // It moves by itself.
    const before = await steps.textContent();
    await vi.waitUntil(async () => (await steps.textContent()) !== before, { timeout: 60_000 });
    await page.getByText(/ ms a step/).waitFor();

    const timeline = page.getByRole('region', { name: /^Timeline of the chips:/ });
    await timeline.waitFor({ timeout: 60_000 });
    const drawn = () => timeline.locator('svg.k-chart').first();
    expect(await drawn().textContent()).toMatch(/As it ran.*Simulated/);
    expect(await timeline.locator('path').count()).toBeGreaterThan(4);
    const nameOf = () => timeline.getAttribute('aria-label');
    const everything = await nameOf();
    await timeline.focus();
    await page.keyboard.press('+');
    await vi.waitUntil(async () => (await nameOf()) !== everything, { timeout: 60_000 });
    const near = await nameOf();
    await page.mouse.move(700, (await timeline.boundingBox())!.y + 40);
    await page.mouse.wheel(0, -100);
    await vi.waitUntil(async () => (await nameOf()) !== near, { timeout: 60_000 });
    await page.getByRole('button', { name: 'Everything' }).click();

    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await page.getByText('stopped', { exact: true }).waitFor({ timeout: 60_000 });
    const [stopped] = await of.store.runs.list();
    expect(stopped!.state).toBe('stopped');
    await expectGoodPage(page);

    await page.getByRole('button', { name: 'Resume here' }).click();
    await page.getByText('at work').waitFor({ timeout: 60_000 });
    await page.getByText('done', { exact: true }).waitFor({ timeout: 120_000 });
    await page.getByRole('img', { name: 'Agreement with the teacher' }).waitFor();
    const [done] = await of.store.runs.list();
    expect(done).toMatchObject({ id: stopped!.id, state: 'done' });
    const acts = (await of.store.auditTrail()).map(({ act }) => act);
    expect(acts).toEqual(expect.arrayContaining(['run.start', 'run.stop', 'run.resume']));
    await expectGoodPage(page);
    await page.getByRole('link', { name: 'All runs' }).click();
    await page.getByText('done', { exact: true }).waitFor();
    await expectGoodPage(page);
  }, 400_000);

  test('in German, a run of another machine that was interrupted says how to go on', async () => {
    const of = await consoleInTest();
    const process = { host: 'anderswo', pid: 7, cpu: 'c', cores: 1, node: '20' };
    const id = await of.store.runs.begin({ task: 'mail', source: 'file', process, settings: {} });
    await of.store.runs.end(id, 'stopped');
    const page = await openPage(of, { path: `/runs/${id}`, locale: 'de-DE' });
    await page.getByText('angehalten', { exact: true }).waitFor();
    await page.getByText(`kolben runs resume ${id}`).waitFor();
    expect(await page.getByRole('button', { name: 'Hier fortsetzen' }).count()).toBe(0);
    await expectGoodPage(page);
  });
});
