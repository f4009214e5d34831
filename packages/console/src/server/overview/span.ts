/**
 * The span of time that a page looks at, in stretches that begin where the reader's days and hours do.
 *
 * @module
 */

const hour = 3_600_000;
const day = 24 * hour;

export const spans = {
  day: { ms: day, stepMs: hour },
  week: { ms: 7 * day, stepMs: day },
  month: { ms: 30 * day, stepMs: day },
  quarter: { ms: 90 * day, stepMs: day },
} as const;
export type SpanName = keyof typeof spans;
export const spanNames = Object.keys(spans) as [SpanName, ...SpanName[]];

export interface Span {
  since: Date;
  until: Date;
  stepMs: number;
}

/**
 * The last so many hours or days, the present one among them, whole.
 *
 * @param offsetMinutes by how much the reader's clock is behind UTC, as `Date.getTimezoneOffset` says it
 */
export function spanAt(now: Date, name: SpanName, offsetMinutes: number): Span {
  const { ms, stepMs } = spans[name];
  const offset = offsetMinutes * 60_000;
  const end = (Math.floor((now.getTime() - offset) / stepMs) + 1) * stepMs + offset;
  return { since: new Date(end - ms), until: new Date(end), stepMs };
}
