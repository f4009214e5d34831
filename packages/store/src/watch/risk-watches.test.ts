import { expect, onTestFinished, test } from 'vitest';
import { everythingKept, newFolder, newStore, openStore } from '../testing/folders.ts';
import { chatCompletion, newCall } from '../testing/new-call.ts';
import type { Advanced, NewAudit } from './risk-watch.ts';

const ofStudent = (differs = {}) =>
  newCall({
    route: 'cascade',
    answeredBy: 'student',
    provider: null,
    model: null,
    cost: 0,
    student: { id: 'student_1', answer: 'delivery', confidence: 0.99, certified: true },
    audited: true,
    ...differs,
  });

const audit = (callId: string, differs: Partial<NewAudit> = {}): NewAudit => ({
  callId,
  task: 'mail',
  student: { id: 'student_1', digest: 'd1' },
  agreed: true,
  provider: 'acme',
  model: 'large',
  response: chatCompletion('delivery'),
  promptTokens: 100,
  completionTokens: 2,
  cost: 0.0005,
  ...differs,
});

/** A test of two disagreements, which also notes the order in which it was advanced. */
const counting = (state: unknown, agreed: boolean): Advanced => {
  const said = [...((state as boolean[] | null) ?? []), agreed];
  const disagreements = said.filter((one) => !one).length;
  return { state: said, rung: disagreements >= 2, figures: { disagreements } };
};

test('an audit adds its cost to the call, keeps the teacher’s answer sealed, and counts once', async () => {
  const store = await newStore();
  const id = await store.calls.record(ofStudent());
  expect(await store.calls.get(id)).toMatchObject({
    audited: true,
    agreed: null,
    auditResponse: null,
    cost: 0,
  });
  expect(await store.watches.record(audit(id), counting)).toBe(false);
  expect(await store.watches.record(audit(id, { agreed: false }), counting)).toBe(false);
  expect(await store.calls.get(id)).toMatchObject({
    audited: true,
    agreed: true,
    auditResponse: chatCompletion('delivery'),
    cost: 0.0005,
    answeredBy: 'student',
  });
  expect(await store.ledger.totals({ task: 'mail' })).toMatchObject({ calls: 1, cost: 0.0005 });
  expect(await store.watches.get('mail', 'd1')).toMatchObject({
    student: { id: 'student_1', digest: 'd1' },
    state: [true],
    withdrawnAt: null,
  });
  expect(await store.watches.list('mail', 'd1')).toMatchObject([{ callId: id, agreed: true, cost: 0.0005 }]);
  await store.close();
  expect((await everythingKept(store.directory)).includes('chatcmpl-1')).toBe(false);
});

test('its answer goes with the call’s text, and what is not recorded is not audited', async () => {
  const store = await newStore();
  const id = await store.calls.record(ofStudent());
  await store.watches.record(audit(id), counting);
  await store.calls.deleteTextBefore(new Date());
  expect(await store.calls.get(id)).toMatchObject({ agreed: true, auditResponse: null, request: null });
  expect(await store.watches.record(audit('call_nowhere'), counting)).toBe(false);
  expect(await store.watches.list('mail', 'd1')).toHaveLength(1);
});

test('a test that rings withdraws the student in the same transaction, and tells of it once', async () => {
  const store = await newStore();
  const ids = await Promise.all(Array.from({ length: 5 }, () => store.calls.record(ofStudent())));
  const verdicts = [true, false, null, false, false];
  const withdrew: boolean[] = [];
  for (const [i, id] of ids.entries())
    withdrew.push(await store.watches.record(audit(id, { agreed: verdicts[i]! }), counting));
  expect(withdrew).toEqual([false, false, false, true, false]);
  expect(await store.watches.withdrawn('mail')).toEqual(new Set(['d1']));
  expect(await store.watches.withdrawn('tickets')).toEqual(new Set());
  expect(await store.events.list({ task: 'mail' })).toMatchObject([
    { what: 'student_withdrawn', student: 'student_1', detail: { digest: 'd1', disagreements: 2 } },
  ]);
  expect((await store.watches.get('mail', 'd1'))?.state).toEqual([true, false, false, false]);
  expect((await store.watches.list('mail', 'd1', { disagreed: true })).map(({ callId }) => callId)).toEqual([
    ids[4],
    ids[3],
    ids[1],
  ]);
  expect(await store.watches.reset('mail', 'd1')).toBe(true);
  expect(await store.watches.reset('mail', 'd1')).toBe(false);
  expect(await store.watches.withdrawn('mail')).toEqual(new Set());
});

