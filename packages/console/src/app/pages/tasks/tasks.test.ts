import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { distill, foreseeRefusal, readWatch } from '@kolben/distill';
import { type NewCall, newCallId, type Store } from '@kolben/store';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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

const folder = mkdtempSync(join(tmpdir(), 'kolben-tasks-'));
let student: Parameters<Store['students']['register']>[0];

/** A student of a few hundred texts, for all tests. */
beforeAll(async () => {
  const directory = join(folder, 'mail');
  const { certificate, details } = await distill({
    ...{ examples: parcelTexts(200), out: directory, task: 'mail' },
    ...{ alpha: 0.3, chips: 1 },
  });
  student = { task: 'mail', directory, digest: details.digest, certificate };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const withStudent = async (store: Store) => void (await store.students.register(student));

const task = { kind: 'classify', teacher: 'mock/big-1', audit: 0 } as const;

describe.skipIf(withoutChromium)('the tasks (need Chromium)', () => {
  test('a task without a student says what its switch requires, and disagreements are decided', async () => {
    const refusal = foreseeRefusal({
      teachers: [{ provider: 'mock', model: 'big-1', calls: 30 }],
      distribution: 'internal',
      providers: {
        mock: { terms: { distillation: 'forbidden', clause: 'Learn nothing here.', date: '2026-09-01' } },
      },
    })!.values;
    const wait = {
      kind: 'wait',
      reason: { code: 'calls_missing', values: { calls: 9 } },
      ...{ refusal: null, canUndo: false },
    } as const;
    const forbidden = { ...wait, reason: { code: 'terms_forbidden', values: refusal }, refusal } as const;
    const ids: string[] = [];
    const of = await consoleInTest({
      config: { tasks: { mail: { ...task, labels: ['ham', 'spam', 'advice'] }, strict: task } },
      services: {
        watch: { next: async (name) => (name === 'strict' ? forbidden : wait), undo: async () => '' },
      },
      prepare: async (store) => {
        for (const one of [disagreement(1, 'Buy <b>now</b> \u202Eabc', 0.6), disagreement(2, 'Lunch?', 0.99)])
          ids.push(await store.calls.record(one));
      },
    });
    const page = await openPage(of, { path: '/tasks' });
    const grid = page.getByRole('grid', { name: 'Tasks' });
    await grid.getByText('no student yet').first().waitFor();
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
    // A slip of the hand is taken back where it is told, although its card is gone.
    await page.getByText('Decided: Student is right.').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await articles.first().getByText('Lunch?').waitFor();
    await articles.first().getByRole('button', { name: 'Student is right' }).click();
    await page.getByText('2 disagreements, 1 decided.').waitFor();
    await articles.first().getByText('Buy <b>now</b>').waitFor();
    await articles.first().getByRole('button', { name: 'Another answer is right' }).click();
    // Of a task with labels it is one of them, or one that is said to be new.
    await page.getByRole('combobox', { name: 'The right answer' }).fill('advret');
    await page.getByText('No label of this task').waitFor();
    await expectGoodPage(page);
    await page.getByRole('combobox', { name: 'The right answer' }).fill('adv');
    await page.getByRole('option', { name: 'advice' }).click();
    await page.getByRole('button', { name: 'It isn’t in the list' }).click();
    await page.getByLabel('A new label').fill('advert');
    await page.getByText('The task has no label “advert” yet').waitFor();
    await expectGoodPage(page);
    await page.getByRole('button', { name: 'Save as a new label' }).click();
    await page.getByText('No disagreements here').waitFor();
    await of.signIn();
    const decide = async (answer: string) => {
      const body = JSON.stringify({ call: ids[0], right: 'neither', answer });
      return (await of.send('/api/tasks/decide', { method: 'POST', body })).json();
    };
    expect(await decide('advret')).toMatchObject({ error: { code: 'label_unknown' } });
    // What was new once is known from then on.
    expect(await decide(' advert')).toMatchObject({ decision: { answer: 'advert' } });
    const decided = await of.store.decisions.disagreements({ task: 'mail', decided: true });
    expect(decided.map(({ decision }) => [decision?.verdict, decision?.answer, decision?.by])).toEqual([
      ['neither', 'advert', of.admin.id],
      ['student', null, of.admin.id],
    ]);

    // What comes in or is done elsewhere shows by itself, also while a hand lies on the list.
    await of.store.calls.record(disagreement(0, 'And dinner?', 0.7));
    await page.getByText('3 disagreements, 2 decided.').waitFor();
    await page.getByText('And dinner?').waitFor();
    await articles.first().hover();
    await of.store.calls.record(disagreement(0, 'And breakfast?', 0.7));
    await page.getByRole('button', { name: 'Show what has come in' }).click();
    await page.getByText('And breakfast?').waitFor();
    await of.store.routes.set('mail', 'shadow');
    await page.getByText('Route now: shadow.').waitFor();
    await page.getByText('There is no student, so the teacher answers every call.').waitFor();
    await page.getByRole('link', { name: 'Back to the tasks' }).click();
    await grid.getByText('shadow').waitFor();
    await of.store.routes.set('mail', 'teacher');
    await grid.getByText('teacher', { exact: true }).first().waitFor();

    // Where terms forbid a student, that is said instead of how to get one.
    await grid.getByText('strict', { exact: true }).click();
    await page.getByText('Distil no student').waitFor();
    await page.getByText('Learn nothing here.” (read on Sep 1, 2026)').waitFor();
    await page.getByText('under providers.mock.terms.permission').waitFor();
    expect(await page.getByText('kolben distill').count()).toBe(0);
    await page.getByLabel('Language').selectOption('de');
    await page.getByText('„Learn nothing here.“ (gelesen am 01.09.2026)').waitFor();
    await expectGoodPage(page);
  });

  test('a task with a student is switched, shows its curve, and gets the certificate of another alpha', async () => {
    const of = await consoleInTest({
      prepare: withStudent,
      config: { tasks: { mail: task, other: task } },
    });
    const page = await openPage(of, { path: '/tasks/mail' });
    await page
      .getByRole('heading', { name: 'What it would answer, and how often it would differ' })
      .waitFor();
    // At its own alpha stands its own certificate, which was set beforehand.
    const own = (await of.store.students.current('mail'))!.certificate as { threshold: number };
    await page.getByText('The student’s own, 30%, was set beforehand').waitFor();
    await page.getByRole('table', { name: 'Another alpha' }).getByText(own.threshold.toFixed(4)).waitFor();
    await page.getByText('certified at most 30 %').waitFor();
    await expectGoodPage(page);
    await page.getByRole('radio', { name: 'cascade' }).check();
    await page.getByRole('button', { name: 'Switch to cascade' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Switch to cascade' }).click();
    await page.getByText('Route now: cascade.').waitFor();
    expect(await of.store.routes.get('mail')).toBe('cascade');

    const before = (await of.store.students.current('mail'))!;
    // Its name is the one that its own page has.
    const name = `Student ${before.digest.slice(7, 19)}`;
    await page.getByRole('link', { name }).click();
    await page.getByRole('heading', { level: 1, name }).waitFor();
    await page.goBack();
    const slider = page.getByRole('slider');
    await slider.focus();
    await page.keyboard.press('Home');
    expect(await slider.getAttribute('aria-valuetext')).toBe('1%');
    await page.getByText('This alpha certifies nothing.').waitFor();
    await page.getByText('tried out: at most 1 %').waitFor();
    expect(await page.getByText('certified at most').count()).toBe(0);
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowLeft');
    await page.getByRole('button', { name: 'Certify with 20%' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Certify with 20%' }).click();
    await page.getByText('at no more than 20% disagreement').waitFor();
    await page.getByText('All of these promises hold together with 95% confidence').waitFor();
    const now = (await of.store.students.current('mail'))!;
    expect(now.digest).not.toBe(before.digest);
    expect(now.certificate).toMatchObject({ alpha: 0.2 });
    // A student of another task has nothing to do with this one.
    await of.signIn();
    const students = (await of.store.students.list()).length;
    for (const [task, status, code] of [
      ['other', 422, 'student_of_another_task'],
      ['none', 404, 'task_unknown'],
    ] as const) {
      const refused = await of.send(`/api/tasks/certify/${task}`, {
        method: 'POST',
        body: JSON.stringify({ student: now.id, alpha: 0.3 }),
      });
      expect(refused.status).toBe(status);
      expect(await refused.json()).toMatchObject({ error: { code } });
    }
    expect(await of.store.students.list()).toHaveLength(students);

    // And asked side by side with its teacher.
    await page.goto(`${of.url}/console/playground`);
    await page.getByLabel('Text', { exact: true }).fill('my parcel is late <b>again</b>');
    await page.getByText(/costs at most \$/).waitFor();
    await page.getByRole('button', { name: 'Ask both' }).click();
    await page.getByText(/They differ\.|Both say the same\./).waitFor();
    await page.getByRole('button', { name: 'Which words decided?' }).click();
    await page.getByText(/What each word contributes/).waitFor();
    await page.getByLabel('Language').selectOption('de');
    await page.getByText('Schreiben Sie einen Text, und fragen Sie Schüler und Lehrer').waitFor();
    await page.getByRole('button', { name: 'Beide fragen' }).waitFor();
    await of.gateway.flush();
    const calls = await of.store.calls.list({ keyId: of.admin.id });
    expect(calls.map(({ answeredBy, drawn }) => [answeredBy, drawn]).sort()).toEqual([
      ['student', 'chosen'],
      ['teacher', 'chosen'],
    ]);
    expect(calls.find(({ answeredBy }) => answeredBy === 'teacher')!.cost).toBeGreaterThan(0);

    // What a budget has no room for is told in the page's language, with its figures.
    await of.store.keys.limit(of.admin.id, { usdPerMonth: 0.000001 });
    await page.getByRole('button', { name: 'Beide fragen' }).click();
    await page
      .getByText(/^Das Budget Ihres Schlüssels reicht .* von 0,00\s\$ .* am 0?1\..* ein neues beginnt/)
      .waitFor();
    await expectGoodPage(page);

    // A call names its key and its student as their pages do.
    await page.goto(`${of.url}/console/calls/${calls.find(({ student }) => student !== null)!.id}`);
    await page.getByRole('link', { name: `Schüler ${now.digest.slice(7, 19)}` }).waitFor();
    await page.getByRole('row', { name: 'Schlüssel anna' }).waitFor();
  });

  test('what audits find shows by itself: wealth, drift, a withdrawn student and its readmission', async () => {
    const texts = parcelTexts(400).map(({ messages, answer }) => [messages[0]!.content, answer!] as const);
    const answers = new Map(texts);
    let isChanged = false;
    const of = await consoleInTest({
      prepare: async (store) => {
        await withStudent(store);
        await store.routes.set('mail', 'cascade');
      },
      config: { tasks: { mail: { kind: 'classify', teacher: 'mock/big-1', audit: 1 } } },
      answer: (text) => (isChanged ? 'another label' : answers.get(text)!),
    });
    const page = await openPage(of, { path: '/tasks/mail' });
    await page.getByText('No audit yet: in a cascade a share of 100% of the calls is drawn').waitFor();
    await page.getByText('Nothing to compare yet').waitFor();
    const unasked = texts.values();
    /** A text that the student is sure of. */
    let certified: string | undefined;
    /** Asks until so many answers were audited. */
    const audited = async (n: number) => {
      while (n > 0) {
        const text = unasked.next().value![0];
        const { headers } = await of.ask(text);
        if (headers.get('x-kolben-answered-by') !== 'student') continue;
        certified = text;
        n -= 1;
      }
    };
    await audited(6);
    const row = (name: string | RegExp) => page.getByRole('row', { name, exact: true });
    await row('Answers compared 6').waitFor();
    const { state } = (await of.store.watches.get('mail', student.digest))!;
    const disagreements = readWatch(state).losses;
    await row(`Disagreements ${disagreements}`).waitFor();
    const chart = page.getByRole('group', { name: 'Wealth of the test by betting' });
    await chart.waitFor();
    await row(/^Confidence .+: about [\d.]+% before, [\d.]+% in \d+ calls of the last 7 days$/).waitFor();

    // The calls change: counted as the gateway counts them, whatever is left over.
    const today = Math.floor(Date.now() / 86_400_000);
    await of.store.drift.add('mail', student.digest, today, { confidence: [200, 0, 0, 0, 0, 0, 0, 0, 0, 0] });
    await page.getByText(/^drifted: about [\d.]+% before/).waitFor();
    // The teacher changes its mind: the student is withdrawn, and who looks on sees it.
    isChanged = true;
    while (!(await of.store.watches.withdrawn('mail')).has(student.digest))
      await of.ask(unasked.next().value![0]);
    await page.getByRole('alert').getByText('it kept its promise no longer').waitFor();
    await page.getByText('until it is let again, the teacher answers every call').waitFor();
    await page.getByLabel('Language').selectOption('de');
    await page.getByRole('heading', { name: 'Haben sich die Aufrufe verändert?' }).waitFor();
    await page.getByRole('group', { name: 'Vermögen des Wett-Tests' }).waitFor();
    await expectGoodPage(page);
    await page.getByRole('link', { name: 'Zurück zu den Aufgaben' }).click();
    await page.getByRole('grid').getByText('aus dem Dienst genommen: der Lehrer antwortet').waitFor();

    // Every page says the same: it isn't in service, and would answer nothing, however sure it is.
    await page.goto(`${of.url}/console/students`);
    await page.getByText('aus dem Dienst genommen: der Lehrer antwortet').waitFor();
    expect(await page.getByText('im Dienst', { exact: true }).count()).toBe(0);
    await page.goto(`${of.url}/console/playground`);
    await page.getByLabel('Text', { exact: true }).fill(certified!);
    await page.getByRole('button', { name: 'Nur den Schüler fragen' }).click();
    await page.getByText('doch aus dem Dienst genommen: in einer Kaskade antwortete der Lehrer').waitFor();

    // Whoever knows why lets it answer again, and another watch begins.
    const { id } = (await of.store.students.current('mail'))!;
    await page.goto(`${of.url}/console/students/${id}`);
    await page.getByRole('button', { name: 'Wieder antworten lassen' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Ja, ausführen' }).click();
    await page.getByRole('button', { name: 'Wieder antworten lassen' }).waitFor({ state: 'detached' });
    await page.goto(`${of.url}/console/tasks/mail`);
    await page.getByText('Noch keine Prüfung').waitFor();
    isChanged = false;
    await audited(1);
    await row('Verglichene Antworten 1').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });
});
