/**
 * Reads the token counts that a provider reports.
 *
 * @module
 */
import { isObject, type JsonObject } from '../json.ts';

/** Tokens of one call; whole numbers ≥ 0. What is left out is none, or wasn't told apart. */
export interface Tokens {
  promptTokens: number;
  completionTokens: number;
  /** The part of `promptTokens` that was taken from the provider's cache. */
  cachedTokens: number;
  /** The part of `promptTokens` that was put into it. */
  cacheWriteTokens?: number;
  /** The part of `completionTokens` that was thought and not said. */
  reasoningTokens?: number;
  /** The part of `promptTokens` that was sound. */
  audioInputTokens?: number;
  /** The part of `completionTokens` that was sound. */
  audioOutputTokens?: number;
}

/**
 * The usage in an answer, as the provider wrote it; undefined where there is none. It is on top, or in a choice
 * (Moonshot's streams), or beside the answer (Groq's streams, which say it there unasked).
 */
export function usageIn(answer: JsonObject): unknown {
  if (answer.usage != null) return answer.usage;
  if (isObject(answer.x_groq) && answer.x_groq.usage != null) return answer.x_groq.usage;
  if (!Array.isArray(answer.choices)) return undefined;
  return answer.choices.find((choice) => isObject(choice) && choice.usage != null)?.usage;
}

/**
 * The tokens of a `usage` object; undefined where it doesn't hold both counts.
 *
 * OpenAI calls them prompt and completion, and input and output where they are newer; of vectors it counts the prompt
 * and the total. Providers differ, as seen in their recorded answers and documentation:
 *
 * - cached tokens are in the details, or on top as `prompt_cache_hit_tokens` (DeepSeek) or `cached_tokens` (Moonshot);
 * - reasoning tokens are in the details, or on top (Azure);
 * - xAI leaves the reasoning tokens, which it bills, out of `completion_tokens` but in `total_tokens`, so the greater of
 *   `completion_tokens` and `total_tokens − prompt_tokens` is taken;
 * - Anthropic's own form counts what went through its cache beside `input_tokens`, not within.
 */
export function readUsage(usage: unknown): Tokens | undefined {
  if (!isObject(usage)) return undefined;
  const total = countOf(usage.total_tokens);
  const fromCache = countOf(usage.cache_read_input_tokens);
  const intoCache = countOf(usage.cache_creation_input_tokens);
  let promptTokens = countOf(usage.prompt_tokens) ?? countOf(usage.input_tokens);
  if (promptTokens === undefined) return undefined;
  // Beside, not within: unless the names are OpenAI's, which count all of it.
  if (usage.prompt_tokens === undefined) promptTokens += (fromCache ?? 0) + (intoCache ?? 0);
  const completion =
    countOf(usage.completion_tokens) ??
    countOf(usage.output_tokens) ??
    (total === undefined || total < promptTokens || saysCompletion(usage) ? undefined : total - promptTokens);
  if (completion === undefined) return undefined;
  const completionTokens = Math.max(completion, (total ?? 0) - promptTokens);

  const prompt = detailsOf(usage.prompt_tokens_details, usage.input_tokens_details);
  const written = detailsOf(usage.completion_tokens_details, usage.output_tokens_details);
  const cached =
    countOf(prompt.cached_tokens) ??
    countOf(usage.prompt_cache_hit_tokens) ??
    countOf(usage.cached_tokens) ??
    fromCache;
  const tokens: Tokens = { promptTokens, completionTokens, cachedTokens: within(promptTokens, cached) };
  const cacheWrite = within(promptTokens, countOf(prompt.cache_write_tokens) ?? intoCache);
  const reasoning = within(
    completionTokens,
    countOf(written.reasoning_tokens) ?? countOf(usage.reasoning_tokens),
  );
  const audioInput = within(promptTokens, countOf(prompt.audio_tokens) ?? countOf(usage.audio_prompt_tokens));
  const audioOutput = within(completionTokens, countOf(written.audio_tokens));
  if (cacheWrite > 0) tokens.cacheWriteTokens = cacheWrite;
  if (reasoning > 0) tokens.reasoningTokens = reasoning;
  if (audioInput > 0) tokens.audioInputTokens = audioInput;
  if (audioOutput > 0) tokens.audioOutputTokens = audioOutput;
  return tokens;
}

/** It speaks of the answer's tokens, though perhaps not in numbers. */
function saysCompletion(usage: JsonObject): boolean {
  return usage.completion_tokens !== undefined || usage.output_tokens !== undefined;
}

const noDetails: JsonObject = {};

function detailsOf(details: unknown, otherwise: unknown): JsonObject {
  if (isObject(details)) return details;
  return isObject(otherwise) ? otherwise : noDetails;
}

function within(whole: number, part: number | undefined): number {
  return Math.min(part ?? 0, whole);
}

/** No model reads or writes more in one call; a greater number is nonsense, and would be money in the ledger. */
const mostTokens = 1_000_000_000;

function countOf(value: unknown): number | undefined {
  const isCount = typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= mostTokens;
  return isCount ? value : undefined;
}
