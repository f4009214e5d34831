import { expect, test } from 'vitest';
import { readUsage } from './usage.ts';

test.each([
  [
    'OpenAI',
    {
      prompt_tokens: 15,
      completion_tokens: 78,
      total_tokens: 93,
      prompt_tokens_details: { cached_tokens: 4 },
    },
    { promptTokens: 15, completionTokens: 78, cachedTokens: 4 },
  ],
  [
    'DeepSeek, cached tokens under its own name alone',
    { prompt_tokens: 339, completion_tokens: 92, total_tokens: 431, prompt_cache_hit_tokens: 320 },
    { promptTokens: 339, completionTokens: 92, cachedTokens: 320 },
  ],
  [
    'xAI, which bills reasoning that completion_tokens leaves out',
    {
      prompt_tokens: 12,
      completion_tokens: 2,
      total_tokens: 354,
      completion_tokens_details: { reasoning_tokens: 340 },
    },
    { promptTokens: 12, completionTokens: 342, cachedTokens: 0 },
  ],
  [
    'no details at all',
    { prompt_tokens: 1, completion_tokens: 2, prompt_tokens_details: null },
    { promptTokens: 1, completionTokens: 2, cachedTokens: 0 },
  ],
  [
    'more cached than there were',
    { prompt_tokens: 5, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 9 } },
    { promptTokens: 5, completionTokens: 1, cachedTokens: 5 },
  ],
])('%s', (_who, usage, tokens) => {
  expect(readUsage(usage)).toEqual(tokens);
});

test.each([
  null,
  undefined,
  'x',
  [],
  {},
  { prompt_tokens: 1 },
  { prompt_tokens: -1, completion_tokens: 0 },
  { prompt_tokens: 1.5, completion_tokens: 0 },
  { prompt_tokens: '1', completion_tokens: '2' },
  { prompt_tokens: 1e300, completion_tokens: 2 },
])('%j is no usage', (usage) => {
  expect(readUsage(usage)).toBeUndefined();
});