test('several processes advance one test, each audit once and none lost', async () => {
  const directory = newFolder();
  const stores = await Promise.all(Array.from({ length: 3 }, () => openStore({ directory })));
  onTestFinished(async () => void (await Promise.all(stores.map((store) => store.close()))));
  const ids = await Promise.all(
    Array.from({ length: 60 }, (_, i) => stores[i % 3]!.calls.record(ofStudent({ task: 'mail' }))),
  );
  const tally = (state: unknown, agreed: boolean): Advanced => {
    const n = ((state as number | null) ?? 0) + (agreed ? 1 : 0);
    return { state: n, rung: n >= 40, figures: { n } };
  };
  const withdrew = await Promise.all(
    ids.map((id, i) => stores[(i + 1) % 3]!.watches.record(audit(id), tally)),
  );
  expect((await stores[0]!.watches.get('mail', 'd1'))?.state).toBe(60);
  expect(withdrew.filter(Boolean)).toHaveLength(1);
  expect(await stores[2]!.events.list()).toHaveLength(1);
});

test('what the teacher says in an audit can be learnt from, what a student answered alone can’t', async () => {
  const store = await newStore();
  const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute));
  const audited = await store.calls.record(ofStudent({ at: at(0) }));
  await store.watches.record(
    audit(audited, { agreed: false, provider: 'other', model: 'small', response: chatCompletion('refund') }),
    counting,
  );
  const unanswered = await store.calls.record(ofStudent({ at: at(1) }));
  await store.watches.record(
    audit(unanswered, { agreed: null, response: null, errorCode: 'timeout' }),
    counting,
  );
  await store.calls.record(ofStudent({ at: at(2), audited: false }));
  const unsure = await store.calls.record(newCall({ at: at(3), route: 'cascade', drawn: 'escalated' }));
  const drawn = await store.calls.record(
    newCall({ at: at(4), route: 'cascade', audited: true, agreed: true }),
  );
  const examples = [];
  for await (const example of store.calls.examples('mail')) examples.push(example);
  expect(examples.map(({ id, answer, extra }) => ({ id, answer, ...extra }))).toEqual([
    { id: audited, answer: 'refund', provider: 'other', model: 'small' },
    { id: unsure, answer: 'delivery', provider: 'acme', model: 'large', drawn: 'escalated' },
    { id: drawn, answer: 'delivery', provider: 'acme', model: 'large' },
  ]);
  expect(await store.calls.countTeachable('mail')).toBe(3);
  expect(await store.calls.countTeachable('mail', { random: true })).toBe(2);
  expect(await store.calls.countTeachable('mail', { since: at(4) })).toBe(1);
  const acme = { provider: 'acme', model: 'large' };
  const other = { provider: 'other', model: 'small', calls: 1 };
  expect(await store.calls.teachers('mail')).toEqual([{ ...acme, calls: 2 }, other]);
  expect(await store.calls.teachers('mail', { until: at(0) })).toEqual([other]);
  await store.calls.markSplits(
    new Map([
      [audited, 'train'],
      [drawn, 'calibration'],
    ]),
  );
  const splits = [];
  for await (const { split } of store.calls.examples('mail')) splits.push(split);
  expect(splits).toEqual(['train', undefined, 'calibration']);
});

test('agreement is counted by student and route', async () => {
  const store = await newStore();
  const word = (certified: boolean, id = 's1') => ({ id, answer: 'a', confidence: 0.9, certified });
  const shadow = { route: 'shadow' as const };
  for (const call of [
    newCall({ ...shadow, student: word(true), agreed: true }),
    newCall({ ...shadow, student: word(true), agreed: false }),
    newCall({ ...shadow, student: word(true), agreed: null }),
    newCall({ ...shadow, student: word(false), agreed: false }),
    newCall({ ...shadow, student: word(true, 's2'), agreed: true }),
    newCall({ route: 'cascade', student: word(true), agreed: true }),
    newCall(shadow),
  ])
    await store.calls.record(call);
  expect(await store.calls.agreement({ task: 'mail', student: 's1', route: 'shadow' })).toEqual({
    calls: 4,
    certified: 3,
    compared: 2,
    disagreed: 1,
  });
});

test('an audit that can’t be recorded takes no other with it, and closing waits for what is under way', async () => {
  const directory = newFolder();
  const store = await openStore({ directory });
  const ids = await Promise.all(Array.from({ length: 5 }, () => store.calls.record(ofStudent())));
  const recorded = Promise.allSettled(
    ids.map((id, i) =>
      store.watches.record(audit(id), (state, agreed) => {
        if (i === 2) throw new TypeError('no state');
        return counting(state, agreed);
      }),
    ),
  );
  await store.close();
  expect((await recorded).map(({ status }) => status)).toEqual([
    ...['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
  ]);
  const again = await openStore({ directory });
  onTestFinished(() => again.close());
  expect((await again.watches.get('mail', 'd1'))?.state).toEqual([true, true, true, true]);
  expect(await again.calls.get(ids[2]!)).toMatchObject({ agreed: null, cost: 0 });
});
