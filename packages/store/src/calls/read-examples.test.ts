import { expect, test } from 'vitest';
import { newStore } from '../testing/folders.ts';
import { chatCompletion, newCall } from '../testing/new-call.ts';
import type { Example } from './call.ts';

async function all(examples: AsyncIterable<Example>): Promise<Example[]> {
  const result: Example[] = [];
  for await (const example of examples) result.push(example);
  return result;
}

test('what the teacher answered well comes as examples, oldest first', async () => {
  const store = await newStore();
  const at = (n: number) => new Date(Date.UTC(2026, 0, n));
  const messages = [
    { role: 'system', content: 'Which queue?' },
    { role: 'user', content: 'Where is my parcel?' },
  ];
  const answered = { request: { model: 'm', messages }, response: chatCompletion('delivery') };
  const late = await store.calls.record(newCall({ ...answered, at: at(9), drawn: 'chosen' }));
  const early = await store.calls.record(newCall({ ...answered, at: at(1), provider: null }));
  const shadowed = await store.calls.record(
    newCall({
      ...answered,
      at: at(5),
      route: 'shadow',
      student: { id: 's', answer: 'other', confidence: 1, certified: true },
    }),
  );
  for (const other of [
    { answeredBy: 'student' as const },
    { endpoint: 'responses' as const },
    { endpoint: 'embeddings' as const },
    { status: 'error' as const },
    { status: 'aborted' as const },
    { task: 'another' },
    { task: null },
    { response: null },
    { response: chatCompletion(null) },
    { response: chatCompletion('deliv', 'length') },
    { response: chatCompletion('', 'content_filter') },
    { response: { choices: [] } },
    { response: { error: { message: 'no' } } },
    { request: {} },
    { request: { messages: [] } },
    { request: { messages: 'hello' } },
    { request: { messages: [{ content: 'no role' }] } },
    { request: { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }] } },
  ]) {
    await store.calls.record(newCall({ ...answered, ...other }));
  }
  const examples = await all(store.calls.examples('mail'));
  expect(examples.map((example) => example.id)).toEqual([early, shadowed, late]);
  expect(examples[0]).toEqual({
    messages,
    answer: 'delivery',
    id: early,
    at: at(1),
    extra: { provider: null, model: 'large' },
  });
  expect(examples.at(-1)!.extra).toEqual({ provider: 'acme', model: 'large', drawn: 'chosen' });
  expect((await all(store.calls.examples('mail', { since: at(5) }))).map((e) => e.id)).toEqual([
    shadowed,
    late,
  ]);
  expect(await all(store.calls.examples('nothing'))).toEqual([]);
});

test('parts of text are joined, a message that says nothing is an empty one', async () => {
  const store = await newStore();
  const messages = [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'one' },
        { type: 'text', text: 'two' },
      ],
    },
    { role: 'assistant', content: null, tool_calls: [{ id: 't' }] },
    { role: 'tool', tool_call_id: 't', content: 'three' },
  ];
  await store.calls.record(newCall({ request: { messages } }));
  const [example] = await all(store.calls.examples('mail'));
  expect(example?.messages).toEqual([
    { role: 'user', content: 'one\ntwo' },
    { role: 'assistant', content: '' },
    { role: 'tool', content: 'three' },
  ]);
});

test('more calls than fit a page, many at one moment, large ones among them: each comes once, in order', async () => {
  const store = await newStore();
  const ids: string[] = [];
  for (let i = 0; i < 24; i++) {
    const calls = Array.from({ length: 100 }, (_, k) =>
      newCall({
        at: new Date(Math.floor((i * 100 + k) / 700)),
        ...(k === 50 && { request: { messages: [{ role: 'user', content: 'x'.repeat(300_000) }] } }),
      }),
    );
    ids.push(...(await Promise.all(calls.map((call) => store.calls.record(call)))));
  }
  const examples = await all(store.calls.examples('mail'));
  expect(examples.map((example) => example.id)).toEqual(ids);
});

test('calls can be recorded and deleted while examples are read', async () => {
  const store = await newStore();
  const record = (n: number, at: number) =>
    Promise.all(Array.from({ length: n }, () => store.calls.record(newCall({ at: new Date(at) }))));
  await record(300, 1);
  await record(900, 2);
  let seen = 0;
  for await (const _ of store.calls.examples('mail')) {
    seen++;
    if (seen === 10) await record(500, 3);
    // Those of moment 2 that were not handed out yet lose their text; those of moment 3 come after them.
    if (seen === 300) await store.calls.deleteTextBefore(new Date(3));
  }
  expect(seen).toBeGreaterThanOrEqual(300 + 500);
  expect(seen).toBeLessThan(300 + 900 + 500);
});
