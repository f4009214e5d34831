import type { NewCall, Store } from '@kolben/store';
import { describe, expect, test } from 'vitest';
import type { Overview } from '../../../server/overview/read-overview.ts';
import { expectGoodPage, openPage } from '../../../testing/browser-page.ts';
import { withoutChromium } from '../../../testing/chromium.ts';
import { consoleInTest } from '../../../testing/console-in-test.ts';

const hour = 3_600_000;

/** A call as a gateway records one. */
function call(more: Partial<NewCall>): NewCall {
  return {
    ...{ at: new Date(), task: 'mail', keyId: null, route: 'cascade', answeredBy: 'teacher' },
    ...{ provider: 'mock', model: 'big-1', request: {}, response: null, status: 'ok', latencyMs: 5 },
    usage: { promptTokens: 10, completionTokens: 1, estimated: false },
    ...{ cost: 0.01, teacherCost: 0.01, streamed: false },
    ...more,
  };
}

/** Four calls of the teacher's, six of a certified student's, two hours ago. */
async function aWeek(store: Store): Promise<void> {
  const at = new Date(Date.now() - 2 * hour);
  const certificate = { alpha: 0.05, delta: 0.05, threshold: 0.7, coverage: 0.64 };
  await store.students.register({ task: 'mail', directory: '/s', digest: 'd1', certificate });
  await store.routes.set('mail', 'cascade');
  for (let i = 0; i < 10; i += 1)
    await store.calls.record(
      call(i < 4 ? { at } : { at, answeredBy: 'student', provider: null, model: null, cost: 0 }),
    );
}

const overview = async (of: Awaited<ReturnType<typeof consoleInTest>>, query = '') =>
  (await (await of.send(`/api/overview${query}`)).json()) as Overview;

/** The digest's watch has rung. */
async function withdraw(store: Store): Promise<void> {
  const [student] = await store.students.list('mail');
  const [audited] = await store.calls.list({ limit: 1 });
  await store.watches.record(
    {
      ...{ callId: audited!.id, task: 'mail', student: { id: student!.id, digest: 'd1' }, agreed: false },
      ...{ provider: 'mock', model: 'big-1', response: null, promptTokens: 1, completionTokens: 1, cost: 0 },
    },
    () => ({ state: {}, rung: true, figures: {} }),
  );
}

test('sums, stretches and tasks are those of the calls', async () => {
  const of = await consoleInTest({ prepare: aWeek });
  await of.signIn();
  const week = await overview(of, '?span=week&offset=-60');
  expect(week.sums).toEqual({
    calls: 10,
    byStudent: 6,
    byCache: 0,
    cost: 0.04,
    saved: 0.06,
    estimated: 0,
    estimatedAvoided: 0,
  });
  expect(week.steps).toHaveLength(7);
  expect(week.steps.reduce((sum, { teacher }) => sum + teacher, 0)).toBe(4);
  expect(week.steps.reduce((sum, { student }) => sum + student, 0)).toBe(6);
  expect(week.steps.reduce((sum, { saved }) => sum + saved, 0)).toBeCloseTo(0.06, 9);
  expect(week.tasks).toMatchObject([
    {
      ...{ name: 'mail', kind: 'classify', route: 'cascade', teacher: 'mock/big-1', state: 'answering' },
      certificate: { alpha: 0.05, delta: 0.05, coverage: 0.64 },
      ...{ calls: 10, byStudent: 6, cost: 0.04, saved: 0.06 },
    },
  ]);
  expect(week.alarms).toEqual([]);
  expect((await overview(of, '?span=day')).steps).toHaveLength(24);
  expect((await of.send('/api/overview?span=year')).status).toBe(400);
});

test('alarms tell of a withdrawn student, drift, a budget and a provider', async () => {
  const of = await consoleInTest({
    prepare: aWeek,
    answer: () => 500,
    config: {
      providers: {
        mock: {
          ...{ baseUrl: 'http://127.0.0.1:1/v1', retries: { times: 0 } },
          breaker: { failures: 1, windowMs: 60_000, openMs: 60_000 },
          prices: { 'big-1': { inputPerMillion: 2, outputPerMillion: 8 } },
        },
      },
      tasks: {
        mail: { kind: 'classify', teacher: 'mock/big-1', audit: 0, budget: { usdPerMonth: 0.045 } },
      },
    },
  });
  await of.signIn();
  const [{ id } = { id: '' }] = await of.store.students.list('mail');
  await of.store.events.add({ task: 'mail', what: 'inputs_drifted', student: id });
  await withdraw(of.store);
  await of.ask('hello', 'mock/big-1');
  const { alarms, tasks } = await overview(of);
  expect(tasks[0]).toMatchObject({ state: 'withdrawn' });
  expect(alarms).toEqual([
    { kind: 'provider', provider: 'mock', leftAloneMs: 60_000 },
    { kind: 'withdrawn', task: 'mail', student: id, isForced: false },
    { kind: 'drift', task: 'mail', student: id, at: expect.any(String) },
    { kind: 'budget', of: 'task', name: 'mail', used: 0.04, budget: 0.045 },
  ]);
});

describe.skipIf(withoutChromium)('the overview (needs Chromium)', () => {
  test('a new installation is told the next step, and the first call appears by itself', async () => {
    const of = await consoleInTest();
    const page = await openPage(of);
    await page.getByText('No call has come in this span of time').waitFor();
    await page.getByText('kolben/mail').waitFor();
    await expectGoodPage(page);
    await of.ask('where is my parcel');
    await page.getByRole('group', { name: 'Spent' }).getByText('1 call').waitFor();
    await page.getByText('$0.0028').first().waitFor();
    await page.getByRole('group', { name: 'Calls over time' }).waitFor();
    await expectGoodPage(page);
  });

  test('figures, chart, tasks and alarms, in German too', async () => {
    const of = await consoleInTest({ prepare: aWeek, config: { budget: { usdPerMonth: 0.045 } } });
    const page = await openPage(of);
    await page.getByRole('group', { name: 'Answered by students' }).getByText('60%').waitFor();
    await page.getByRole('group', { name: 'Avoided' }).getByText('$0.06').waitFor();
    await page.getByText('at most 5% disagreement, for 64% of the calls').waitFor();
    await page.getByText(/The budget of all calls is used up to 89%: \$0\.04 of \$0\.045/).waitFor();
    await page.getByLabel('Span of time').selectOption('day');
    await page.getByRole('group', { name: 'Answered by students' }).getByText('60%').waitFor();
    await expectGoodPage(page);
    await page.getByLabel('Language').selectOption('de');
    await page.getByText(/Das Budget aller Aufrufe ist zu 89\s?% verbraucht/).waitFor();
    await expectGoodPage(page);
    // What happens while one looks on is told by the server.
    await withdraw(of.store);
    await page.getByText(/Der Schüler von mail wurde aus dem Dienst genommen/).waitFor();
  });
});
