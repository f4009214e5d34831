import { readFile } from 'node:fs/promises';
import { type NewCall, newCallId, type Store } from '@kolben/store';
import { describe, expect, test } from 'vitest';
import { expectGoodPage, openPage } from '../../../testing/browser-page.ts';
import { withoutChromium } from '../../../testing/chromium.ts';
import { consoleInTest } from '../../../testing/console-in-test.ts';

const nasty = '<img src=x onerror="window.hurt=1"><script>window.hurt=1</script>\u202Egnp.exe\u0007';

function call(n: number, differs: Partial<NewCall> = {}): NewCall {
  return {
    ...{ id: newCallId(), at: new Date(Date.now() - 60_000 * n), task: 'mail', keyId: null },
    ...{ route: 'teacher', answeredBy: 'teacher', provider: 'mock', model: 'big-1', status: 'ok' },
    request: { messages: [{ role: 'user', content: `question ${n}` }] },
    response: { choices: [{ message: { role: 'assistant', content: n % 2 === 0 ? 'ham' : 'spam' } }] },
    ...{ latencyMs: 12, cost: 0.001, teacherCost: 0.001, streamed: false, reason: 'route' },
    usage: { promptTokens: 100, completionTokens: 2, estimated: false },
    ...differs,
  };
}

const record = (calls: readonly NewCall[]) => async (store: Store) => {
  await Promise.all(calls.map((one) => store.calls.record(one)));
};

describe.skipIf(withoutChromium)('the calls (need Chromium)', () => {
  test('are shown page by page, filtered by the address, opened by keyboard, searched and exported', async () => {
    const student = { id: 'student_1', answer: 'ham', confidence: 0.987, certified: true };
    const odd = call(0, {
      route: 'shadow',
      request: { messages: [{ role: 'user', content: `needle ${nasty}` }] },
      ...{ student, agreed: false, response: { choices: [{ message: { content: 'spam' } }] } },
    });
    const failed = call(1, { status: 'error', error: { code: 'upstream_timeout', message: 'It was late.' } });
    const others = Array.from({ length: 240 }, (_, i) => call(i + 2));
    const of = await consoleInTest({ prepare: record([odd, failed, ...others]) });
    const page = await openPage(of, { path: '/calls' });
    const grid = page.getByRole('grid', { name: 'Recorded calls, newest first' });
    await grid.waitFor();
    await page.getByText('242 calls').waitFor();
    await page.getByText('question 2', { exact: true }).waitFor();
    await expectGoodPage(page);

    // The table goes on to the last call.
    await grid.focus();
    await page.waitForFunction(() => {
      const table = document.querySelector('[role=grid]')!;
      table.scrollTop = table.scrollHeight;
      return [...table.querySelectorAll('[role=row]')].some((row) =>
        row.textContent?.includes('question 241'),
      );
    });
    expect(await grid.locator('[role=row]').count()).toBeLessThan(80);

    await page.getByLabel('Outcome').selectOption('error');
    await page.getByText('1 call', { exact: true }).waitFor();
    expect(page.url()).toContain('status=error');
    await page.reload();
    await page.getByText('1 call', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.getByLabel('Student and teacher').selectOption('false');
    await page.getByText('1 call', { exact: true }).waitFor();
    await grid.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'One call' }).waitFor();
    await page.getByText('the route says so').waitFor();
    await page.getByText('Both were asked, and they differ.').waitFor();
    expect(await page.getByText('<img src=x').count()).toBe(1);
    expect(await page.getByTitle('hidden character U+202E').count()).toBe(1);
    expect(await page.evaluate(() => 'hurt' in window)).toBe(false);
    await expectGoodPage(page);

    await page.getByRole('link', { name: 'Back to the calls' }).click();
    await page.getByRole('searchbox').fill('NEEDLE');
    await page.keyboard.press('Enter');
    await page.getByText(/242 calls looked at, back to .*; 1 found\. .*All calls of the filters/).waitFor();
    await expectGoodPage(page);

    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.getByLabel('Outcome').selectOption('error');
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export as JSON Lines' }).click();
    const lines = (await readFile(await (await download).path(), 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual([failed.id]);
    const [exported] = await of.store.auditTrail({ limit: 1 });
    expect(exported).toMatchObject({
      ...{ act: 'calls.export', actor: of.admin.id },
      detail: { filter: { status: 'error' } },
    });
  });

  test('say what to do where there are none, in German too', async () => {
    const page = await openPage(await consoleInTest(), { path: '/calls', locale: 'de-DE' });
    await page.getByText('Hier gibt es noch keine Aufrufe').waitFor();
    await expectGoodPage(page);
  });
});
