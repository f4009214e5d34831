import { join } from 'node:path';
import { distill } from '@kolben/distill';
import { type NewCall, newCallId, type Store } from '@kolben/store';
import { describe, expect, test } from 'vitest';
import { expectGoodPage, openPage } from '../../../testing/browser-page.ts';
import { withoutChromium } from '../../../testing/chromium.ts';
import { consoleInTest } from '../../../testing/console-in-test.ts';
import { parcelTexts } from '../../../testing/parcel-texts.ts';

function disagreement(n: number, text: string, confidence: number): NewCall {
  return {
    ...{ id: newCallId(), at: new Date(Date.now() - 60_000 * n), task: 'mail', keyId: null },
    ...{ route: 'shadow', answeredBy: 'teacher', provider: 'mock', model: 'big-1', status: 'ok' },
    request: { messages: [{ role: 'user', content: text }] },
    response: { choices: [{ message: { role: 'assistant', content: 'ham' } }] },
    ...{ latencyMs: 12, cost: 0.001, teacherCost: 0.001, streamed: false, agreed: false },
    usage: { promptTokens: 100, completionTokens: 2, estimated: false },
    student: { id: 'student_1', answer: 'spam', confidence, certified: true },
  };
}

/** A student of a few hundred texts, registered. */
async function withStudent(store: Store): Promise<void> {
  const directory = join(store.directory, 'students', 'mail');
  const { certificate, details } = await distill({
    ...{ examples: parcelTexts(200), out: directory, task: 'mail' },
    ...{ alpha: 0.3, chips: 1 },
  });
  await store.students.register({ task: 'mail', directory, digest: details.digest, certificate });
}

describe.skipIf(withoutChromium)('the tasks (need Chromium)', () => {
  test('a task without a student says what its switch requires, and disagreements are decided', async () => {
    const of = await consoleInTest({
      prepare: async (store) => {
        for (const one of [disagreement(1, 'Buy <b>now</b> \u202Eabc', 0.6), disagreement(2, 'Lunch?', 0.99)])
          await store.calls.record(one);
      },
    });
    const page = await openPage(of, { path: '/tasks' });
    const grid = page.getByRole('grid', { name: 'Tasks' });
    await grid.getByText('no student yet').waitFor();
    await expectGoodPage(page);
    await grid.getByText('mail', { exact: true }).click();
    await page.getByText('kolben distill --task mail').waitFor();
    expect(await page.getByRole('radio', { name: 'cascade' }).isDisabled()).toBe(true);
    await page.getByText('2 disagreements, 0 decided.').waitFor();
    await page.getByLabel('Order').selectOption('surest');
    const articles = page.getByRole('article');
    await articles.first().getByText('Lunch?').waitFor();
    await expectGoodPage(page);
    await articles.first().getByRole('button', { name: 'Student is right' }).click();
    await page.getByText('2 disagreements, 1 decided.').waitFor();
    await articles.first().getByText('Buy <b>now</b>').waitFor();
    await articles.first().getByRole('button', { name: 'Another answer is right' }).click();
    await page.getByLabel('The right answer').fill('advert');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('No disagreements here').waitFor();
    const decided = await of.store.decisions.disagreements({ task: 'mail', decided: true });
    expect(decided.map(({ decision }) => [decision?.verdict, decision?.answer, decision?.by])).toEqual([
      ['neither', 'advert', of.admin.id],
      ['student', null, of.admin.id],
    ]);
  });

  test('a task with a student is switched, shows its curve, and gets the certificate of another alpha', async () => {
    const of = await consoleInTest({ prepare: withStudent });
    const page = await openPage(of, { path: '/tasks/mail' });
    await page
      .getByRole('heading', { name: 'What it would answer, and how often it would differ' })
      .waitFor();
    await page.getByText('All of these promises hold together with 95% confidence').waitFor();
    await expectGoodPage(page);
    await page.getByRole('radio', { name: 'cascade' }).check();
    await page.getByRole('button', { name: 'Switch to cascade' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Switch to cascade' }).click();
    await page.getByText('What is done with this task’s calls now: cascade.').waitFor();
    expect(await of.store.routes.get('mail')).toBe('cascade');

    const before = (await of.store.students.current('mail'))!;
    await page.getByRole('slider').focus();
    await page.keyboard.press('End');
    await page.getByRole('button', { name: 'Certify with 20%' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Certify with 20%' }).click();
    await page.getByText('at no more than 20% disagreement').waitFor();
    const now = (await of.store.students.current('mail'))!;
    expect(now.digest).not.toBe(before.digest);
    expect(now.certificate).toMatchObject({ alpha: 0.2 });

    // And asked side by side with its teacher.
    await page.goto(`${of.url}/console/playground`);
    await page.getByLabel('Text', { exact: true }).fill('my parcel is late <b>again</b>');
    await page.getByText(/costs at most \$/).waitFor();
    await page.getByRole('button', { name: 'Ask both' }).click();
    await page.getByText(/They differ\.|Both say the same\./).waitFor();
    await page.getByRole('button', { name: 'Which words decided?' }).click();
    await page.getByText(/What each word contributes/).waitFor();
    await expectGoodPage(page);
    await of.gateway.flush();
    const calls = await of.store.calls.list({ keyId: of.admin.id });
    expect(calls.map(({ answeredBy, drawn }) => [answeredBy, drawn]).sort()).toEqual([
      ['student', 'chosen'],
      ['teacher', 'chosen'],
    ]);
    expect(calls.find(({ answeredBy }) => answeredBy === 'teacher')!.cost).toBeGreaterThan(0);
  });
});
