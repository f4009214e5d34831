import { describe, expect, test } from 'vitest';
import { expectGoodPage, openPage } from '../../../testing/browser-page.ts';
import { withoutChromium } from '../../../testing/chromium.ts';
import { consoleInTest, type TestConsole } from '../../../testing/console-in-test.ts';

const none = { usdPerMonth: null, requestsPerMinute: null, tokensPerMinute: null };

const post = (of: TestConsole, path: string, body: unknown = {}, method = 'POST') =>
  of.send(`/api/keys${path}`, { method, body: JSON.stringify(body) });

test('keys are made, limited, exchanged and revoked, each act in the log with its actor', async () => {
  const of = await consoleInTest();
  await of.signIn();
  const made = await post(of, '', {
    name: 'bot',
    scope: 'use',
    expiresAt: null,
    limits: { ...none, usdPerMonth: 5 },
  });
  const { id, secret } = (await made.json()) as { id: string; secret: string };
  expect((await of.store.keys.verify(secret))?.limits).toEqual({ ...none, usdPerMonth: 5 });

  const limits = { usdPerMonth: 2, requestsPerMinute: 60, tokensPerMinute: null };
  expect((await post(of, `/${id}/limits`, limits, 'PUT')).status).toBe(200);
  const exchanged = await post(of, `/${id}/rotate`, { graceMs: 3_600_000 });
  const next = (await exchanged.json()) as { id: string; secret: string; oldWorksUntil: string };
  expect((await of.store.keys.verify(next.secret))?.limits).toEqual(limits);
  expect((await of.store.keys.verify(secret))?.expiresAt?.toISOString()).toBe(next.oldWorksUntil);
  expect((await post(of, `/${next.id}/revoke`)).status).toBe(200);
  expect(await of.store.keys.verify(next.secret)).toBeUndefined();

  const trail = await of.store.auditTrail({ limit: 4 });
  expect(trail.map(({ act, actor, subject }) => [act, actor, subject])).toEqual([
    ['key.revoke', of.admin.id, next.id],
    ['key.rotate', of.admin.id, id],
    ['key.limit', of.admin.id, id],
    ['key.create', of.admin.id, id],
  ]);
  expect(JSON.stringify(trail)).not.toContain(secret);
  const list = await (await of.send('/api/keys')).text();
  for (const hidden of [secret, next.secret, of.admin.secret, 'sha256']) expect(list).not.toContain(hidden);
  expect(JSON.parse(list).keys).toContainEqual(expect.objectContaining({ id: of.admin.id, isYours: true }));
});

test('what is no key, limit or time is refused, and nothing is done', async () => {
  const of = await consoleInTest();
  await of.signIn();
  const key = { name: 'bot', scope: 'use', expiresAt: null, limits: none };
  for (const wrong of [
    { ...key, name: '  ' },
    { ...key, scope: 'root' },
    { ...key, expiresAt: 'tomorrow' },
    { ...key, expiresAt: '2020-01-01T00:00:00Z' },
    { ...key, limits: { ...none, requestsPerMinute: 0 } },
    { ...key, limits: { ...none, usdPerMonth: -1 } },
    { ...key, more: 1 },
  ])
    expect((await post(of, '', wrong)).status, JSON.stringify(wrong)).toBe(400);
  expect((await post(of, '/key_none/revoke')).status).toBe(404);
  expect((await post(of, '/key_none/rotate', { graceMs: 0 })).status).toBe(404);
  expect((await post(of, '/key_none/limits', none, 'PUT')).status).toBe(404);
  expect((await post(of, `/${of.use.id}/rotate`, { graceMs: -1 })).status).toBe(400);
  expect(await of.store.keys.list()).toHaveLength(2);
});

