import { expect, test } from 'vitest';
import type { Example } from '../calls/call.ts';
import { StoreValueError } from '../errors.ts';
import type { Store } from '../store.ts';
import { everythingKept, newStore } from '../testing/folders.ts';
import { chatCompletion, newCall } from '../testing/new-call.ts';
import type { Disagreement } from './decision.ts';

const said = (answer: string, confidence: number) => ({
  student: { id: 'student_1', answer, confidence, certified: true },
  agreed: answer === 'delivery',
});

/** Of the shadow: what the student said, how surely, and when. */
function record(
  store: Store,
  at: number,
  answer: string,
  confidence: number,
  task = 'mail',
): Promise<string> {
  return store.calls.record(
    newCall({ at: new Date(at), task, route: 'shadow', ...said(answer, confidence) }),
  );
}

async function examplesOf(store: Store): Promise<Example[]> {
  const examples: Example[] = [];
  for await (const example of store.calls.examples('mail')) examples.push(example);
  return examples;
}

const idsOf = (page: readonly Disagreement[]) => page.map(({ call }) => call.id);

test('disagreements are listed newest or surest first, page by page, decided or not', async () => {
  const store = await newStore();
  const spoken: [number, number][] = [
    [1, 0.5],
    [2, 0.9],
    [2, 0.9],
    [3, 0.1],
    [4, 0.9],
  ];
  const ids: string[] = [];
  for (const [at, confidence] of spoken) ids.push(await record(store, at, 'invoice', confidence));
  await record(store, 9, 'delivery', 1);
  await record(store, 9, 'invoice', 1, 'other');
  await store.calls.record(newCall({ at: new Date(9) }));
  const expected = {
    newest: [ids[4], ...[ids[1], ids[2]].sort().reverse(), ids[0]],
    surest: [...[ids[1], ids[2], ids[4]].sort().reverse(), ids[0], ids[3]],
  };
  expected.newest.splice(1, 0, ids[3]);
  for (const order of ['newest', 'surest'] as const) {
    const all = await store.decisions.disagreements({ task: 'mail', order });
    expect(idsOf(all)).toEqual(expected[order]);
    for (const limit of [1, 2, 3]) {
      const seen: Disagreement[] = [];
      for (;;) {
        const after = seen.at(-1)?.call;
        const page = await store.decisions.disagreements({
          task: 'mail',
          order,
          limit,
          ...(after && { after }),
        });
        seen.push(...page);
        if (page.length < limit) break;
      }
      expect(idsOf(seen)).toEqual(expected[order]);
    }
  }
  await store.decisions.set({ callId: ids[3]!, verdict: 'student', by: 'cli' });
  const [decided, open] = [
    await store.decisions.disagreements({ task: 'mail', decided: true }),
    await store.decisions.disagreements({ task: 'mail', decided: false }),
  ];
  expect(decided).toMatchObject([{ call: { id: ids[3] }, decision: { verdict: 'student', by: 'cli' } }]);
  expect(idsOf(open)).toEqual(expected.newest.filter((id) => id !== ids[3]));
  expect(await store.decisions.counts('mail')).toEqual({
    disagreements: 5,
    decided: { student: 1, teacher: 0, neither: 0, undecidable: 0 },
  });
  await expect(store.decisions.disagreements({ task: 'mail', limit: 0 })).rejects.toThrow(StoreValueError);
});

test('a decision can be changed and taken back, and the audit log tells of each, without words', async () => {
  const store = await newStore();
  const id = await record(store, 1, 'invoice', 0.9);
  await store.decisions.set({ callId: id, verdict: 'teacher', by: 'key_a' });
  const answer = 'Zahlungserinnerung 🚀 \ud800';
  await store.decisions.set({ callId: id, verdict: 'neither', answer, by: 'key_b' });
  expect(await store.decisions.get(id)).toMatchObject({ verdict: 'neither', answer, by: 'key_b' });
  expect(await store.decisions.remove(id, 'cli')).toBe(true);
  expect(await store.decisions.remove(id, 'cli')).toBe(false);
  expect(await store.decisions.get(id)).toBeUndefined();
  expect(
    (await store.auditTrail()).map(({ actor, act, subject, detail }) => [actor, act, subject, detail]),
  ).toEqual([
    ['cli', 'call.undecide', id, { before: 'neither' }],
    ['key_b', 'call.decide', id, { task: 'mail', right: 'neither', before: 'teacher' }],
    ['key_a', 'call.decide', id, { task: 'mail', right: 'teacher', before: null }],
  ]);
});

