import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { CallExistsError, StoreCorruptError, StoreValueError } from '../errors.ts';
import { Seal } from '../seal/seal.ts';
import { everythingKept, integrity, newStore, openDatabase } from '../testing/folders.ts';
import { chatCompletion, newCall } from '../testing/new-call.ts';
import type { Call, NewCall } from './call.ts';
import { newCallId } from './new-call-id.ts';

const noDetails = {
  cachedTokens: 0,
  cacheWriteTokens: 0,
  reasoningTokens: 0,
  audioInputTokens: 0,
  audioOutputTokens: 0,
};

test('a call comes back as it was recorded', async () => {
  const store = await newStore();
  const plain = newCall();
  const id = await store.calls.record(plain);
  expect(id).toMatch(/^call_[0-9a-f-]{36}$/);
  expect(await store.calls.get(id)).toEqual({
    ...plain,
    endpoint: 'chat',
    id,
    ttftMs: null,
    usage: { ...noDetails, ...plain.usage },
    student: null,
    clientRequestId: null,
    drawn: null,
    audited: false,
    agreed: null,
    auditResponse: null,
    error: null,
    reason: null,
  });
  const full = newCall({
    id: newCallId(),
    route: 'cascade',
    answeredBy: 'student',
    provider: null,
    model: null,
    status: 'aborted',
    ttftMs: 0.125,
    usage: {
      promptTokens: 15,
      completionTokens: 6,
      cachedTokens: 4,
      cacheWriteTokens: 3,
      reasoningTokens: 2,
      audioInputTokens: 5,
      audioOutputTokens: 1,
      estimated: true,
    },
    student: { id: 'student_1', answer: 'delivery', confidence: 0.987654321, certified: true },
    streamed: true,
    endpoint: 'responses',
    clientRequestId: 'of the night run',
    drawn: 'random',
    audited: true,
    agreed: false,
    error: { code: 'client_gone', message: 'The client left.' },
    reason: 'confident',
  });
  expect(await store.calls.record(full)).toBe(full.id);
  expect(await store.calls.get(full.id!)).toEqual({ ...full, auditResponse: null });
  const bare = newCall({ task: null, keyId: null, response: null, status: 'error' });
  expect(await store.calls.get(await store.calls.record(bare))).toMatchObject({
    task: null,
    keyId: null,
    response: null,
  });
  expect(await store.calls.get('call_nowhere')).toBeUndefined();
});

test('any JSON comes back, whatever its characters', async () => {
  const store = await newStore();
  // Unit `binary` makes every code unit, lone surrogates and NUL included.
  const text = fc.string({ unit: 'binary' });
  const object = fc.dictionary(text, fc.jsonValue({ stringUnit: 'binary', noUnicodeString: false }), {
    noNullPrototype: true,
  });
  const said = fc.tuple(object, fc.option(object), text, text);
  await fc.assert(
    fc.asyncProperty(fc.array(said, { minLength: 10, maxLength: 10 }), async (all) => {
      // Ten at a time, so that they share a commit.
      const back = await Promise.all(
        all.map(async ([request, response, answer, message]) => {
          const student = { id: 's', answer, confidence: 1, certified: false };
          const call = newCall({ request, response, student, error: { code: 'e', message } });
          return store.calls.get(await store.calls.record(call));
        }),
      );
      const json = (value: unknown) => JSON.parse(JSON.stringify(value));
      for (const [i, [request, response, answer, message]] of all.entries()) {
        expect(back[i]?.request).toEqual(json(request));
        expect(back[i]?.response).toEqual(json(response));
        expect(back[i]?.student?.answer).toBe(answer);
        expect(back[i]?.error?.message).toBe(message);
      }
    }),
    { numRuns: 6 },
  );
});

test('half a character and a NUL survive in what is said, and are replaced in names', async () => {
  const store = await newStore();
  const odd = 'a\0b\ud800c\udfffd';
  const id = await store.calls.record(newCall({ request: { odd }, model: odd, provider: odd, keyId: odd }));
  expect(await store.calls.get(id)).toMatchObject({
    request: { odd },
    model: 'a\ufffdb\ufffdc\ufffdd',
    provider: 'a\ufffdb\ufffdc\ufffdd',
  });
});

test('megabytes of text come back', async () => {
  const store = await newStore();
  const request = { text: 'Straße 🚀 '.repeat(600_000) };
  const id = await store.calls.record(newCall({ request }));
  expect((await store.calls.get(id))?.request).toEqual(request);
});

test('nothing that was said can be read from what is kept', async () => {
  const store = await newStore();
  const marker = (n: number) => `marker-${n}-Überweisung`;
  await store.calls.record(
    newCall({
      request: { messages: [{ role: 'user', content: marker(1) }] },
      response: chatCompletion(marker(2)),
      student: { id: 's', answer: marker(3), confidence: 0.5, certified: false },
      error: { code: 'upstream_error', message: marker(4) },
    }),
  );
  const written = await everythingKept(store.directory);
  await store.calls.deleteTextBefore(new Date(0)); // deletes nothing, but moves the log into the file
  for (const bytes of [written, await everythingKept(store.directory)]) {
    // The search would find it: the name of the task lies open.
    expect(bytes.includes('mail')).toBe(true);
    for (const needle of ['marker-', 'Überweisung', 'user', 'chatcmpl']) {
      for (const encoding of ['utf8', 'utf16le'] as const) {
        expect(bytes.includes(Buffer.from(needle, encoding)), needle).toBe(false);
      }
    }
  }
});

