// The console before a real `kolben up`: from the first visit to a student that answers, and back.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { enter, expectGoodPage, openPage } from './testing/browser-page.ts';
import { withoutChromium } from './testing/chromium.ts';
import { kolbenUp } from './testing/kolben-up.ts';
import { mailText } from './testing/mail-calls.ts';
import { upstream } from './testing/upstream.ts';

const patience = { timeout: 60_000 };
/** Mails of which the teacher says something that their words don't tell. */
const isOdd = (text: string) => text.startsWith('odd ');

async function askAll(ask: (text: string) => Promise<Response>, texts: readonly string[]): Promise<void> {
  const queue = texts.values();
  const worker = async () => {
    for (const text of queue) {
      const response = await ask(text);
      await response.text();
      expect(response.status).toBe(200);
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}

const heading = (page: Page, name: string | RegExp) =>
  page.getByRole('heading', { name }).first().waitFor(patience);
const goTo = (page: Page, name: string) =>
  page.getByRole('navigation').getByRole('link', { name, exact: true }).click();

describe.skipIf(withoutChromium)('the console before a real kolben up (needs Chromium)', () => {
  test('leads from the first visit to a student that answers, and back', async () => {
    const provider = await upstream((text) => {
      const number = Number(/(\d+)$/.exec(text)?.[1] ?? 0);
      const { label } = mailText(number);
      return isOdd(text) ? (label === 'billing' ? 'delivery' : 'billing') : label;
    });
    // Every call of the cascade is asked of both, so that what they differ in can be read at once.
    const up = await kolbenUp(provider.url, { audit: 1 });
    onTestFinished(() => up.stop());

    // The first visit: any address leads to the door, and only an admin key opens it.
    const page = await openPage(up, { isSignedIn: false });
    await page.goto(`${up.url}/`);
    expect(new URL(page.url()).pathname).toBe('/console/');
    await page.getByLabel('Admin key').fill(up.use.secret);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('This key is for calling models').first().waitFor();
    await expectGoodPage(page);
    await enter(page, up.admin.secret);
    await heading(page, 'Overview');
    await page.getByText('No call has come in this span of time').waitFor(patience);
    await expectGoodPage(page);

    // Calls of an application show without a reload.
    await askAll(
      (text) => up.ask(text),
      Array.from({ length: 200 }, (_, i) => mailText(i).text),
    );
    await page.getByText('200 calls').first().waitFor(patience);

    // A training that somebody else has begun is seen while it goes on.
    await goTo(page, 'Runs');
    const trained = up.begin(
      ...['distill', '--task', 'mail', '--alpha', '0.2', '--chips', '1', '--report', 'report.html'],
    );
    await page.getByRole('link', { name: 'mail' }).click(patience);
    await heading(page, 'Run of mail');
    await page.getByText('at work').waitFor(patience);
    const { registered } = (await trained.ended) as unknown as { registered: string };
    await page.getByText('done', { exact: true }).waitFor(patience);
    await page.getByRole('img', { name: 'Loss' }).first().waitFor(patience);
    await expectGoodPage(page);

    // Its report draws the same, without a script and without a server.
    const report = await page.context().newPage();
    await report.goto(pathToFileURL(join(up.folder, 'report.html')).href);
    const drawn = report.getByRole('img', { name: /^Measured and simulated Measured: / });
    expect(await drawn.textContent()).toMatch(/Measured.*Chip 1.*Simulated.*Chip 1/);
    const bars = drawn.locator('path > title');
    expect((await bars.allTextContents()).join('\n')).toMatch(
      /^Chip 1, F: forward, stage 1, .* ms for .* ms$/m,
    );
    await expectGoodPage(report);
    await report.close();

    // What the watch would do next, done by it elsewhere, and taken back here.
    await goTo(page, 'Tasks');
    await page.getByRole('grid', { name: 'Tasks' }).getByText('mail', { exact: true }).click();
    await page.getByText('Set the route shadow').waitFor(patience);
    await page.getByText(/^because its student is certified for \d/).waitFor(patience);
    expect(await up.kolben('watch', 'mail', '--once')).toMatchObject({ steps: [{ step: 'route shadow' }] });
    await page.getByText('Route now: shadow.').waitFor(patience);
    await page.getByRole('button', { name: 'Take back its last step' }).click();
    await page.getByText('Route now: teacher.').waitFor(patience);
    expect(await up.kolben('route')).toEqual({ routes: { mail: 'teacher' } });
    // What was taken back is not done again by itself.
    await page.getByText(/^because [\d,]+ more new calls with a teacher.s answer/).waitFor(patience);
    // And no button stands where there is nothing more to take back.
    await page
      .getByRole('button', { name: 'Take back its last step' })
      .waitFor({ state: 'detached', ...patience });

    // The switch, with what it requires.
    await page.getByRole('radio', { name: 'cascade' }).click();
    await page.getByRole('button', { name: 'Switch to cascade' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Switch to cascade' }).click();
    await page.getByText('The route of mail is cascade now.').waitFor(patience);
    expect(await up.kolben('route')).toEqual({ routes: { mail: 'cascade' } });
    await vi.waitUntil(async () => {
      const answered = await up.ask(mailText(1_000).text);
      return answered.headers.get('x-kolben-answered-by') === 'student';
    }, patience);

    // Student and teacher differ; somebody reads it and decides.
    await askAll(
      (text) => up.ask(text),
      Array.from({ length: 4 }, (_, i) => `odd ${mailText(2_000 + i).text}`),
    );
    const odd = page.getByRole('article').filter({ hasText: 'odd ' }).first();
    await odd.waitFor(patience);
    await expectGoodPage(page);
    await odd.getByRole('button', { name: 'Student is right' }).click();
    await page.getByText(/disagreements?, 1 decided\./).waitFor(patience);

    // Why it answers so, and back to the student before it.
    await up.kolben('students', 'register', 'mail', String(await folderOf(up, registered)), '--promote');
    await goTo(page, 'Students');
    await heading(page, 'Students of mail');
    await page
      .getByRole('link', { name: /^Student [0-9a-f]{12}$/ })
      .first()
      .click();
    await page.getByLabel('A text, as it would come in').fill('my invoice and refund');
    await page.getByRole('button', { name: 'Explain' }).click();
    await page.getByText('invoice').first().waitFor(patience);
    await page.getByRole('button', { name: 'Give the one before its place back' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Yes, do it' }).click();
    await vi.waitUntil(async () => {
      const { students } = (await up.kolben('students')) as unknown as {
        students: { id: string; current: boolean }[];
      };
      return students.find(({ current }) => current)?.id === registered;
    }, patience);

    // A budget that blocks, made and felt.
    await goTo(page, 'Keys and audit');
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByLabel('Name').fill('till');
    await page.getByLabel('US dollars a month').fill('0.01');
    await page.getByRole('dialog').getByRole('button', { name: 'New key' }).click();
    const secret = (await page.getByRole('textbox', { name: 'Secret' }).textContent())!;
    const refused = await up.ask('Whatever it says', secret, 'acme/large-1');
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({ error: { code: expect.stringMatching(/^budget_/) } });
    await page.getByRole('button', { name: 'I have kept it' }).click();

    // Who did what, in German.
    await page.getByLabel('Language').selectOption('de');
    await heading(page, 'Schlüssel und Protokoll');
    await page.getByRole('tab', { name: 'Protokoll' }).click();
    const log = page.getByRole('grid', { name: 'Protokoll' });
    for (const act of [
      'Einen Schlüssel angelegt',
      'Dem vorigen Schüler seinen Platz zurückgegeben',
      'Eine Route umgeschaltet',
      'In der Konsole angemeldet',
    ])
      await log.getByText(act, { exact: true }).first().waitFor(patience);
    await expectGoodPage(page);
  }, 400_000);
});

async function folderOf(
  up: { kolben(...args: string[]): Promise<Record<string, never>> },
  id: string,
): Promise<string> {
  const { students } = (await up.kolben('students')) as unknown as {
    students: { id: string; directory: string }[];
  };
  return students.find((one) => one.id === id)!.directory;
}
