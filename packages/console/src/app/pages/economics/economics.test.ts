import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Store } from '@kolben/store';
import { describe, expect, onTestFinished, test } from 'vitest';
import { expectGoodPage, openPage } from '../../../testing/browser-page.ts';
import { withoutChromium } from '../../../testing/chromium.ts';
import { consoleInTest, type TestConsole } from '../../../testing/console-in-test.ts';

const certificate = {
  ...{ alpha: 0.05, delta: 0.05, threshold: 0.9, coverage: 0.75, n: 300 },
  ...{ coverageInterval: [0.7, 0.8], disagreementUpperBound: 0.04 },
};
/** A student that was moved away since: the store still has its certificate. */
const withStudent = async (store: Store) => {
  await store.students.register({ task: 'mail', directory: '/moved/away', digest: 'd1', certificate });
};
const ask = async (of: TestConsole, query: Record<string, string> = {}) =>
  (await (await of.send(`/api/economics?${new URLSearchParams(query)}`)).json()) as {
    answer: Awaited<ReturnType<typeof import('@kolben/gateway/economics')['taskEconomics']>>;
  };

test('the API answers from calls, certificate and configuration, and the command line with the same figures', async () => {
  const of = await consoleInTest({ prepare: withStudent });
  await of.signIn();
  expect((await ask(of)).answer).toMatchObject({
    result: null,
    missing: expect.arrayContaining(['callsPerDay']),
  });
  await of.ask('one');
  await of.ask('two');
  const figures = { callsPerDay: 40_000, workHours: 10 };
  const { answer } = await ask(of, { task: 'mail', hosting: 'cpu', figures: JSON.stringify(figures) });
  expect(answer.figures.coverage).toEqual({ value: 0.75, source: 'certificate' });
  expect(answer.figures.promptTokens).toEqual({ value: 1_000, source: 'recorded' });
  expect(answer.figures.callsPerDay).toEqual({ value: 40_000, source: 'given' });
  // 1,000 tokens at $2 and 100 at $8 a million.
  const [teacher] = answer.result!.ways;
  expect(teacher!.perMonth.value).toBeCloseTo(40_000 * (365.25 / 12) * 0.0028, 6);

  const folder = mkdtempSync(join(tmpdir(), 'kolben-economics-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const config = join(folder, 'kolben.config.json');
  const prices = { 'big-1': { inputPerMillion: 2, outputPerMillion: 8 } };
  writeFileSync(
    config,
    JSON.stringify({
      dataDirectory: of.store.directory,
      providers: { mock: { baseUrl: of.provider.url, prices } },
      tasks: { mail: { kind: 'classify', teacher: 'mock/big-1', audit: 0 } },
    }),
  );
  const assumptions = join(folder, 'assumptions.json');
  writeFileSync(assumptions, JSON.stringify(figures));
  const bin = fileURLToPath(new URL('../../../../../kolben/bin/kolben.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...[bin, 'economics', '--task', 'mail', '--hosting', 'cpu', '--config', config],
    ...['--assumptions', assumptions, '--json'],
  ]);
  const told = JSON.parse(stdout) as typeof answer;
  expect(told.result).toEqual(answer.result);
  expect(told.figures).toEqual(answer.figures);
  expect(told.prices).toEqual(answer.prices);
});

test('the API refuses figures that can’t be', async () => {
  const of = await consoleInTest();
  expect((await of.send('/api/economics')).status).toBe(401);
  await of.signIn();
  for (const query of [
    ...['{', '{"covrage":1}', '{"coverage":2}'].map((figures) => ({ figures })),
    { teacher: 'big-1' },
  ]) {
    const response = await of.send(`/api/economics?${new URLSearchParams(query as never)}`);
    expect(response.status).toBe(400);
  }
});

describe.skipIf(withoutChromium)('the page (needs Chromium)', () => {
  test('what is missing is asked for, typed and reckoned; the address keeps it; it can be taken back', async () => {
    const of = await consoleInTest({ prepare: withStudent });
    const page = await openPage(of, { path: '/economics' });
    await page.getByText('Some figures are not known yet').waitFor();
    await of.ask('one');
    await page.getByLabel('Calls a day', { exact: true }).fill('40000');
    await page.getByLabel('Calls a day', { exact: true }).press('Enter');
    await page.getByText(/The cascade saves/).waitFor();
    const { hostname } = new URL(page.url());
    expect(hostname).toBe('127.0.0.1');
    expect(new URL(page.url()).searchParams.get('figures')).toBe('{"callsPerDay":40000}');
    await of.signIn();
    const { answer } = await ask(of, { figures: '{"callsPerDay":40000}' });
    const money = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' });
    for (const { way, perMonth } of answer.result!.ways)
      expect(await page.locator(`[data-way=${way}]`).textContent()).toContain(money.format(perMonth.value));
    await page.getByRole('list', { name: 'Prices per million tokens' }).getByText('mock/big-1').waitFor();
    // The same figures on each kind of machine, beside the API.
    const places = page.getByRole('table').filter({ hasText: 'Rented GPU' });
    for (const { cascade, student } of answer.result!.hostings)
      for (const cost of [cascade, student]) expect(await places.textContent()).toContain(money.format(cost));
    await page.getByLabel('The student runs on').selectOption('gpu');
    await page.getByText('Rented server', { exact: true }).first().waitFor();
    await page.reload();
    await page
      .getByText(/The cascade/)
      .first()
      .waitFor();
    expect(await page.getByLabel('Calls a day', { exact: true }).inputValue()).toBe('40000');
    await expectGoodPage(page);
    await page.getByRole('button', { name: 'Take back all changes' }).click();
    await page.getByText('At these figures the cascade does not pay for itself.').waitFor();
    expect(new URL(page.url()).searchParams.get('figures')).toBeNull();
  });

  test('with another teacher’s prices; prices per million tokens; figures that contradict each other can be mended', async () => {
    const prices = {
      'big-1': { inputPerMillion: 2, outputPerMillion: 8, asOf: '2026-11-02', page: 'https://big.example' },
      'small-1': { inputPerMillion: 0.5, cachedInputPerMillion: 0.125, outputPerMillion: 1.5 },
    };
    const providers = (url: string) => ({ mock: { baseUrl: url, prices } });
    const of = await consoleInTest({
      prepare: withStudent,
      config: { providers: providers('http://127.0.0.1:9/v1') },
    });
    const known = { callsPerDay: 40_000, promptTokens: 1_000, answerTokens: 100, coverage: 0.75 };
    const page = await openPage(of, { path: `/economics?figures=${JSON.stringify(known)}` });
    const teacherAlone = page.locator('[data-way=teacher]');
    const money = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' });
    const told = (call: number) => money.format(40_000 * (365.25 / 12) * call);
    await teacherAlone.filter({ hasText: told(0.0028) }).waitFor();
    await page.getByLabel('Teacher, at its prices').selectOption('mock/small-1');
    await teacherAlone.filter({ hasText: told(0.00065) }).waitFor();
    await of.signIn();
    const { answer } = await ask(of, { teacher: 'mock/small-1', figures: JSON.stringify(known) });
    expect(answer.result!.ways[0]!.perMonth.value).toBeCloseTo(40_000 * (365.25 / 12) * 0.00065, 6);

    const listed = page.getByRole('list', { name: 'Prices per million tokens' }).getByRole('listitem');
    expect(await listed.allInnerTexts()).toEqual([
      expect.stringMatching(
        /^mock\/small-1\s.*\$0\.50.*\$0\.125.*\$1\.50.*\$0\.65 for a thousand.*configuration$/s,
      ),
      expect.stringMatching(
        /^mock\/big-1\s.*\$2\.00.*\$8\.00.*\$2\.80 for a thousand.*configuration, as of Nov 2, 2026, https:\/\/big\.example$/s,
      ),
    ]);

    const cached = page.getByLabel('Of these, from the cache');
    await cached.fill('2000');
    await cached.press('Enter');
    await page.getByRole('alert').filter({ hasText: 'These figures contradict each other' }).waitFor();
    expect(await cached.getAttribute('aria-invalid')).toBe('true');
    await expectGoodPage(page);
    await cached.fill('1000');
    await cached.press('Enter');
    await teacherAlone.filter({ hasText: told(0.000275) }).waitFor();
  });

  test('in German', async () => {
    const of = await consoleInTest({ prepare: withStudent });
    await of.ask('eins');
    const figures = encodeURIComponent('{"callsPerDay":40000}');
    const page = await openPage(of, { path: `/economics?figures=${figures}`, locale: 'de-DE' });
    await page.getByText(/Die Kaskade spart/).waitFor();
    await page.getByRole('heading', { name: 'Schüler allein' }).waitFor();
    expect(await page.getByLabel('Anteil, den der Schüler beantwortet').inputValue()).toBe('0,75');
    await page.getByText(/nach \d+,\d Monaten/).waitFor();
    await expectGoodPage(page);
  });
});
