/**
 * From what was typed to values: numbers in their ranges, with a sentence when they are not.
 *
 * @module
 */
import { UsageError } from './errors.ts';

/** A plain decimal number, such as `1.5`, `.5` or `1e-3`; NaN for anything else, also for what JavaScript reads as one. */
export function decimal(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : Number.NaN;
}

/** A number with `above < value < below`. */
export function fraction(name: string, text: string): number {
  const value = decimal(text);
  if (!(value > 0 && value < 1)) {
    throw new UsageError(`${name} must be a number between 0 and 1, such as 0.05; it was '${text}'.`);
  }
  return value;
}

/** A whole number with `least <= value <= most`. */
export function whole(name: string, text: string, least: number, most: number): number {
  const value = /^[+-]?\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) {
    throw new UsageError(`${name} must be a whole number from ${least} to ${most}; it was '${text}'.`);
  }
  return value;
}

/** A number greater than zero. */
export function positive(name: string, text: string): number {
  const value = decimal(text);
  if (!Number.isFinite(value) || value <= 0) {
    throw new UsageError(`${name} must be a number greater than 0; it was '${text}'.`);
  }
  return value;
}

/** A number with `0 <= value <= most`. */
export function upTo(name: string, text: string, most: number): number {
  const value = decimal(text);
  if (!(value >= 0 && value <= most)) {
    throw new UsageError(`${name} must be a number from 0 to ${most}; it was '${text}'.`);
  }
  return value;
}

/** A time in any one unit: 0, or from 1e-12 to 1e12, so that sums of many stay exact enough and finite. */
export function time(name: string, text: string): number {
  const value = decimal(text);
  if (!(value >= 0))
    throw new UsageError(`${name} must be a time of 0 or more, such as 1.5; it was '${text}'.`);
  // A number that is too small for JavaScript is 0 to it, and yet not what was meant.
  const isZero = value === 0 && !/[1-9]/.test(text.replace(/e.*/i, ''));
  if (!isZero && !(value >= 1e-12 && value <= 1e12))
    throw new UsageError(
      `${name} must be 0, or from 1e-12 to 1e12 in whatever unit suits; it was '${text}'.`,
    );
  return isZero ? 0 : value;
}

/** One of a closed set of words. */
export function oneOf<const T extends string>(name: string, text: string, allowed: readonly T[]): T {
  const found = allowed.find((word) => word === text);
  if (found === undefined)
    throw new UsageError(`${name} must be one of ${allowed.join(', ')}; it was '${text}'.`);
  return found;
}

/**
 * A point in time: an ISO date (`2026-11-01`, `2026-11-01T12:00:00Z`) or an age counted back from `now`
 * (`90m`, `24h`, `30d`).
 */
export function pointInTime(name: string, text: string, now: Date): Date {
  const age = milliseconds(text);
  if (age !== undefined) return new Date(now.getTime() - age);
  const at = new Date(text);
  if (!/^\d{4}-\d{2}/.test(text) || Number.isNaN(at.getTime())) {
    throw new UsageError(
      `${name} must be a date such as 2026-11-01, or an age such as 24h or 30d; it was '${text}'.`,
    );
  }
  return at;
}

/** A length of time, such as `90m`, `24h`, `30d`, up to ten years. Milliseconds. */
export function duration(name: string, text: string): number {
  const length = milliseconds(text);
  if (length === undefined || length > 3_650 * 86_400_000)
    throw new UsageError(`${name} must be a time such as 90m, 24h or 30d; it was '${text}'.`);
  return length;
}

function milliseconds(text: string): number | undefined {
  const [, number, unit] = /^(\d{1,9})([mhd])$/.exec(text) ?? [];
  return number === undefined
    ? undefined
    : Number(number) * { m: 60_000, h: 3_600_000, d: 86_400_000 }[unit as 'm' | 'h' | 'd'];
}

/** A calendar month, `2026-11`; the one of `now`, in UTC, where none was named. */
export function month(name: string, text: string | undefined, now: Date): string {
  if (text === undefined) return now.toISOString().slice(0, 7);
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) return text;
  throw new UsageError(`${name} must be a month such as 2026-11; it was '${text}'.`);
}

/** A limit that `none` takes away: null. Undefined where it isn't to be changed. */
export function limit(text: string | undefined, read: (text: string) => number): number | null | undefined {
  return text === undefined ? undefined : text.trim() === 'none' ? null : read(text);
}
