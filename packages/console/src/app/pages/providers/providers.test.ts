import { describe, expect, test } from 'vitest';
import { expectGoodPage, openPage } from '../../../testing/browser-page.ts';
import { withoutChromium } from '../../../testing/chromium.ts';
import { consoleInTest, type TestConsoleOptions } from '../../../testing/console-in-test.ts';

const secret = 'sk-mock-0123456789abcdef';
const price = { inputPerMillion: 2, outputPerMillion: 8 };
/** Two providers under two laws, and one that nobody needs; one task has a fallback, one hasn't. */
const options: TestConsoleOptions = {
  config: {
    providers: {
      mock: {
        ...{
          baseUrl: 'http://127.0.0.1:9/v1',
          apiKeyEnv: 'MOCK_KEY',
          jurisdiction: 'US',
          retries: { times: 0 },
        },
        prices: { 'big-1': price },
        breaker: { failures: 1, windowMs: 60_000, openMs: 600_000 },
        terms: { distillation: 'forbidden', clause: 'No <b>training</b>.', date: '2026-10-01' },
      },
      spare: {
        ...{ baseUrl: 'https://api.mistral.ai/v1', apiKeyEnv: 'MOCK_KEY', jurisdiction: 'FR' },
      },
      idle: { baseUrl: 'https://api.example.com/v1', apiKeyEnv: 'ABSENT_KEY' },
    },
    tasks: {
      mail: { kind: 'classify', teacher: 'mock/big-1' },
      safe: { kind: 'classify', teacher: 'mock/big-1', fallbacks: ['spare/mistral-small-latest'] },
    },
  },
};
test('the API tells standing, record, law and terms of each, and what a ban would leave; never a key', async () => {
  const of = await consoleInTest(options);
  expect((await of.send('/api/providers')).status).toBe(401);
  await of.signIn();
  expect((await of.ask('one')).status).toBeGreaterThanOrEqual(500);
  const text = await (await of.send('/api/providers')).text();
  expect(text).not.toContain(secret);
  const { providers, bans } = JSON.parse(text);
  expect(providers).toMatchObject([
    {
      ...{ name: 'mock', jurisdiction: 'US', keyVariable: 'MOCK_KEY', canBeAsked: true, suspended: true },
      done: { asked: 1, failed: 1, passedOn: 0, latency: null, lastError: { code: expect.any(String) } },
      terms: { distillation: 'forbidden' },
      prices: [{ model: 'big-1', source: 'configuration', date: null }],
    },
    { name: 'spare', canBeAsked: true, done: null, terms: null, prices: [{ source: 'package' }] },
    { name: 'idle', canBeAsked: false, jurisdiction: null, prices: [] },
  ]);
  expect(bans).toContainEqual({
    ...{ what: 'jurisdiction', name: 'US' },
    tasks: [
      { task: 'mail', left: 'nothing', teacher: null },
      { task: 'safe', left: 'fallback', teacher: expect.objectContaining({ provider: 'spare' }) },
    ],
  });
  expect(bans).toContainEqual({
    ...{ what: 'jurisdiction', name: 'EU' },
    tasks: [
      { task: 'mail', left: 'untouched', teacher: null },
      { task: 'safe', left: 'reserve', teacher: expect.objectContaining({ provider: 'mock' }) },
    ],
  });
});

describe.skipIf(withoutChromium)('the page (needs Chromium)', () => {
  test('shows how each stands, and what would be left without one or a law', async () => {
    const of = await consoleInTest(options);
    await of.ask('one');
    const page = await openPage(of, { path: '/providers' });
    await page.getByText(/left alone for/).waitFor();
    await page.getByText('MOCK_KEY, present').first().waitFor();
    await page.getByText('ABSENT_KEY, missing').waitFor();
    await page.getByText('No <b>training</b>.').waitFor();
    await page.getByText(/genai-prices 0\.1\.8/).waitFor();
    await page
      .getByLabel('Gone tomorrow', { exact: true })
      .selectOption({ label: 'all under the law of US' });
    await page.getByText('1 task of 2 would still have an answer to every call.').waitFor();
    await page.getByRole('row', { name: /mail nobody/ }).waitFor();
    const replaced = 'safe spare answers, with mistral-small-latest (under the law of FR)';
    await page.getByRole('row', { name: replaced }).waitFor();
    await page.getByText('the provider could not be reached (1)').waitFor();
    expect(await page.content()).not.toContain(secret);
    await expectGoodPage(page);
  });

  test('in German', async () => {
    const page = await openPage(await consoleInTest(options), { path: '/providers', locale: 'de-DE' });
    await page.getByLabel('Morgen weg', { exact: true }).selectOption({ label: 'der Anbieter mock' });
    await page.getByText('1 Aufgabe von 2 hätte noch auf jeden Aufruf eine Antwort.').waitFor();
    await expectGoodPage(page);
  });
});