test('what is no decision is refused, and nothing is kept of it', async () => {
  const store = await newStore();
  const id = await record(store, 1, 'invoice', 0.9);
  const same = await record(store, 1, 'delivery', 0.9);
  const alone = await store.calls.record(newCall());
  const by = 'cli';
  for (const decision of [
    { callId: 'call_nowhere', verdict: 'teacher', by },
    { callId: same, verdict: 'teacher', by },
    { callId: alone, verdict: 'teacher', by },
    { callId: id, verdict: 'both', by },
    { callId: id, verdict: 'neither', by },
    { callId: id, verdict: 'neither', answer: ' \n', by },
    { callId: id, verdict: 'student', answer: 'x', by },
    { callId: id, verdict: 'neither', answer: 'x'.repeat((1 << 20) + 1), by },
  ] as const)
    await expect(store.decisions.set(decision as never)).rejects.toThrow(StoreValueError);
  expect((await store.decisions.counts('mail')).decided).toMatchObject({ teacher: 0, neither: 0 });
  expect(await store.auditTrail()).toEqual([]);
});

test('examples give what was decided, and keep what the teacher said', async () => {
  const store = await newStore();
  const ids: string[] = [];
  for (let at = 0; at < 6; at++) ids.push(await record(store, at, at === 5 ? 'delivery' : 'invoice', 0.9));
  const before = await examplesOf(store);
  const by = 'cli';
  await store.decisions.set({ callId: ids[0]!, verdict: 'student', by });
  await store.decisions.set({ callId: ids[1]!, verdict: 'teacher', by });
  await store.decisions.set({ callId: ids[2]!, verdict: 'neither', answer: 'complaint', by });
  await store.decisions.set({ callId: ids[3]!, verdict: 'undecidable', by });
  const examples = await examplesOf(store);
  const teacherAnswer = 'delivery';
  const decidedAt = expect.stringMatching(/^\d{4}-.*Z$/);
  expect(examples.map(({ answer, extra }) => ({ answer, extra }))).toMatchObject([
    { answer: 'invoice', extra: { decided: 'student', decidedAt, teacherAnswer } },
    { answer: 'delivery', extra: { decided: 'teacher', decidedAt, teacherAnswer } },
    { answer: 'complaint', extra: { decided: 'neither', decidedAt, teacherAnswer } },
    { answer: 'delivery', extra: { decided: 'undecidable', decidedAt, teacherAnswer } },
    { answer: 'delivery', extra: { provider: 'acme' } },
    { answer: 'delivery', extra: { provider: 'acme' } },
  ]);
  expect(examples.slice(4)).toEqual(before.slice(4));
});

test('examples of audits give what was decided too', async () => {
  const store = await newStore();
  const { student, agreed } = said('invoice', 0.99);
  const id = await store.calls.record(
    newCall({
      route: 'cascade',
      answeredBy: 'student',
      audited: true,
      student,
      response: chatCompletion('invoice'),
    }),
  );
  await store.watches.record(
    {
      ...{ callId: id, task: 'mail', student: { id: 'student_1', digest: 'd' }, agreed },
      ...{ provider: 'acme', model: 'large', response: chatCompletion('delivery') },
      ...{ promptTokens: 1, completionTokens: 1, cost: 0.1 },
    },
    () => ({ state: {}, rung: false, figures: {} }),
  );
  await store.decisions.set({ callId: id, verdict: 'student', by: 'cli' });
  expect(await examplesOf(store)).toMatchObject([
    { answer: 'invoice', extra: { decided: 'student', teacherAnswer: 'delivery', model: 'large' } },
  ]);
});

test('a typed answer is sealed, goes with the words of its call, and a decision without it stays', async () => {
  const store = await newStore();
  const id = await record(store, 1, 'invoice', 0.9);
  await store.decisions.set({ callId: id, verdict: 'neither', answer: 'marker-Überweisung', by: 'cli' });
  const kept = await everythingKept(store.directory);
  expect(kept.includes(Buffer.from('call.decide'))).toBe(true);
  expect(kept.includes(Buffer.from('marker-'))).toBe(false);
  expect(await store.calls.deleteTextBefore(new Date(2))).toBe(1);
  expect(await store.decisions.get(id)).toMatchObject({ verdict: 'neither', answer: null });
  expect(await examplesOf(store)).toEqual([]);
  await expect(
    store.decisions.set({ callId: id, verdict: 'neither', answer: 'again', by: 'cli' }),
  ).rejects.toThrow(/have been deleted/);
  await store.decisions.set({ callId: id, verdict: 'teacher', by: 'cli' });
});
