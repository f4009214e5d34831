/**
 * The headers that tell a client what is left of its key's limits, as OpenAI's clients know them.
 *
 * @module
 */
import type { AdmissionAnswer } from '@kolben/store';

export function rateHeaders({ requests, tokens, resetMs }: AdmissionAnswer): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, left] of Object.entries({ requests, tokens })) {
    if (left === undefined) continue;
    headers[`x-ratelimit-limit-${name}`] = String(left.limit);
    headers[`x-ratelimit-remaining-${name}`] = String(left.remaining);
    headers[`x-ratelimit-reset-${name}`] = `${Math.max(1, Math.ceil(resetMs / 1_000))}s`;
  }
  return headers;
}
