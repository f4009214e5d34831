import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { distill, packTimeline, type RunPlan, recordRun } from '@kolben/distill';
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

/** Two chips, each with 1,000 pieces of work in 1.5 s, the second half a millisecond later; simulated the same. */
function manyBars() {
  const spans = [0, 1].flatMap((chip) =>
    Array.from({ length: 1_000 }, (_, microbatch) => {
      const start = (microbatch < 999 ? microbatch : 1_499) + chip / 2;
      const kind = microbatch % 2 === 0 ? ('forward' as const) : ('backwardInput' as const);
      return { chip, kind, stage: chip, microbatch, step: 0, start, end: start + 1 };
    }),
  );
  const packed = packTimeline({ chips: 2, spans });
  return { step: 0, real: packed, simulated: packed };
}

const choice: RunPlan['choice'] = {
  ...{ schedule: 'sequential', chips: 1, threads: 2, stages: [['a']], replicas: 1, microbatches: 4 },
  ...{ recompute: false, stepMs: 3.5, bubble: 0, memoryBytesPerChip: [2 ** 20], fits: true },
};
const plan: RunPlan = {
  ...{ choice, candidates: [choice], hidden: 0, reason: 'One chip of 2 cores is as fast.' },
  why: {
    ...{ code: 'one_chip', values: { threads: 2, stepMs: 3.5 } },
    rival: { schedule: 'interleaved-1f1b', chips: 2, threads: 1, stepMs: 4.25 },
  },
};

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

    const timeline = page.getByRole('grid', { name: 'Timeline of the chips' });
    await timeline.waitFor({ timeout: 60_000 });
    const drawn = () => timeline.locator('svg.k-chart').first();
    expect(await drawn().textContent()).toMatch(/As it ran.*Simulated/);
    expect(await timeline.locator('path').count()).toBeGreaterThan(4);
    const shown = page.getByRole('status').filter({ hasText: 'ms are shown' });
    await timeline.focus();
    await page.keyboard.press('+');
    await shown.waitFor({ timeout: 60_000 });
    const near = await shown.textContent();
    await page.mouse.move(700, (await timeline.boundingBox())!.y + 40);
    await page.mouse.wheel(0, -100);
    await vi.waitUntil(async () => (await shown.textContent()) !== near, { timeout: 60_000 });
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
    const { why: _unsaid, ...earlier } = plan;
    await of.store.runs.note(id, { timeline: manyBars(), plan: earlier });
    const page = await openPage(of, { path: `/runs/${id}`, locale: 'de-DE' });
    // Of a run that an earlier version has recorded, the sentence is all that is known.
    await page.locator('[lang=en]', { hasText: plan.reason }).waitFor();
    await of.store.runs.note(id, { plan });
    await page.getByText('Ein Chip aus 2 Kernen ist so schnell').waitFor();
    await page.getByText('Zum Vergleich: verschränktes 1F1B, 4,25 ms.').waitFor();
    await page.getByRole('rowheader', { name: 'nacheinander gewählt' }).waitFor();
    expect(await page.getByText(plan.reason).count()).toBe(0);
    await of.store.runs.end(id, 'stopped');
    await page.getByText('angehalten', { exact: true }).waitFor();
    await page.getByText(`kolben runs resume ${id}`).waitFor();
    expect(await page.getByRole('button', { name: 'Hier fortsetzen' }).count()).toBe(0);
    await expectGoodPage(page);

    // The timeline is one stop of the keyboard, and the arrow keys go through its thousands of bars.
    await page.getByRole('button', { name: 'Alles' }).focus();
    await page.keyboard.press('Tab');
    const timeline = page.getByRole('grid', { name: 'Zeitverlauf der Chips' });
    await page.waitForFunction(() => document.activeElement?.getAttribute('role') === 'grid');
    const focus = () =>
      page.evaluate(() => {
        const grid = document.activeElement!;
        const cell = document.getElementById(grid.getAttribute('aria-activedescendant')!)!;
        const ring = cell.querySelector('.k-ring')!.getBoundingClientRect();
        const header = document.querySelector('header')!.getBoundingClientRect();
        return {
          role: grid.getAttribute('role'),
          told: cell.getAttribute('aria-label'),
          cells: grid.querySelectorAll('[role=gridcell]').length,
          isSeen:
            getComputedStyle(cell).opacity === '1' && ring.top >= header.bottom && ring.bottom <= innerHeight,
          width: ring.width,
        };
      });
    const press = async (key: string) => {
      await page.keyboard.press(key);
      return (await focus()).told;
    };
    expect(await focus()).toMatchObject({
      ...{ role: 'grid', cells: 1, isSeen: true },
      told: 'Wie es lief, Chip 1, F: vorwärts, Stufe 1, Microbatch 1, ab 0,00 ms für 1,00 ms',
    });
    const second =
      'Wie es lief, Chip 1, B: Gradient der Eingabe, Stufe 1, Microbatch 2, ab 1,00 ms für 1,00 ms';
    expect(await press('ArrowRight')).toBe(second);
    expect(await press('ArrowDown')).toMatch(/^Wie es lief, Chip 2, .* ab 0,50 ms/);
    expect(await press('End')).toMatch(/^Wie es lief, Chip 2, .*Microbatch 1\.000, ab 1499,50 ms/);
    expect(await press('ArrowRight')).toMatch(/ab 1499,50 ms/);
    expect(await press('ArrowDown')).toMatch(/^Simuliert, Chip 1, .* ab 1499,00 ms/);
    expect(await focus()).toMatchObject({ cells: 1, isSeen: true });
    // The zoom goes along: what is gone to is in view, as wide as the others are.
    for (let i = 0; i < 12; i++) await press('+');
    const { width } = await focus();
    expect(width).toBeGreaterThan(20);
    expect(await timeline.locator('svg.k-chart text').count()).toBeLessThan(300);
    await page
      .getByText(/^Gezeigt werden 1\.4/)
      .first()
      .waitFor({ state: 'attached' });
    expect(await press('Home')).toMatch(/^Simuliert, Chip 1, .* ab 0,00 ms/);
    expect(await focus()).toMatchObject({ isSeen: true, width: expect.closeTo(width, 0) });
    await expectGoodPage(page);
    expect(await press('Control+End')).toMatch(/^Simuliert, Chip 2, .* ab 1499,50 ms/);
    // No trap, and no other stop within.
    await page.keyboard.press('Tab');
    expect(await timeline.evaluate((grid) => grid.contains(document.activeElement))).toBe(false);
    // A bar is chosen by the pointer too.
    await page.getByRole('button', { name: 'Alles' }).click();
    const { x, y, width: wide } = (await timeline.boundingBox())!;
    await page.mouse.click(x + wide / 2, y + 26 + 16 + 10);
    expect((await focus()).told).toMatch(/^Wie es lief, Chip 1, .* ab 7\d\d,00 ms/);
  });
});
