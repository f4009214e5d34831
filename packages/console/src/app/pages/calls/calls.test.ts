import { readFile } from 'node:fs/promises';
import { type NewCall, newCallId, type Store } from '@kolben/store';
import { describe, expect, test } from 'vitest';
import { enter, expectGoodPage, openPage } from '../../../testing/browser-page.ts';
import { withoutChromium } from '../../../testing/chromium.ts';
import { consoleInTest } from '../../../testing/console-in-test.ts';
import { fillStore } from '../../../testing/fill-store.ts';

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
    const failed = call(1, {
      status: 'error',
      error: { code: 'provider_timeout', message: 'It was <b>late</b>.' },
    });
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
    await page.getByRole('cell', { name: 'the route says so' }).waitFor();
    await page.getByText('Both were asked, and they differ.').waitFor();
    // The table keeps its rows while it is hidden.
    const seen = { visible: true };
    expect(await page.getByText('<img src=x').filter(seen).count()).toBe(1);
    expect(await page.getByTitle('hidden character U+202E').filter(seen).count()).toBe(1);
    expect(await page.evaluate(() => 'hurt' in window)).toBe(false);
    await expectGoodPage(page);

    await page.getByRole('link', { name: 'Back to the calls' }).click();
    await page.getByText('1 call', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.getByText('242 calls').waitFor();
    await page.getByRole('searchbox').fill('NEEDLE');
    await page.keyboard.press('Enter');
    await page.getByText(/242 calls looked at, back to .*; 1 found\. .*All calls of the filters/).waitFor();
    await expectGoodPage(page);

    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.getByLabel('Outcome').selectOption('error');
    await grid.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('row', { name: 'Answered by nobody' }).waitFor();
    await page.getByRole('row', { name: 'Why it failed the provider took too long' }).waitFor();
    await page.getByRole('row', { name: /^Asked last / }).waitFor();
    await page.getByText('It was <b>late</b>.').waitFor();
    await page.getByRole('link', { name: 'Back to the calls' }).click();
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

  test('a hundred thousand of them are scrolled, and the rows in view are those of their places', async () => {
    const calls = 100_000;
    const of = await consoleInTest({ prepare: (store) => fillStore(store.directory, calls) });
    const page = await openPage(of, { path: '/calls' });
    const asked: string[] = [];
    page.on('request', (request) => {
      const { pathname } = new URL(request.url());
      if (pathname.endsWith('/api/calls')) asked.push(request.url());
    });
    const grid = page.getByRole('grid', { name: 'Recorded calls, newest first' });
    await page.getByText('100,000 calls').waitFor();
    expect(await grid.getAttribute('aria-rowcount')).toBe('100001');
    let mostSeen = 0;
    /** Waits until the rows in view are there, and holds each that has words to its place. */
    const expectPlaces = async (includes: number, of = (place: number) => calls - 1 - place) => {
      await grid.locator(`[aria-rowindex="${includes + 2}"]:not([aria-busy])`).waitFor();
      await page.waitForFunction(() => document.querySelector('[role=grid] [aria-busy]') === null);
      const rows = await grid
        .locator('[role=row][aria-rowindex]')
        .evaluateAll((all) =>
          all
            .slice(1)
            .map((row) => [Number(row.getAttribute('aria-rowindex')) - 2, row.textContent] as const),
        );
      mostSeen = Math.max(mostSeen, rows.length);
      const said = rows.flatMap(([place, text]) => {
        const question = /question (\d+)/.exec(text ?? '');
        return question ? [[place, Number(question[1])]] : [];
      });
      expect(said).toEqual(rows.flatMap(([place]) => (of(place) % 10 === 0 ? [[place, of(place)]] : [])));
      expect(said.length).toBeGreaterThan(0);
    };
    const scrollTo = (place: number) =>
      grid.evaluate((box, top) => {
        box.scrollTop = top;
      }, place * 44);

    await expectPlaces(9);
    // From the top to the bottom, as a thumb is drawn: only where it rests calls are asked for.
    const pulled = 150;
    await grid.evaluate(async (box, steps) => {
      for (let step = 1; step <= steps; step++) {
        box.scrollTop = (box.scrollHeight * step) / steps;
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
    }, pulled);
    await expectPlaces(calls - 1);
    expect(asked.length).toBeLessThan(pulled / 2);
    for (const place of [50_000, 49_950, 73_333]) {
      await scrollTo(place);
      await expectPlaces(place + 5);
    }

    // By keyboard; a call that is opened leaves the place and the keyboard as they were.
    await grid.focus();
    const active = () => grid.locator('[aria-selected=true]');
    await page.keyboard.press('Home');
    await expectPlaces(0);
    await page.keyboard.press('End');
    await expectPlaces(calls - 1);
    expect(await active().getAttribute('aria-rowindex')).toBe(`${calls + 1}`);
    for (const key of ['PageUp', 'PageUp', 'ArrowUp', 'ArrowUp', 'ArrowDown', 'PageDown', 'ArrowDown'])
      await page.keyboard.press(key);
    const before = await active().getAttribute('aria-rowindex');
    await expectPlaces(Number(before) - 2);
    const isWhole = await active().evaluate((row) => {
      const [one, box] = [row.getBoundingClientRect(), row.closest('[role=grid]')!.getBoundingClientRect()];
      const head = row.closest('[role=grid]')!.querySelector('[role=rowgroup]')!.getBoundingClientRect();
      return one.top >= head.bottom - 1 && one.bottom <= box.bottom + 1;
    });
    expect(isWhole).toBe(true);
    const top = await grid.evaluate((box) => box.scrollTop);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'One call' }).waitFor();
    await page.getByText(/^mail_0000\d{3}$/).waitFor();
    await page.goBack();
    await grid.waitFor();
    expect(await grid.evaluate((box) => box.scrollTop)).toBe(top);
    await page.waitForFunction(() => document.activeElement?.getAttribute('role') === 'grid');
    await page.keyboard.press('ArrowDown');
    expect(await active().getAttribute('aria-rowindex')).toBe(`${Number(before) + 1}`);

    // A filter that no index knows: of the even ones every hundredth.
    await page.getByLabel('Answered by').selectOption('student');
    await page.getByText('50,000 calls').waitFor();
    expect(await grid.evaluate((box) => box.scrollTop)).toBe(0);
    await grid.focus();
    await page.keyboard.press('End');
    await expectPlaces(49_999, (place) => calls - 2 - 2 * place);
    // What is recorded meanwhile moves nothing.
    await of.store.calls.record(call(0, { answeredBy: 'student' }));
    await scrollTo(30_000);
    await expectPlaces(30_005, (place) => calls - 2 - 2 * place);
    expect(mostSeen).toBeLessThan(60);

    // A search keeps its hits while one of them is looked at.
    await page.getByRole('searchbox').fill('question 99990');
    await page.keyboard.press('Enter');
    await page.getByText(/10,000 calls looked at, .*; 1 found/).waitFor();
    await grid.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Back to the calls' }).click();
    await page.getByText(/10,000 calls looked at, .*; 1 found/).waitFor();
    expect(page.url()).toContain('answeredBy=student');

    // Figures within a text are the region's, as all others are.
    const other = await openPage(of, { path: '/calls', locale: 'de-AT' });
    await other.getByText('100 001 Aufrufe').waitFor();
  });

  test('thirty million are gone to by thumb, wheel and keys, and read out by their places', async () => {
    const of = await consoleInTest({ prepare: record([call(0)]) });
    await of.signIn();
    const { calls } = (await (await of.send('/api/calls')).json()) as { calls: [object] };
    const all = 30_000_000;
    const page = await openPage(of, { isSignedIn: false });
    // What the gateway would say of so many.
    await page.route(/\/api\/calls(\?|$)/, (route) => {
      const asked = new URL(route.request().url()).searchParams;
      const from = Number(asked.get('before') ?? 0) + Number(asked.get('skip') ?? 0);
      const some = Array.from({ length: 100 }, (_, i) => ({ ...calls[0], asked: `call ${from + i}` }));
      return route.fulfill({ json: { calls: some, next: String(from + 100) } });
    });
    await page.route('**/api/calls/count*', (route) => route.fulfill({ json: { calls: all - 100 } }));
    await enter(page, of.admin.secret);
    await page.getByRole('link', { name: 'Calls' }).click();
    const grid = page.getByRole('grid', { name: 'Recorded calls, newest first' });
    await page.getByText('30,000,000 calls').waitFor();
    expect(await grid.getAttribute('aria-rowcount')).toBe(`${all + 1}`);
    /** The places of the rows that are seen wholly, after each was held to its words. */
    const places = async () => {
      await page.waitForFunction(() => document.querySelector('[role=grid] [aria-busy]') === null);
      const rows = await grid.evaluate((box) => {
        const [head, ...others] = box.querySelectorAll('[role=row]');
        const top = head!.getBoundingClientRect().bottom - 1;
        const bottom = box.getBoundingClientRect().top + box.clientHeight + 2;
        return others
          .filter((row) => {
            const one = row.getBoundingClientRect();
            return one.top >= top && one.bottom <= bottom;
          })
          .map((row) => ({
            place: Number(row.getAttribute('aria-rowindex')) - 2,
            text: row.textContent ?? '',
          }));
      });
      for (const { place, text } of rows) expect(text).toContain(`call ${place}`);
      return rows.map(({ place }) => place);
    };
    const first = await places();
    expect(first[0]).toBe(0);
    expect(first.length).toBeGreaterThan(5);

    // A thumb goes to its share of the whole, a wheel from there on goes row by row.
    await grid.evaluate((box) => {
      box.scrollTop = (box.scrollHeight - box.clientHeight) / 3;
    });
    await grid.locator('[aria-rowindex="10000002"]').waitFor();
    const [before] = await places();
    await grid.hover();
    await page.mouse.wheel(0, 440);
    await grid.locator(`[aria-rowindex="${before! + 10 + first.length}"]`).waitFor();
    await expect.poll(async () => (await places())[0]).toBe(before! + 10);

    await grid.focus();
    const active = () => grid.locator('[aria-selected=true]').getAttribute('aria-rowindex');
    await page.keyboard.press('End');
    await grid.locator(`[aria-rowindex="${all + 1}"]`).waitFor();
    expect((await places()).at(-1)).toBe(all - 1);
    for (const key of ['PageUp', 'PageUp', 'ArrowUp', 'ArrowDown', 'ArrowUp']) await page.keyboard.press(key);
    const last = Number(await active()) - 2;
    expect(last).toBeLessThan(all - 10);
    expect((await places())[0]).toBe(last);
    const named = await grid.getAttribute('aria-activedescendant');
    expect(await page.locator(`[id="${named}"]`).getAttribute('aria-rowindex')).toBe(await active());
    await page.keyboard.press('Home');
    await grid.locator('[aria-rowindex="2"]').waitFor();
    expect((await places())[0]).toBe(0);
  });

  test('say what to do where there are none, in German too', async () => {
    const page = await openPage(await consoleInTest(), { path: '/calls', locale: 'de-DE' });
    await page.getByText('Hier gibt es noch keine Aufrufe').waitFor();
    await expectGoodPage(page);
  });
});
