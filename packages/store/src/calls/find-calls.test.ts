import fc from 'fast-check';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { StoreValueError } from '../errors.ts';
import { newFolder, newStore, openDatabase, openStore } from '../testing/folders.ts';
import { insertManyCalls } from '../testing/many-calls.ts';
import { chatCompletion, newCall } from '../testing/new-call.ts';
import { onPostgres } from '../testing/postgres.ts';
import type { Call, CallFilter, NewCall, SearchStep } from './call.ts';
import { stretches } from './windows.ts';

const oneOf = <T>(...values: T[]) => fc.constantFrom(...values);
const someCall: fc.Arbitrary<NewCall> = fc
  .record({
    at: fc.nat(20).map((n) => new Date(n)),
    task: oneOf('mail', 'order', null),
    keyId: oneOf('key_1', 'key_2', null),
    route: oneOf('teacher', 'shadow', 'cascade', 'student'),
    answeredBy: oneOf('teacher', 'student', 'cache'),
    provider: oneOf('acme', null),
    model: oneOf('large', 'small'),
    status: oneOf('ok', 'error', 'aborted'),
    endpoint: oneOf('chat', 'embeddings'),
    drawn: oneOf('escalated', 'random', null),
    audited: fc.boolean(),
    agreed: oneOf(true, false, null),
    reason: oneOf('confident', 'unsure', null),
    error: oneOf({ code: 'upstream_timeout', message: 'x' }, null),
    student: fc.option(
      fc.record({
        id: oneOf('student_1', 'student_2'),
        answer: fc.constant('x'),
        confidence: oneOf(0, 0.25, 0.5, 1),
        certified: fc.boolean(),
      }),
    ),
  })
  .map((differs) => newCall(differs as Partial<NewCall>));

const wholeFilter: fc.Arbitrary<CallFilter> = fc.record(
  {
    task: oneOf('mail', 'order', null),
    since: fc.nat(20).map((n) => new Date(n)),
    until: fc.nat(20).map((n) => new Date(n)),
    keyId: oneOf('key_1', 'key_2'),
    route: oneOf('teacher', 'shadow', 'cascade', 'student'),
    answeredBy: oneOf('teacher', 'student', 'cache'),
    provider: oneOf('acme'),
    model: oneOf('large', 'small'),
    status: oneOf('ok', 'error', 'aborted'),
    endpoint: oneOf('chat', 'embeddings'),
    drawn: oneOf('escalated', 'random'),
    audited: fc.boolean(),
    agreed: fc.boolean(),
    reason: oneOf('confident', 'unsure'),
    errorCode: oneOf('upstream_timeout'),
    student: oneOf('student_1', 'student_2'),
    certified: fc.boolean(),
    minConfidence: oneOf(0, 0.25, 0.5),
    maxConfidence: oneOf(0.25, 0.5, 1),
  },
  { noNullPrototype: true },
);
/** Few of its parts: of all together no call would be meant. */
const someFilter: fc.Arbitrary<CallFilter> = fc
  .tuple(wholeFilter, fc.array(fc.nat(18), { maxLength: 4 }))
  .map(([filter, kept]) => Object.fromEntries(Object.entries(filter).filter((_, i) => kept.includes(i))));

/** The same, said by hand. */
function isMeant(call: Call, filter: CallFilter): boolean {
  const same = (key: keyof CallFilter, value: unknown) => filter[key] === undefined || filter[key] === value;
  const { student } = call;
  return (
    same('task', call.task) &&
    (filter.since === undefined || call.at >= filter.since) &&
    (filter.until === undefined || call.at < filter.until) &&
    same('keyId', call.keyId) &&
    same('route', call.route) &&
    same('answeredBy', call.answeredBy) &&
    same('provider', call.provider) &&
    same('model', call.model) &&
    same('status', call.status) &&
    same('endpoint', call.endpoint) &&
    same('drawn', call.drawn) &&
    same('audited', call.audited) &&
    same('agreed', call.agreed) &&
    same('reason', call.reason) &&
    same('errorCode', call.error?.code) &&
    same('student', student?.id) &&
    same('certified', student?.certified) &&
    (filter.minConfidence === undefined ||
      (student !== null && student.confidence >= filter.minConfidence)) &&
    (filter.maxConfidence === undefined || (student !== null && student.confidence <= filter.maxConfidence))
  );
}