test('a text moved to another call does not open', async () => {
  const store = await newStore();
  const [a, b] = [await store.calls.record(newCall()), await store.calls.record(newCall())];
  const database = await openDatabase(store.directory);
  await sql`update call_texts set request = (select request from call_texts where call_id = ${a}) where call_id = ${b}`.execute(
    database.write,
  );
  await database.close();
  expect((await store.calls.get(a))?.request).toEqual(newCall().request);
  await expect(store.calls.get(b)).rejects.toThrow(StoreCorruptError);
});

test('pages go from the newest to the oldest, through calls of the same moment too', async () => {
  const store = await newStore();
  const moments = [5, 1, 3, 3, 3, 2, 4, 3, 5, 1];
  const ids = await Promise.all(
    moments.map((moment, i) =>
      store.calls.record(newCall({ at: new Date(moment), task: i % 2 === 0 ? 'even' : 'odd' })),
    ),
  );
  const expected = moments
    .map((moment, i) => ({ moment, id: ids[i]!, even: i % 2 === 0 }))
    .sort((a, b) => b.moment - a.moment || (a.id < b.id ? 1 : -1));
  for (const limit of [1, 2, 3, 10]) {
    const seen: string[] = [];
    let before: Call | undefined;
    for (;;) {
      const page = await store.calls.list({ limit, ...(before && { before }) });
      if (page.length === 0) break;
      seen.push(...page.map((call) => call.id));
      before = page[page.length - 1]!;
    }
    expect(seen).toEqual(expected.map((call) => call.id));
  }
  const even = await store.calls.list({ task: 'even', before: new Date(5), since: new Date(2) });
  expect(even.map((call) => call.id)).toEqual(
    expected.filter((call) => call.even && call.moment < 5 && call.moment >= 2).map((call) => call.id),
  );
  expect(await store.calls.count()).toBe(10);
  expect(await store.calls.count({ task: 'odd' })).toBe(5);
  expect(await store.calls.count({ task: 'odd', since: new Date(3) })).toBe(2);
  for (const limit of [0, -1, 1.5, 1_001, Number.NaN]) {
    await expect(store.calls.list({ limit })).rejects.toThrow(StoreValueError);
  }
});

test('a second call of the same id is refused and changes nothing', async () => {
  const store = await newStore();
  const id = newCallId();
  const outcomes = await Promise.allSettled([
    store.calls.record(newCall({ id, model: 'first' })),
    store.calls.record(newCall({ model: 'beside' })),
    store.calls.record(newCall({ id, model: 'second' })),
  ]);
  expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  await expect(store.calls.record(newCall({ id, model: 'third' }))).rejects.toThrow(CallExistsError);
  expect((await store.calls.get(id))?.model).toBe('first');
  expect(await store.calls.count()).toBe(2);
});

test.for<[string, Partial<NewCall>]>([
  ['a time that is none', { at: new Date(Number.NaN) }],
  ['an unknown route', { route: 'detour' as 'teacher' }],
  ['a negative cost', { cost: -1 }],
  ['a cost that is no number', { teacherCost: Number.NaN }],
  ['half a token', { usage: { promptTokens: 0.5, completionTokens: 1, estimated: false } }],
  ['a negative latency', { latencyMs: -1 }],
  ['a request that refers to itself', { request: selfish() }],
  ['a request that holds a bigint', { request: { n: 1n } }],
  ['a request that is none', { request: undefined as unknown as object }],
])('%s is refused and nothing is recorded', async ([, differs]) => {
  const store = await newStore();
  await expect(store.calls.record(newCall(differs))).rejects.toThrow(StoreValueError);
  expect(await store.calls.count()).toBe(0);
});

function selfish(): object {
  const request: Record<string, unknown> = {};
  request.self = request;
  return request;
}

test('deleting the text of old calls keeps their figures and leaves none of it', async () => {
  const store = await newStore();
  const ids: string[] = [];
  for (let i = 0; i < 2_100; i += 100) {
    const calls = Array.from({ length: 100 }, (_, k) => newCall({ at: new Date(i + k) }));
    ids.push(...(await Promise.all(calls.map((call) => store.calls.record(call)))));
  }
  expect(await store.calls.deleteTextBefore(new Date(2_050))).toBe(2_050);
  expect(await store.calls.deleteTextBefore(new Date(2_050))).toBe(0);
  expect(await store.calls.get(ids[2_049]!)).toMatchObject({ request: null, response: null, cost: 0.000123 });
  expect((await store.calls.get(ids[2_050]!))?.request).toEqual(newCall().request);
  expect(await store.calls.count()).toBe(2_100);
  const examples = [];
  for await (const example of store.calls.examples('mail')) examples.push(example.id);
  expect(examples).toEqual(ids.slice(2_050));
  // A sealed text begins with its version and the key's id; what is left are those of 50 calls, two texts each.
  const key = Buffer.from(readFileSync(join(store.directory, 'kolben.key'), 'utf8'), 'base64');
  const head = new Seal(key).seal('', { column: '', row: '' }).subarray(0, 9);
  const bytes = await everythingKept(store.directory);
  let found = 0;
  for (let at = bytes.indexOf(head); at >= 0; at = bytes.indexOf(head, at + 1)) found++;
  expect(found).toBe(100);
  expect(await integrity(store.directory)).toBe('ok');
});
