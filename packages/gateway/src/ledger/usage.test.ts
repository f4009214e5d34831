import { describe, expect, test } from 'vitest';
import { plainNames, plainText, readObject, withoutRecordings } from '../testing/recordings.ts';
import { readUsage, usageIn } from './usage.ts';

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
    { promptTokens: 12, completionTokens: 342, cachedTokens: 0, reasoningTokens: 340 },
  ],
  [
    'no details at all',
    { prompt_tokens: 1, completion_tokens: 2, prompt_tokens_details: null },
    { promptTokens: 1, completionTokens: 2, cachedTokens: 0 },
  ],
  [
    'reasoning and sound, each within its whole',
    {
      prompt_tokens: 90,
      completion_tokens: 70,
      total_tokens: 160,
      prompt_tokens_details: { cached_tokens: 0, audio_tokens: 50 },
      completion_tokens_details: { reasoning_tokens: 20, audio_tokens: 30, accepted_prediction_tokens: 5 },
    },
    {
      promptTokens: 90,
      completionTokens: 70,
      cachedTokens: 0,
      reasoningTokens: 20,
      audioInputTokens: 50,
      audioOutputTokens: 30,
    },
  ],
  [
    'Azure, reasoning and sound on top',
    {
      prompt_tokens: 19,
      completion_tokens: 1720,
      total_tokens: 1739,
      reasoning_tokens: 7,
      audio_prompt_tokens: 3,
    },
    { promptTokens: 19, completionTokens: 1720, cachedTokens: 0, reasoningTokens: 7, audioInputTokens: 3 },
  ],
  [
    'Moonshot, cached tokens on top',
    { prompt_tokens: 20, completion_tokens: 30, total_tokens: 50, cached_tokens: 10 },
    { promptTokens: 20, completionTokens: 30, cachedTokens: 10 },
  ],
  [
    'the newer names',
    {
      input_tokens: 75,
      output_tokens: 1186,
      total_tokens: 1261,
      input_tokens_details: { cached_tokens: 5 },
      output_tokens_details: { reasoning_tokens: 1024 },
    },
    { promptTokens: 75, completionTokens: 1186, cachedTokens: 5, reasoningTokens: 1024 },
  ],
  [
    'Anthropic, whose cache is beside',
    { input_tokens: 10, output_tokens: 5, cache_read_input_tokens: 100, cache_creation_input_tokens: 40 },
    { promptTokens: 150, completionTokens: 5, cachedTokens: 100, cacheWriteTokens: 40 },
  ],
  [
    'vectors, which have no answer',
    { prompt_tokens: 8, total_tokens: 8 },
    { promptTokens: 8, completionTokens: 0, cachedTokens: 0 },
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
  { prompt_tokens: 9, total_tokens: 8 },
  { prompt_tokens: 9, completion_tokens: 'x', total_tokens: 12 },
])('%j is no usage', (usage) => {
  expect(readUsage(usage)).toBeUndefined();
});

test.each([
  ['on top', { usage: { a: 1 }, choices: [{ usage: { b: 1 } }] }, { a: 1 }],
  ['beside the answer', { usage: null, x_groq: { usage: { a: 2 } } }, { a: 2 }],
  ['in a choice', { choices: [{}, { usage: { a: 3 } }] }, { a: 3 }],
  ['nowhere', { choices: [{}] }, undefined],
])('usage stands %s', (_where, answer, usage) => {
  expect(usageIn(answer)).toEqual(usage);
});

describe.skipIf(withoutRecordings)('recorded answers', () => {
  const answers = plainNames()
    .map((name) => [name, readObject(plainText(name))] as const)
    .filter(([, answer]) => answer.usage != null);
  test.each(answers)('%s: nothing that was told is lost', (_name, answer) => {
    const usage = answer.usage as Record<string, Record<string, number> & number>;
    const read = readUsage(usageIn(answer))!;
    expect(read.promptTokens).toBe(usage.prompt_tokens);
    expect(read.promptTokens + read.completionTokens).toBe(usage.total_tokens);
    const reasoning = usage.completion_tokens_details?.reasoning_tokens ?? usage.reasoning_tokens ?? 0;
    expect(read.reasoningTokens ?? 0).toBe(reasoning);
    const cached = usage.prompt_tokens_details?.cached_tokens ?? usage.cached_tokens ?? 0;
    expect(read.cachedTokens).toBe(cached);
  });
});
