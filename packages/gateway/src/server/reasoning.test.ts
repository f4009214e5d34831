/**
 * Reasoning between providers that spell it differently: back to them in requests, and to the client in answers.
 */
import { expect, onTestFinished, test } from 'vitest';
import type { JsonObject } from '../json.ts';
import { testGateway } from '../testing/gateway-in-test.ts';
import { type Behaviour, event, mockProvider, plainly } from '../testing/mock-provider.ts';

const call = { id: 'c', type: 'function', function: { name: 'f', arguments: '{"n":9007199254740993}' } };
const history = [
  { role: 'user', content: 'one' },
  { role: 'assistant', content: 'eins', reasoning_content: 'easy' },
  { role: 'user', content: 'two' },
  { role: 'assistant', content: null, reasoning_content: 'hard', tool_calls: [call] },
  { role: 'tool', tool_call_id: 'c', content: '2' },
];
const ask = { model: 'kolben/mail', messages: history };
const down = plainly({ error: { message: 'down' } }, 503);

const answer = (message: object) => ({
  ...{ id: 'x', object: 'chat.completion', created: 1, model: 'm' },
  choices: [{ index: 0, message, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
});
const streamed =
  (deltas: object[]): Behaviour =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const delta of deltas) response.write(event({ id: 'x', choices: [{ index: 0, delta }] }));
    response.write(event({ id: 'x', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }));
    response.end(event('[DONE]'));
  };

/** The teacher is down, and a fallback with these settings answers. */
async function fallback(behaviour: Behaviour, teacher?: object, second?: object) {
  const other = await mockProvider(behaviour, onTestFinished);
  const prices = { m: { inputPerMillion: 1, outputPerMillion: 1 } };
  const gateway = await testGateway(down, {
    provider: { ...(teacher && { reasoning: teacher }) },
    task: { fallbacks: ['second/m'] },
    providers: {
      second: { baseUrl: other.url, retries: { times: 0 }, prices, ...(second && { reasoning: second }) },
    },
  });
  return { ...gateway, second: other };
}

const messagesTo = ({ asked }: { asked: { body: JsonObject }[] }) => asked.at(-1)?.body.messages;

test('without settings it goes both ways as it is, to the byte', async () => {
  const said = answer({ role: 'assistant', content: 'zwei', reasoning: 'so', reasoning_details: [1] });
  const { chat, provider } = await testGateway(plainly(said));
  expect(await (await chat(ask)).json()).toEqual(said);
  expect(provider.asked[0]?.text).toBe(JSON.stringify({ ...ask, model: 'big-1' }));
});

test.each([
  [{ turns: 'none' }, [false, false]],
  [{ as: 'reasoning_content', turns: 'tools' }, [false, true]],
  [{ as: 'reasoning_content' }, [true, true]],
])('a provider that wants %j back', async (reasoning, [first, second]) => {
  const { chat, provider } = await testGateway(plainly(answer({ role: 'assistant', content: 'zwei' })), {
    provider: { reasoning: reasoning as { turns?: 'none' } },
  });
  await chat(ask);
  const kept = (messagesTo(provider) as JsonObject[]).map((message) => 'reasoning_content' in message);
  expect([kept[1], kept[3]]).toEqual([first, second]);
});

test('a fallback gets it in its own spelling, and the client its answer in the teacher’s', async () => {
  const said = answer({ role: 'assistant', content: 'zwei', reasoning: 'so' });
  const { chat, second, provider, calls } = await fallback(
    plainly(said),
    { as: 'reasoning_content' },
    { as: 'reasoning' },
  );
  const told: unknown = await (await chat(ask)).json();
  expect(messagesTo(provider)).toEqual(history);
  expect(messagesTo(second)).toEqual([
    history[0],
    { role: 'assistant', content: 'eins', reasoning: 'easy' },
    history[2],
    { role: 'assistant', content: null, reasoning: 'hard', tool_calls: [call] },
    history[4],
  ]);
  expect(told).toEqual(answer({ role: 'assistant', content: 'zwei', reasoning_content: 'so' }));
  expect((await calls())[0]?.response).toEqual(told);
});

test('the same streamed, from Mistral’s parts', async () => {
  const thinking = (text: string) => ({
    content: [{ type: 'thinking', thinking: [{ type: 'text', text }] }],
  });
  const { client, second, calls } = await fallback(
    streamed([{ role: 'assistant', content: '' }, thinking('s'), thinking('o'), { content: 'zwei' }]),
    { as: 'reasoning_content' },
    { as: 'thinking' },
  );
  const stream = await client.chat.completions.create({
    ...{ model: 'kolben/mail', stream: true },
    messages: history as never,
  });
  const deltas: JsonObject[] = [];
  for await (const chunk of stream) deltas.push(chunk.choices[0]!.delta as JsonObject);
  expect(deltas.map((delta) => delta.reasoning_content ?? '').join('')).toBe('so');
  expect(deltas.map((delta) => delta.content ?? '').join('')).toBe('zwei');
  expect((messagesTo(second) as JsonObject[])[1]).toEqual({
    role: 'assistant',
    content: [
      { type: 'thinking', thinking: [{ type: 'text', text: 'easy' }] },
      { type: 'text', text: 'eins' },
    ],
  });
  expect((await calls())[0]?.response?.choices).toMatchObject([
    { message: { content: 'zwei', reasoning_content: 'so' } },
  ]);
});

test('to a fallback of which nothing is known it doesn’t go', async () => {
  const { chat, second } = await fallback(plainly(answer({ role: 'assistant', content: 'zwei' })), {
    as: 'reasoning_content',
  });
  await chat(ask);
  expect(JSON.stringify(messagesTo(second))).not.toContain('reasoning');
  expect(JSON.stringify(messagesTo(second))).toContain('9007199254740993');
});