describe.skipIf(withoutChromium)('the page of keys (needs Chromium)', () => {
  test('a key is made, its secret shown once; it is limited, exchanged and revoked', async () => {
    const of = await consoleInTest();
    const page = await openPage(of, { path: '/keys' });
    await page.getByRole('rowheader', { name: /shop/ }).waitFor();
    await expectGoodPage(page);

    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByLabel('Name').fill('mail sorter');
    // With a comma it is the same amount; what may be one number or another is none, and nothing is made of it.
    const budget = page.getByLabel('US dollars a month');
    await budget.pressSequentially('12,500');
    await page.getByRole('dialog').getByRole('button', { name: 'New key' }).click();
    await page.getByText('Type a number without thousands separators, such as 1234.5.').waitFor();
    await budget.press('Backspace');
    await budget.press('Backspace');
    await expectGoodPage(page);
    await page.getByRole('dialog').getByRole('button', { name: 'New key' }).click();
    const secret = page.getByRole('textbox', { name: 'Secret' });
    const shown = (await secret.textContent())!;
    expect((await of.store.keys.verify(shown))?.limits.usdPerMonth).toBe(12.5);
    await expectGoodPage(page);
    await page.getByRole('button', { name: 'I have kept it' }).click();
    await page.getByRole('rowheader', { name: /mail sorter/ }).waitFor();
    await secret.waitFor({ state: 'detached' });
    expect(await page.content()).not.toContain(shown);

    await page.getByRole('button', { name: 'Set limits: mail sorter' }).click();
    await page.getByLabel('Requests a minute').fill('60');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Requests a minute: 60').waitFor();

    await page.getByRole('button', { name: 'Exchange: mail sorter' }).click();
    await page.getByLabel('The old key works on for').selectOption('now');
    await page.getByRole('dialog').getByRole('button', { name: 'Exchange' }).click();
    await page.getByText('The old key is revoked.').waitFor();
    const next = (await secret.textContent())!;
    expect(await of.store.keys.verify(shown)).toBeUndefined();
    await page.getByRole('button', { name: 'I have kept it' }).click();

    await page.getByRole('button', { name: 'Revoke: mail sorter' }).click();
    await page.getByText('It stops working at once and for good').waitFor();
    await expectGoodPage(page);
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await of.store.keys.verify(next)).toBeUndefined();
  });

  test('money is typed key by key, as the language writes it', async () => {
    const of = await consoleInTest();
    const page = await openPage(of, { path: '/keys', locale: 'de-DE' });
    await page.getByRole('button', { name: 'Grenzen setzen: shop' }).click();
    const money = page.getByLabel('US-Dollar im Monat');
    await money.pressSequentially('0,05');
    expect(await money.inputValue()).toBe('0,05');
    await page.getByRole('button', { name: 'Sichern' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const [shop] = (await of.store.keys.list()).filter(({ name }) => name === 'shop');
    expect(shop!.limits.usdPerMonth).toBe(0.05);
  });

  test('budgets show what is spent; the log shows who did what, however long it is', async () => {
    const of = await consoleInTest({
      config: { budget: { usdPerMonth: 0.0035 } },
      prepare: async (store) => {
        await store.calls.record({
          ...{ at: new Date(), task: 'mail', keyId: null, route: 'teacher', answeredBy: 'teacher' },
          ...{ provider: 'mock', model: 'big-1', request: {}, response: null, status: 'ok', latencyMs: 5 },
          usage: { promptTokens: 10, completionTokens: 1, estimated: false },
          ...{ cost: 0.0028, teacherCost: 0.0028, streamed: false },
        });
        for (let i = 0; i < 250; i += 1) await store.audit({ actor: 'cli', act: `act.${i}` });
        const { id } = await store.keys.create({ name: 'sorter <b>', scope: 'use' });
        const detail = { name: 'sorter <b>', usdPerMonth: 125, requestsPerMinute: null };
        await store.audit({ actor: 'cli', act: 'key.limit', subject: id, detail });
        const prune = { before: '2026-10-01T00:00:00.000Z', calls: 12 };
        await store.audit({ actor: 'gateway', act: 'calls.prune', detail: prune });
      },
    });
    const page = await openPage(of, { path: '/keys/budgets' });
    const all = page.getByRole('row', { name: /all calls/ });
    await all.getByText('80% used').waitFor();
    await all.getByText('$0.0028').waitFor();
    await all.getByText('$0.0007').waitFor();
    await expectGoodPage(page);

    await page.getByRole('tab', { name: 'Audit log' }).click();
    const table = page.getByRole('grid', { name: 'Audit log' });
    await table.getByText('Signed in to the console').first().waitFor();
    await table.getByText('anna').first().waitFor();
    await table.getByText('Calls: 12', { exact: false }).waitFor();
    await expectGoodPage(page);
    await table.getByText('Set a key’s limits').click();
    const act = page.getByRole('dialog', { name: 'One act' });
    await act.getByRole('row', { name: /^To what sorter <b> \(key_/ }).waitFor();
    await act.getByRole('row', { name: 'US dollars a month $125.00' }).waitFor();
    await act.getByRole('row', { name: 'Code key.limit' }).waitFor();
    await expectGoodPage(page);
    await act.getByRole('button', { name: 'Close' }).click();

    await page.getByLabel('Who, or to which key').selectOption({ label: 'sorter <b>' });
    await expect.poll(() => table.getByRole('row').count()).toBe(2);
    await page.getByLabel('What', { exact: true }).selectOption('Deleted the words of old calls');
    await page.getByText('Nothing of this kind has been done').waitFor();
    await page.getByLabel('Who, or to which key').selectOption('the gateway by itself');
    await page.getByLabel('Language').selectOption('de');
    await page.getByText('Vorher: 01.10.2026', { exact: false }).waitFor();
    await expectGoodPage(page);
    await page.getByLabel('Was', { exact: true }).selectOption('alle Handlungen');
    await page.getByLabel('Wer, oder an').selectOption('alle');
    await page.getByLabel('Sprache').selectOption('en');
    await table.getByText('act.249', { exact: true }).waitFor();
    // Only what is seen is in the page, and its end is fetched when it is come to.
    expect(await table.getByRole('row').count()).toBeLessThan(60);
    await table.focus();
    for (let i = 0; i < 6; i += 1) {
      await table.evaluate((element) => element.scrollTo(0, element.scrollHeight));
      await page.waitForTimeout(100);
    }
    await table.getByText('act.0', { exact: true }).waitFor();
  });
});
