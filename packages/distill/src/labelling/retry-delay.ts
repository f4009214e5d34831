/**
 * How long to wait before a teacher is asked again.
 *
 * @module
 */
import type { Reply } from './ask.ts';

/** The first wait, doubled each time up to the longest; and the longest that a provider may ask for. Milliseconds. */
export const waits = { first: 500, longest: 30_000, longestAsked: 600_000 };

/**
 * As long as the provider says (`retry-after-ms`, `retry-after` in seconds or as a date), else a random time below a
 * bound that doubles (full jitter), so that calls refused together don't come back together.
 *
 * @param attempt how often it was asked already, from 1
 * @param lot in [0, 1)
 * @param now milliseconds since 1970
 * @returns milliseconds
 */
export function retryDelay(
  headers: Reply['headers'] | undefined,
  attempt: number,
  lot: number,
  now: number,
): number {
  const asked = headers && askedFor(headers, now);
  if (asked !== undefined) return Math.min(asked, waits.longestAsked);
  return Math.max(50, lot * Math.min(waits.longest, waits.first * 2 ** (attempt - 1)));
}

function askedFor(headers: Reply['headers'], now: number): number | undefined {
  const inMs = decimal(headers['retry-after-ms']);
  if (inMs !== undefined) return inMs;
  const after = headers['retry-after'];
  const seconds = decimal(after);
  if (seconds !== undefined) return seconds * 1000;
  const date = after === undefined ? Number.NaN : Date.parse(after);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function decimal(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : undefined;
}
