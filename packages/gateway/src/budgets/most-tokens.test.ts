import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countTokens } from '../ledger/count-tokens.ts';
import { mostTokens } from './most-tokens.ts';

const bounds = { answerTokens: 100, imageTokens: 1_000 };
const most = (request: Record<string, unknown>, endpoint: 'chat' | 'embeddings' | 'responses' = 'chat') =>
  mostTokens(endpoint, JSON.stringify(request), request, bounds);
const messages = [{ role: 'user', content: 'hello' }];

test.each([
  ['what the request allows', { messages, max_tokens: 7 }, 7],
  ['the newer name first', { messages, max_completion_tokens: 9, max_tokens: 7 }, 9],
  ['nothing, where it allows nothing', { messages, max_tokens: 0 }, 0],
  ['the configured bound, where it names no limit', { messages }, 100],
  ['the configured bound, where its limit is none', { messages, max_tokens: -3 }, 100],
  ['as often as answers are asked for', { messages, max_tokens: 7, n: 3 }, 21],
])('the answer is bounded by %s', (_what, request, completionTokens) => {
  expect(most(request).completionTokens).toBe(completionTokens);
});

test('a prediction may be billed on top, vectors have no answer, responses their own limit', () => {
  const prediction = { type: 'content', content: 'x'.repeat(1_000) };
  expect(most({ messages, max_tokens: 7, prediction }).completionTokens).toBeGreaterThan(1_007);
  expect(most({ input: 'hello' }, 'embeddings').completionTokens).toBe(0);
  expect(most({ input: 'hello', max_output_tokens: 11 }, 'responses').completionTokens).toBe(11);
});

test('pictures and sound count as what they are, not as their data', () => {
  const url = `data:image/png;base64,${'A'.repeat(400_000)}`;
  const picture = most({
    messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }],
  });
  expect(picture.promptTokens).toBeGreaterThanOrEqual(1_000);
  expect(picture.promptTokens).toBeLessThan(2_000);
  const input = [{ role: 'user', content: [{ type: 'input_image', image_url: url }] }];
  expect(most({ input }, 'responses').promptTokens).toBeLessThan(2_000);
  const sound = { type: 'input_audio', input_audio: { data: 'A'.repeat(32_000), format: 'mp3' } };
  const heard = most({ messages: [{ role: 'user', content: [sound] }] }).promptTokens;
  expect(heard).toBeGreaterThanOrEqual(1_000);
  expect(heard).toBeLessThan(2_000);
});

test('no text counts more tokens than the bound says', async () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.string({ unit: 'grapheme', maxLength: 200 }),
  );
  const request = fc.record({
    messages: fc.array(fc.record({ role: fc.constantFrom('user', 'system'), content: text }), {
      minLength: 1,
    }),
    tools: fc.array(fc.record({ type: fc.constant('function'), function: fc.record({ name: text }) })),
  });
  await fc.assert(
    fc.asyncProperty(request, async (asked) => {
      const { promptTokens } = await countTokens(asked, null);
      expect(promptTokens).toBeLessThanOrEqual(most(asked).promptTokens);
    }),
    { numRuns: 100 },
  );
});
