import { openStore } from '@kolben/store';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startGateway } from '../server/start-gateway.ts';
import type { ServingStudent } from '../students/student.ts';
import {
  keep,
  type LoggedEvent,
  newFolder,
  type TestOptions,
  testGateway,
  wordStudent,
} from '../testing/gateway-in-test.ts';
import { type Behaviour, completion, plainly } from '../testing/mock-provider.ts';
import { drawLot } from './draw-lot.ts';

/** A busy machine takes its time. */
const patience = { timeout: 60_000 };
const spam = plainly(completion('spam'));
const says = (content: string) => ({ model: 'kolben/mail', messages: [{ role: 'user' as const, content }] });
const mail = says('You win a prize');

/** A gateway whose cascade asks both of every call. */
async function audited(
  behaviour: Behaviour = spam,
  student: ServingStudent = wordStudent(),
  options: TestOptions = {},
) {
  const test = await testGateway(behaviour, {
    loadStudent: () => Promise.resolve(student),
    route: 'cascade',
    ...options,
    task: { audit: 1, ...options.task },
  });
  const { certificate, digest } = student;
  const register = (of = digest) =>
    test.store.students.register({ task: 'mail', directory: newFolder(), digest: of, certificate });
  return { ...test, register, registered: await register() };
}

/** A provider that answers when it is let. */
function held(behaviour: Behaviour) {
  let release!: () => void;
  const free = new Promise<void>((resolve) => {
    release = resolve;
  });
  const later: Behaviour = async (...given) => {
    await free;
    behaviour(...given);
  };
  return { behaviour: later, release };
}

test('the client has the student’s answer at once; the teacher’s comes to the record, with its cost', async () => {
  const { behaviour, release } = held(spam);
  const { client, provider, calls, store, registered } = await audited(behaviour);
  const answered = await client.chat.completions.create({ ...mail, stream: true });
  let text = '';
  for await (const chunk of answered) text += chunk.choices[0]?.delta.content ?? '';
  expect(text).toBe('spam');
  await vi.waitFor(async () => expect(await store.calls.count()).toBe(1), patience);
  expect(await store.calls.list()).toMatchObject([{ audited: true, agreed: null, cost: 0 }]);
  release();
  expect(await calls()).toMatchObject([
    {
      answeredBy: 'student',
      audited: true,
      agreed: true,
      drawn: null,
      auditResponse: completion('spam'),
      cost: 0.000081,
      student: { id: registered.id, answer: 'spam' },
    },
  ]);
  expect(provider.asked.map(({ body }) => body)).toEqual([{ ...mail, model: 'big-1' }]);
  expect(await store.ledger.totals()).toMatchObject({ calls: 1, cost: 0.000081 });
  expect(await store.watches.get('mail', 'digest-1')).toMatchObject({ state: { audits: 1, losses: 0 } });
});

test('an audit that fails is recorded without a verdict, and the client notices nothing', async () => {
  const { chat, calls, store, events } = await audited(plainly({ error: { message: 'no' } }, 500));
  expect((await chat(mail)).status).toBe(200);
  expect(await calls()).toMatchObject([{ status: 'ok', audited: true, agreed: null, auditResponse: null }]);
  expect(await store.watches.list('mail', 'digest-1')).toMatchObject([
    { agreed: null, errorCode: expect.any(String), cost: 0 },
  ]);
  expect(await store.watches.get('mail', 'digest-1')).toBeUndefined();
  expect(events.filter(({ level }) => level === 'error')).toEqual([]);
});

test('a store that takes no audit, or a student that can’t be compared, harms no call', async () => {
  const deaf = await audited(spam, wordStudent(), {
    wrapStore: (store) => ({
      ...store,
      watches: {
        ...store.watches,
        withdrawn: async () => new Set(),
        record: () => Promise.reject(new Error()),
      },
    }),
  });
  expect((await deaf.chat(mail)).status).toBe(200);
  expect(await deaf.calls()).toMatchObject([{ status: 'ok', agreed: null }]);
  expect(deaf.events).toContainEqual(expect.objectContaining({ event: 'audit_failed', reason: 'Error' }));

  const odd = await audited(spam, {
    ...wordStudent(),
    agrees: () => {
      throw new TypeError('no');
    },
  });
  expect((await odd.chat(mail)).status).toBe(200);
  expect(await odd.calls()).toMatchObject([
    { status: 'ok', agreed: null, auditResponse: completion('spam') },
  ]);
});