test('a filter finds just the calls that it says, whatever it says', async () => {
  const store = await newStore();
  const calls = fc.sample(someCall, { numRuns: 150, seed: 7 });
  await Promise.all(calls.map((call) => store.calls.record(call)));
  const all = await store.calls.list({ limit: 1_000 });
  expect(all).toHaveLength(150);
  let found = 0;
  await fc.assert(
    fc.asyncProperty(someFilter, fc.integer({ min: 1, max: 30 }), async (filter, limit) => {
      const wanted = all.filter((call) => isMeant(call, filter));
      const seen: Call[] = [];
      for (;;) {
        const before = seen.at(-1);
        const page = await store.calls.list({ ...filter, limit, ...(before && { before }) });
        seen.push(...page);
        if (page.length < limit) break;
      }
      expect(seen).toEqual(wanted);
      expect(await store.calls.count(filter)).toBe(wanted.length);
      const [first] = wanted;
      if (first) {
        expect(await store.calls.count({ ...filter, before: first })).toBe(wanted.length - 1);
        const further = await store.calls.list({ ...filter, limit, before: first, skip: limit });
        expect(further).toEqual(wanted.slice(1 + limit, 1 + 2 * limit));
      }
      const sum = (await store.calls.timeline(filter, 'hour')).reduce((n, { calls: some }) => n + some, 0);
      expect(sum).toBe(wanted.length);
      found += wanted.length;
    }),
    { numRuns: 200, seed: 1 },
  );
  expect(found).toBeGreaterThan(500);
  await expect(store.calls.list({ minConfidence: 2 })).rejects.toThrow(StoreValueError);
  await expect(store.calls.list({ skip: -1 })).rejects.toThrow(StoreValueError);
});

test('stretches of any length meet all calls once, also those of one moment', async () => {
  const directory = newFolder();
  const store = await openStore({ directory });
  onTestFinished(() => store.close());
  await Promise.all(
    Array.from({ length: 40 }, (_, i) => store.calls.record(newCall({ at: new Date(i >> 3) }))),
  );
  const database = await openDatabase(directory);
  onTestFinished(() => database.close());
  const ids = (await store.calls.list({ limit: 100 })).map(({ id }) => id);
  for (const length of [1, 3, 8, 39, 40, 41]) {
    const seen: string[] = [];
    for await (const { before, oldest } of stretches(database, { task: 'mail' }, { length })) {
      const page = await store.calls.list({ limit: 100, task: 'mail', ...(before && { before }) });
      const end = oldest ? page.findIndex(({ id }) => id === oldest.id) + 1 : page.length;
      expect(end).toBeLessThanOrEqual(length);
      seen.push(...page.slice(0, end).map(({ id }) => id));
    }
    expect(seen).toEqual(ids);
  }
});

test('of 120,000 calls the rare ones are found, page by page, and all are counted by day', async () => {
  const directory = newFolder();
  const store = await openStore({ directory });
  onTestFinished(() => store.close());
  const database = await openDatabase(directory);
  onTestFinished(() => database.close());
  const calls = 120_000;
  await insertManyCalls(database, calls);
  if (onPostgres) await sql`analyze calls`.execute(database.write);

  const rare: CallFilter = { task: 'mail', errorCode: 'upstream_timeout', minConfidence: 0.999 };
  expect(await store.calls.count(rare)).toBe(calls / 1_000);
  const seen: Call[] = [];
  for (;;) {
    const before = seen.at(-1);
    const page = await store.calls.list({ ...rare, limit: 50, ...(before && { before }) });
    seen.push(...page);
    if (page.length < 50) break;
  }
  expect(seen.map(({ at }) => at.getTime() / 1_000)).toEqual(
    Array.from({ length: 120 }, (_, i) => calls - 1 - 1_000 * i),
  );
  const seconds = async (skip: number, filter: CallFilter = {}) =>
    (await store.calls.list({ ...filter, skip, limit: 2 })).map(({ at }) => at.getTime() / 1_000);
  expect(await seconds(20_000)).toEqual([99_999, 99_998]);
  expect(await seconds(calls - 1)).toEqual([0]);
  expect(await seconds(calls)).toEqual([]);
  expect(await seconds(119, rare)).toEqual([999]);

  const days = await store.calls.timeline({ task: 'mail' }, 'day');
  expect(days).toHaveLength(2);
  expect(days[0]).toMatchObject({ at: new Date(0), calls: 86_400, student: 43_200, failed: 864 });
  expect(days[1]!.calls).toBe(calls - 86_400);
  expect(days[0]!.cost).toBeCloseTo(0.0864, 10);
  expect(days[0]!.teacherCost).toBeCloseTo(0.1728, 10);

  const { disagreements } = await store.decisions.counts('mail');
  expect(disagreements).toBe(calls / 25);
  const surest = await store.decisions.disagreements({ task: 'mail', order: 'surest', limit: 500 });
  const confidences = surest.map(({ call }) => call.student!.confidence);
  expect(confidences).toEqual([...confidences].sort((a, b) => b - a));
  expect(confidences[0]).toBe(0.978);

  // Each page is read along an index, and nothing is sorted for it.
  for (const query of [
    sql`select * from calls where task = 'mail' and at >= 5 order by at desc, id desc limit 50`,
    sql`select * from calls where at <= 90000000 and (at < 90000000 or id < 'x') order by at desc, id desc limit 50`,
    sql`select * from calls where task = 'mail' and agreed = 0 order by at desc, id desc limit 50`,
    sql`select * from calls where task = 'mail' and agreed = 0 order by student_confidence desc, id desc limit 50`,
  ]) {
    const explain = onPostgres ? sql`explain ${query}` : sql`explain query plan ${query}`;
    const plan = JSON.stringify((await explain.execute(database.read)).rows);
    expect(plan).toMatch(onPostgres ? /Index Scan/ : /USING INDEX calls_/);
    expect(plan).not.toMatch(/TEMP B-TREE|"[^"]*\bSort\b/);
  }
});

