/**
 * What tokens cost.
 *
 * @module
 */
import type { Price } from '../config/price-schema.ts';
import type { Tokens } from './usage.ts';

/** A part of the tokens, and its own price where it has one, USD per million. */
type Part = [tokens: number | undefined, perMillion: number | undefined];

/** The cost of these tokens in USD, from prices in USD per million tokens. */
export function costOf(tokens: Tokens, price: Price): number {
  const millionths =
    costOfParts(tokens.promptTokens, price.inputPerMillion, [
      [tokens.cachedTokens, price.cachedInputPerMillion],
      [tokens.cacheWriteTokens, price.cacheWritePerMillion],
      [tokens.audioInputTokens, price.audioInputPerMillion],
    ]) +
    costOfParts(tokens.completionTokens, price.outputPerMillion, [
      [tokens.reasoningTokens, price.reasoningPerMillion],
      [tokens.audioOutputTokens, price.audioOutputPerMillion],
    ]);
  return millionths / 1_000_000;
}

/** No token is paid for twice, also where the parts that were told add up to more than the whole. */
function costOfParts(tokens: number, perMillion: number, parts: readonly Part[]): number {
  let left = tokens;
  let cost = 0;
  for (const [part = 0, own = perMillion] of parts) {
    const taken = Math.min(part, left);
    left -= taken;
    cost += taken * own;
  }
  return cost + left * perMillion;
}

/** The most that so many tokens can cost, whatever kind they turn out to be. USD. */
export function mostCostOf(promptTokens: number, completionTokens: number, price: Price): number {
  const dearest = (...prices: (number | undefined)[]) => Math.max(...prices.map((each) => each ?? 0));
  const input = dearest(
    price.inputPerMillion,
    price.cachedInputPerMillion,
    price.cacheWritePerMillion,
    price.audioInputPerMillion,
  );
  const output = dearest(price.outputPerMillion, price.reasoningPerMillion, price.audioOutputPerMillion);
  return (promptTokens * input + completionTokens * output) / 1_000_000;
}
