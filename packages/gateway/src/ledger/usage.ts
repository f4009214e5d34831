/**
 * Reads the token counts that a provider reports.
 *
 * @module
 */
import { isObject } from '../json.ts';

/** Tokens of one call; whole numbers ≥ 0. `cachedTokens` is a part of `promptTokens`. */
export interface Tokens {
  promptTokens: number;
  completionTokens: number;
  cachedTokens: number;
}

/**
 * The tokens of an OpenAI-like `usage` object; undefined where it doesn't hold both counts.
 *
 * Two things providers do differently, as seen in their recorded answers: DeepSeek has the cached tokens also in
 * `prompt_cache_hit_tokens`, and xAI leaves the reasoning tokens, which it bills, out of `completion_tokens` but
 * in `total_tokens`. So the greater of `completion_tokens` and `total_tokens − prompt_tokens` is taken.
 */
export function readUsage(usage: unknown): Tokens | undefined {
  if (!isObject(usage)) return undefined;
  const promptTokens = countOf(usage.prompt_tokens);
  const completion = countOf(usage.completion_tokens);
  if (promptTokens === undefined || completion === undefined) return undefined;
  const total = countOf(usage.total_tokens) ?? 0;
  const details = isObject(usage.prompt_tokens_details) ? usage.prompt_tokens_details : {};
  const cached = countOf(details.cached_tokens) ?? countOf(usage.prompt_cache_hit_tokens) ?? 0;
  return {
    promptTokens,
    completionTokens: Math.max(completion, total - promptTokens),
    cachedTokens: Math.min(cached, promptTokens),
  };
}

/** No model reads or writes more in one call; a greater number is nonsense, and would be money in the ledger. */
const mostTokens = 1_000_000_000;

function countOf(value: unknown): number | undefined {
  const isCount = typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= mostTokens;
  return isCount ? value : undefined;
}
