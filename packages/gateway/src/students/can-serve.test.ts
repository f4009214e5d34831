import { expect, test } from 'vitest';
import type { JsonObject } from '../json.ts';
import { obstacleFor } from './can-serve.ts';

const user = { role: 'user', content: 'hi' };
const plain: JsonObject = { model: 'kolben/mail', messages: [user] };

test.each<[string, JsonObject]>([
  ['a plain request', plain],
  [
    'a conversation with instructions',
    { messages: [{ role: 'system', content: 'x' }, user, { role: 'assistant', content: 'spam' }, user] },
  ],
  [
    'text in parts',
    {
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'a' },
            { type: 'text', text: 'b' },
          ],
        },
      ],
    },
  ],
  [
    'what only steers sampling',
    { ...plain, temperature: 0.2, seed: 1, stop: ['x'], max_tokens: 5, top_p: 1, n: 1, user: 'u' },
  ],
  [
    'empty lists and explicit defaults',
    {
      ...plain,
      tools: [],
      logprobs: false,
      response_format: { type: 'text' },
      logit_bias: {},
      modalities: ['text'],
      n: null,
    },
  ],
])('%s can be served', (_what, request) => {
  for (const kind of ['classify', 'extract'] as const) expect(obstacleFor(request, { kind })).toBeUndefined();
});

test.each<[string, JsonObject]>([
  ['tools', { ...plain, tools: [{ type: 'function' }] }],
  ['functions', { ...plain, functions: [{ name: 'f' }] }],
  ['n', { ...plain, n: 2 }],
  ['response_format', { ...plain, response_format: { type: 'json_object' } }],
  ['logprobs', { ...plain, logprobs: true }],
  ['top_logprobs', { ...plain, top_logprobs: 3 }],
  ['logit_bias', { ...plain, logit_bias: { 50256: -100 } }],
  ['audio', { ...plain, audio: { voice: 'alloy' } }],
  ['modalities', { ...plain, modalities: ['text', 'audio'] }],
  ['web_search_options', { ...plain, web_search_options: {} }],
  ['messages', {}],
  ['messages', { messages: [] }],
  ['messages[0]', { messages: ['hi'] }],
  [
    'messages[0].content',
    { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:' } }] }] },
  ],
  ['messages[0].content', { messages: [{ role: 'user' }] }],
  ['messages[1].role', { messages: [user, { role: 'tool', content: '3', tool_call_id: 'a' }] }],
  ['messages[1].tool_calls', { messages: [user, { role: 'assistant', content: '', tool_calls: [{}] }] }],
  ['messages[1].role', { messages: [user, { role: 'assistant', content: 'The answer is' }] }],
])('%s is an obstacle, and named', (obstacle, request) => {
  expect(obstacleFor(request, { kind: 'classify' })).toBe(obstacle);
});

test('one that extracts answers in JSON where that is asked for, and in nothing else', () => {
  const asked = (type: string) =>
    obstacleFor({ ...plain, response_format: { type, json_schema: {} } }, { kind: 'extract' });
  expect(asked('json_object')).toBeUndefined();
  expect(asked('json_schema')).toBeUndefined();
  expect(asked('grammar')).toBe('response_format');
});
