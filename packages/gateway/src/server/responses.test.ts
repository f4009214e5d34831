import { expect, test } from 'vitest';
import { testGateway } from '../testing/gateway-in-test.ts';
import { type Behaviour, plainly } from '../testing/mock-provider.ts';

const usage = {
  input_tokens: 40,
  input_tokens_details: { cached_tokens: 10 },
  output_tokens: 12,
  output_tokens_details: { reasoning_tokens: 8 },
  total_tokens: 52,
};
const item = {
  ...{ id: 'msg_1', type: 'message', status: 'completed', role: 'assistant' },
  content: [{ type: 'output_text', text: 'spam', annotations: [] }],
};
const base = { id: 'resp_1', object: 'response', created_at: 1_700_000_000, model: 'big-1', error: null };
const whole = { ...base, status: 'completed', output: [item], usage };
const ask = { model: 'mock/big-1', input: 'You win a prize' };
const cost = (30 * 2 + 10 * 0.5 + 12 * 8) / 1e6;

/** The events of a streamed response, as OpenAI writes them: each with its name and a number. */
const events = (last: object) => [
  { type: 'response.created', response: { ...base, status: 'in_progress', output: [] } },
  {
    type: 'response.output_item.added',
    output_index: 0,
    item: { ...item, status: 'in_progress', content: [] },
  },
  ...['sp', 'am'].map((delta) => ({
    ...{ type: 'response.output_text.delta', item_id: 'msg_1', output_index: 0, content_index: 0, delta },
  })),
  { type: 'response.output_text.done', output_index: 0, content_index: 0, text: 'spam' },
  { type: 'response.output_item.done', output_index: 0, item },
  last,
];

function streamed(
  all: object[],
  end: (answer: Parameters<Behaviour>[0]) => void = (a) => a.end(),
): Behaviour {
  return (answer) => {
    answer.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    for (const [sequence_number, one] of all.entries()) {
      const { type } = one as { type: string };
      answer.write(`event: ${type}\ndata: ${JSON.stringify({ ...one, sequence_number })}\n\n`);
    }
    answer.write('', () => end(answer));
  };
}

test('plain: untouched both ways, recorded with its usage and cost', async () => {
  const { client, provider, calls, store } = await testGateway(plainly(whole));
  const asked = { ...ask, instructions: 'Spam or ham?', reasoning: { effort: 'low' as const }, store: false };
  const { data, response } = await client.responses.create(asked).withResponse();
  expect(data).toMatchObject(whole);
  expect(data.output_text).toBe('spam');
  expect(provider.asked[0]?.path).toBe('/v1/responses');
  expect(provider.asked[0]?.body).toEqual({ ...asked, model: 'big-1' });
  expect(Number(response.headers.get('x-kolben-cost-usd'))).toBeCloseTo(cost, 12);
  const [call] = await calls();
  expect(call).toMatchObject({
    ...{ endpoint: 'responses', task: null, provider: 'mock', status: 'ok', response: whole },
    usage: { promptTokens: 40, completionTokens: 12, cachedTokens: 10, estimated: false },
  });
  expect(call?.cost).toBeCloseTo(cost, 12);
  const examples = [];
  for await (const example of store.calls.examples('mail')) examples.push(example);
  expect(examples).toEqual([]);
});

test.each(['completed', 'incomplete'])(
  'streamed to its end (%s): every event, and its usage',
  async (status) => {
    const last = { type: `response.${status}`, response: { ...whole, status } };
    const { client, calls, provider } = await testGateway(streamed(events(last)));
    const stream = await client.responses.create({ ...ask, model: 'kolben/mail', stream: true });
    const seen: unknown[] = [];
    for await (const each of stream) seen.push(each);
    expect(seen).toEqual(events(last).map((each, sequence_number) => ({ ...each, sequence_number })));
    // Nothing was added to the request: this form tells its usage unasked.
    expect(provider.asked[0]?.body).toEqual({ ...ask, model: 'big-1', stream: true });
    const [call] = await calls();
    expect(call).toMatchObject({
      ...{ endpoint: 'responses', task: 'mail', streamed: true, status: 'ok' },
      response: { ...whole, status },
      usage: { promptTokens: 40, completionTokens: 12, cachedTokens: 10, estimated: false },
    });
    expect(call?.cost).toBeCloseTo(cost, 12);
    expect(call?.ttftMs).toEqual(expect.any(Number));
  },
);

test('a stream that fails: the client hears it, and what it used is charged', async () => {
  const error = { code: 'server_error', message: 'The model fell over.' };
  const last = { type: 'response.failed', response: { ...whole, status: 'failed', error, output: [] } };
  const { client, calls } = await testGateway(streamed(events(last)));
  const seen: unknown[] = [];
  for await (const each of await client.responses.create({ ...ask, stream: true })) seen.push(each.type);
  expect(seen.at(-1)).toBe('response.failed');
  const [call] = await calls();
  expect(call).toMatchObject({ status: 'error', error: { message: 'The model fell over.' } });
  expect(call?.cost).toBeCloseTo(cost, 12);
});

test('a stream that is cut off: what came is recorded and charged by estimate', async () => {
  const { client, calls } = await testGateway(streamed(events({}).slice(0, 4), (answer) => answer.destroy()));
  const reading = async () => {
    for await (const _ of await client.responses.create({ ...ask, stream: true }));
  };
  await expect(reading()).rejects.toThrow('broke off');
  const [call] = await calls();
  expect(call).toMatchObject({
    status: 'error',
    error: { code: 'provider_broke_off' },
    response: {
      id: 'resp_1',
      output: [{ type: 'message', content: [{ type: 'output_text', text: 'spam' }] }],
    },
    usage: { estimated: true },
  });
  expect(call?.cost).toBeGreaterThan(0);
});

test('what would have to be asked for later is refused', async () => {
  const { client, provider } = await testGateway(plainly(whole));
  await expect(client.responses.create({ ...ask, background: true })).rejects.toMatchObject({
    ...{ status: 400, code: 'background_unsupported', param: 'background' },
  });
  expect(provider.asked).toHaveLength(0);
});