test('a student that keeps its promise no longer is withdrawn at once, everywhere, and stays so', async () => {
  const student = wordStudent();
  const { chat, store, gateway, events, provider, register, secret } = await audited(
    plainly(completion('ham')),
    student,
    // The folder of the configuration, whose digest is known only when it is loaded.
    { refreshMs: 60_000, task: { student: '/pinned' } },
  );
  const by = async (response: Response) => [
    response.headers.get('x-kolben-answered-by'),
    response.headers.get('x-kolben-reason'),
  ];
  let audits = 0;
  while ((await store.watches.withdrawn('mail')).size === 0) {
    expect(await by(await chat(mail))).toEqual(['student', 'confident']);
    await gateway.flush();
    audits += 1;
    expect(audits).toBeLessThan(50);
  }
  // Although what this gateway knows is read again in a minute only.
  expect(await by(await chat(mail))).toEqual(['teacher', 'withdrawn']);
  await gateway.flush();
  expect(await store.calls.list({ limit: 1 })).toMatchObject([
    { route: 'cascade', answeredBy: 'teacher', audited: true, drawn: null, student: { id: 'digest-1' } },
  ]);
  expect(events.filter(({ event }) => event === 'student_withdrawn')).toEqual([
    {
      ...{ level: 'error', event: 'student_withdrawn', task: 'mail' },
      ...{ student: 'digest-1', reason: 'risk_not_kept' },
    },
  ]);
  const [event] = await store.events.list({ task: 'mail' });
  expect(event).toMatchObject({
    what: 'student_withdrawn',
    student: 'digest-1',
    detail: { digest: 'digest-1', alpha: 0.05, delta: 0.05, audits, disagreements: audits, threshold: 20 },
  });
  expect(Number(event!.detail.wealth)).toBeGreaterThanOrEqual(20);

  // Another gateway on the same store, as after a restart.
  const log: LoggedEvent[] = [];
  let serving: ServingStudent = student;
  const other = await startGateway({
    ...{ store: await openStore({ directory: store.directory }), beside: true, port: 0, log: keep(log) },
    ...{ refreshMs: 0 },
    ...{ loadStudent: () => Promise.resolve(serving), environment: { MOCK_KEY: 'k' } },
    config: {
      providers: {
        mock: {
          ...{ baseUrl: provider.url, apiKeyEnv: 'MOCK_KEY' },
          prices: { 'big-1': { inputPerMillion: 2, outputPerMillion: 8 } },
        },
      },
      tasks: { mail: { kind: 'classify', teacher: 'mock/big-1', route: 'cascade', audit: 0 } },
    },
  });
  onTestFinished(() => other.close());
  const ask = async () =>
    by(
      await fetch(`${other.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
        body: JSON.stringify(mail),
      }),
    );
  expect(await ask()).toEqual(['teacher', 'withdrawn']);
  // An operator's act lets it in again …
  await store.watches.reset('mail', 'digest-1');
  expect(await ask()).toEqual(['student', 'confident']);
  // … and so does another student with a certificate of its own.
  await store.watches.record(
    {
      ...{ callId: (await store.calls.list({ limit: 1 }))[0]!.id, task: 'mail', agreed: false },
      ...{ student: { id: 'digest-1', digest: 'digest-1' }, provider: 'mock', model: 'big-1' },
      ...{ response: null, promptTokens: 0, completionTokens: 0, cost: 0 },
    },
    () => ({ state: {}, rung: true, figures: {} }),
  );
  expect(await ask()).toEqual(['teacher', 'withdrawn']);
  serving = wordStudent({ digest: 'digest-2' });
  await register('digest-2');
  // Until it is loaded the withdrawn one would stand in for it, and doesn't.
  await vi.waitFor(async () => expect(await ask()).toEqual(['student', 'confident']), patience);
});

test('what the student left to the teacher is marked, unless the lot fell on it', async () => {
  const unsure = says('sure 0.5 you win');
  const drawn = await audited();
  await drawn.chat(unsure);
  expect(await drawn.calls()).toMatchObject([
    { answeredBy: 'teacher', audited: true, drawn: null, agreed: true, auditResponse: null },
  ]);
  expect(drawn.provider.asked).toHaveLength(1);
  const left = await audited(spam, wordStudent(), { task: { audit: 0 } });
  await left.chat(unsure);
  await left.chat({ ...mail, n: 2 });
  await left.chat(unsure, { 'x-kolben-drawn': 'chosen' });
  expect(await left.calls()).toMatchObject([
    { answeredBy: 'teacher', audited: false, drawn: 'escalated', agreed: true },
    { answeredBy: 'teacher', audited: false, drawn: 'escalated', agreed: null },
    { answeredBy: 'teacher', audited: false, drawn: 'chosen' },
  ]);
  const without = await audited(spam, wordStudent({ certificate: null }), { task: { audit: 0 } });
  await without.chat(mail);
  expect(await without.calls()).toMatchObject([{ answeredBy: 'teacher', drawn: null, agreed: true }]);
  const shadow = await audited(plainly(completion('ham')), wordStudent(), { route: 'shadow' });
  await shadow.chat(mail);
  expect(await shadow.calls()).toMatchObject([{ audited: false, drawn: null, agreed: false }]);
  expect(shadow.provider.asked).toHaveLength(1);
});

test('a gateway that stops gives up audits without an answer', async () => {
  const { chat, gateway, store } = await audited(() => {});
  expect((await chat(mail)).status).toBe(200);
  await gateway.close();
  expect(await store.calls.list()).toMatchObject([{ status: 'ok', audited: true, agreed: null }]);
});

test('audits under way are bounded: beyond it they are left out, and no call with them', async () => {
  const { behaviour, release } = held(spam);
  const { chat, store, gateway, events } = await audited(behaviour);
  const answers = await Promise.all(Array.from({ length: 80 }, () => chat(mail)));
  expect(answers.map(({ status }) => status)).toEqual(new Array(80).fill(200));
  release();
  await gateway.flush();
  expect(await store.calls.count()).toBe(80);
  expect(await store.watches.list('mail', 'digest-1', { limit: 1000 })).toHaveLength(64);
  expect(events.filter(({ event }) => event === 'audit_left_out')).toHaveLength(16);
});

test('the lot falls evenly', () => {
  const n = 200_000;
  const bins = new Array<number>(20).fill(0);
  for (let i = 0; i < n; i++) bins[Math.floor(drawLot() * 20)]! += 1;
  // Six standard deviations: once in 10^8 runs.
  for (const count of bins) expect(Math.abs(count - n / 20)).toBeLessThan(6 * Math.sqrt((n / 20) * 0.95));
});

test('an audit is paid from the same budget: set aside, settled, and left out where there is none left', async () => {
  // The bound of an audit is some cents at this length of an answer; what it costs is 0.000081.
  const task = { audit: 1, bounds: { answerTokens: 100, imageTokens: 0 }, budget: { usdPerMonth: 0.0025 } };
  const { chat, calls, store, provider } = await audited(spam, wordStudent(), { task });
  expect((await chat(mail)).status).toBe(200);
  await calls();
  const spending = async () => (await store.budgets.spending())[0];
  expect(await spending()).toMatchObject({ spent: 0.000081, reserved: 0 });
  expect(await store.ledger.totals()).toMatchObject({ cost: 0.000081 });
  // A student costs nothing, and goes on where no teacher can be paid.
  provider.behave(plainly(completion('spam', { usage: { prompt_tokens: 1_200, completion_tokens: 0 } })));
  for (let i = 0; i < 3; i++) {
    expect((await chat(mail)).headers.get('x-kolben-answered-by')).toBe('student');
    await calls();
  }
  expect(provider.asked).toHaveLength(2);
  expect(await spending()).toMatchObject({ spent: 0.002481, reserved: 0 });
  expect((await store.calls.list()).map(({ agreed }) => agreed)).toEqual([null, null, true, true]);
});
