/**
 * The spans of time that counters are kept for: calendar months and minutes, both of UTC.
 *
 * UTC, because several gateways, perhaps in several places, share one counter, and because providers bill so.
 *
 * @module
 */
import { StoreValueError } from '../errors.ts';

const month = /^(\d{4})-(0[1-9]|1[0-2])$/;

/** `2026-11`. @param at milliseconds since 1970 */
export function monthOf(at: number): string {
  return new Date(at).toISOString().slice(0, -17);
}

/** `2026-11-28T10:53`. @param at milliseconds since 1970 */
export function minuteOf(at: number): string {
  return new Date(at).toISOString().slice(0, -8);
}

/** How long the minute of this moment still lasts, milliseconds, 1 … 60,000. */
export function leftOfMinute(at: number): number {
  return 60_000 - (((at % 60_000) + 60_000) % 60_000);
}

/** The first moment of the month after this one, milliseconds since 1970. */
export function nextMonth(at: number): number {
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}

/** Whether a month begins at this very moment. */
export function isMonthStart(at: number): boolean {
  const date = new Date(at);
  return date.getTime() === Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
}

/** The month as it was written. @throws StoreValueError unless it is of the form 2026-11 */
export function checkMonth(text: string): string {
  if (month.test(text)) return text;
  throw new StoreValueError(`${JSON.stringify(text)} is no month; write it as 2026-11.`);
}
