/**
 * How long to wait before a provider is asked once more.
 *
 * @module
 */
import type { Retries } from '../config/provider-schema.ts';

/**
 * Milliseconds; undefined: don't, for the provider wants to be left alone for longer than anybody is to wait.
 *
 * Without a word of the provider's the pause is a random share of a bound that doubles (full jitter), so that the many who
 * failed at once don't come back at once.
 *
 * @param failures so far of this call at this provider, ≥ 1
 * @param headers of the provider's refusal
 * @param random from [0, 1)
 * @param now milliseconds since 1970
 */
export function pauseBefore(
  failures: number,
  { baseMs, mostMs }: Retries,
  headers: Readonly<Record<string, string | undefined>>,
  random: number,
  now: number,
): number | undefined {
  const wanted = retryAfter(headers, now);
  if (wanted !== undefined) return wanted <= mostMs ? wanted : undefined;
  return random * Math.min(mostMs, baseMs * 2 ** (failures - 1));
}

/** What `retry-after-ms` or `retry-after` (seconds, or a date) says, milliseconds ≥ 0; undefined where neither does. */
export function retryAfter(
  headers: Readonly<Record<string, string | undefined>>,
  now: number,
): number | undefined {
  const exact = headers['retry-after-ms'];
  if (exact !== undefined && /^\d+(\.\d+)?$/.test(exact)) return Number(exact);
  const said = headers['retry-after'];
  if (said === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(said)) return Number(said) * 1_000;
  const date = Date.parse(said);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
