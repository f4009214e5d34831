import OpenAI from 'openai';
import { expect, test } from 'vitest';
import { testGateway } from '../testing/gateway-in-test.ts';
import { completion, plainly } from '../testing/mock-provider.ts';

const messages = [{ role: 'user' as const, content: 'You win a prize' }];

test('a plain call gets the teacher’s answer as the teacher gave it, and is recorded with its cost', async () => {
  const { client, provider, calls, secret } = await testGateway(
    plainly(completion('spam', { x_extra: [1] })),
  );
  const { data, response } = await client.chat.completions
    .create({ model: 'kolben/mail', messages })
    .withResponse();
  expect(data).toEqual(completion('spam', { x_extra: [1] }));
  expect(Object.fromEntries([...response.headers].filter(([name]) => name.startsWith('x-kolben')))).toEqual({
    'x-kolben-answered-by': 'teacher',
    'x-kolben-cost-avoided-usd': '0',
    'x-kolben-call-id': expect.stringMatching(/^call_/),
    'x-kolben-cost-usd': '0.000081',
    'x-kolben-model': 'big-1',
    'x-kolben-provider': 'mock',
    'x-kolben-reason': 'route',
    'x-kolben-route': 'teacher',
    'x-kolben-teacher-cost-usd': '0.000081',
  });
  const recorded = await calls();
  expect(recorded).toHaveLength(1);
  expect(recorded[0]).toMatchObject({
    id: response.headers.get('x-kolben-call-id'),
    task: 'mail',
    route: 'teacher',
    answeredBy: 'teacher',
    provider: 'mock',
    model: 'big-1',
    request: { model: 'kolben/mail', messages },
    response: completion('spam', { x_extra: [1] }),
    status: 'ok',
    usage: { promptTokens: 40, completionTokens: 2, cachedTokens: 10, estimated: false },
    // 30 fresh at 2, 10 cached at 0.5, 2 completion at 8 USD per million
    cost: 0.000081,
    teacherCost: 0.000081,
    student: null,
    streamed: false,
    error: null,
  });
  expect(provider.asked).toHaveLength(1);
  expect(provider.asked[0]?.body).toEqual({ model: 'big-1', messages });
  expect(JSON.stringify(provider.asked[0]?.headers)).not.toContain(secret);
  expect(client).toBeInstanceOf(OpenAI);
});

test('all that a chat may ask for goes to the teacher as it is', async () => {
  const { chat, provider } = await testGateway(plainly(completion('spam')));
  const { model: _, ...asked } = {
    ...{
      model: 'kolben/mail',
      n: 2,
      seed: 9_007_199_254_740_991,
      stop: ['\n'],
      logprobs: true,
      top_logprobs: 3,
    },
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=', detail: 'low' } },
        ],
      },
    ],
    tools: [{ type: 'function', function: { name: 'f', strict: true, parameters: { type: 'object' } } }],
    tool_choice: { type: 'function', function: { name: 'f' } },
    response_format: { type: 'json_schema', json_schema: { name: 'a', schema: { type: 'object' } } },
    ...{ reasoning_effort: 'low', parallel_tool_calls: false, service_tier: 'flex', x_own: { deep: [null] } },
  };
  expect((await chat({ ...asked, model: 'kolben/mail' })).status).toBe(200);
  expect(provider.asked[0]?.text).toBe(JSON.stringify({ ...asked, model: 'big-1' }));
});