async function searched(steps: AsyncIterable<SearchStep>) {
  const all: SearchStep[] = [];
  for await (const step of steps) all.push(step);
  return { all, last: all.at(-1)!, ids: all.flatMap(({ hits }) => hits.map(({ id }) => id)) };
}

function asking(text: string, differs: Partial<NewCall> = {}): NewCall {
  const system = { role: 'system', content: 'Answer with one word: parcel or invoice.' };
  return newCall({ request: { messages: [system, { role: 'user', content: text }] }, ...differs });
}

test('words are found in what was asked and answered, and not in instructions', async () => {
  const store = await newStore();
  const record = (call: NewCall) => store.calls.record(call);
  const asked = await record(asking('Wo ist mein PÄCKCHEN?', { at: new Date(5) }));
  const answered = await record(asking('?', { at: new Date(4), response: chatCompletion('Päckchen') }));
  const student = { id: 's', answer: 'päckchen', confidence: 0.5, certified: false };
  const said = await record(asking('?', { at: new Date(3), student }));
  const parts = [{ type: 'text', text: 'ein Pa\u0308ckchen' }];
  const inParts = await record(
    newCall({ at: new Date(2), request: { messages: [{ role: 'user', content: parts }] } }),
  );
  const input = await record(
    newCall({ at: new Date(1), endpoint: 'responses', request: { input: 'Päckchen' } }),
  );
  await record(asking('invoice', { at: new Date(0) }));
  const { ids, last } = await searched(store.calls.search({ text: 'päckCHEN' }));
  expect(ids).toEqual([asked, answered, said, inParts, input]);
  expect(last).toMatchObject({ looked: 6, wordless: 0, next: null, done: true });
  for (const text of ['parcel', 'assistant', 'system'])
    expect((await searched(store.calls.search({ text }))).ids).toEqual([]);
  for (const text of ['', 'x'.repeat(1_001)])
    await expect(searched(store.calls.search({ text }))).rejects.toThrow(StoreValueError);
});

test('a search says how far it has looked, ends in time, goes on from there, and can be given up', async () => {
  const store = await newStore();
  const ids: string[] = [];
  for (let i = 0; i < 450; i++) {
    const text = i % 50 === 0 ? `needle ${i}` : 'hay';
    ids.push(
      await store.calls.record(asking(text, { at: new Date(i), model: i % 2 === 0 ? 'even' : 'odd' })),
    );
  }
  const expected = [400, 350, 300, 250, 200, 150, 100, 50, 0].map((i) => ids[i]);
  const whole = await searched(store.calls.search({ text: 'needle' }));
  expect(whole.ids).toEqual(expected);
  const looked = whole.all.map((step) => step.looked);
  expect(looked.length).toBeGreaterThan(3);
  expect(looked).toEqual([...looked].sort((a, b) => a - b));
  expect(whole.last.looked).toBe(450);

  const pieces: (string | undefined)[] = [];
  let before: SearchStep['next'] = null;
  do {
    const piece = await searched(
      store.calls.search({ text: 'needle', mostCalls: 120, mostHits: 2, ...(before && { before }) }),
    );
    expect(piece.last.looked).toBeLessThanOrEqual(120);
    expect(piece.ids.length).toBeLessThanOrEqual(2);
    pieces.push(...piece.ids);
    before = piece.last.next;
  } while (before);
  expect(pieces).toEqual(expected);

  const odd = await searched(store.calls.search({ text: 'needle', model: 'odd' }));
  expect([odd.ids, odd.last.looked]).toEqual([[], 225]);
  await store.calls.deleteTextBefore(new Date(100));
  const later = await searched(store.calls.search({ text: 'needle' }));
  expect(later.ids).toEqual(expected.slice(0, -2));
  expect(later.last).toMatchObject({ looked: 450, wordless: 100, done: true });

  const stop = new AbortController();
  let steps = 0;
  const given = async () => {
    for await (const step of store.calls.search({ text: 'hay', mostHits: 1_000, signal: stop.signal })) {
      steps += 1;
      expect(step.done).toBe(false);
      stop.abort(new Error('enough'));
    }
  };
  await expect(given()).rejects.toThrow('enough');
  expect(steps).toBe(1);
});
