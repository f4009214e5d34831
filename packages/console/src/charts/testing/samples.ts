/**
 * Charts and data that several tests draw.
 *
 * @module
 */
import { createElement as make } from 'react';
import { BreakEven, type TimeLine, TimeSeries } from '../index.ts';

export const unit = (value: number) => `${value} u`;
export const day = 86_400_000;
export const start = Date.UTC(2026, 10, 1);

export const series = (lines: readonly TimeLine[], more = {}) =>
  make(TimeSeries, {
    title: 'Calls',
    description: 'Calls by day.',
    lines,
    format: unit,
    utc: true,
    ...more,
  });
export const line = (values: readonly number[], label = 'calls'): TimeLine => ({
  label,
  shade: 'first',
  points: values.map((value, i) => ({ at: start + i * day, value })),
});
export const costs = (
  breakEven: { x: number; low?: number; high?: number } | null,
  ends: readonly number[] = [10, 10],
) =>
  make(BreakEven, {
    title: 'Cost a month.',
    across: 'calls a day',
    breakEven,
    format: unit,
    formatAcross: String,
    lines: [
      {
        label: 'teacher',
        shade: 'teacher' as const,
        points: [
          { x: 0, value: 0 },
          { x: 100, value: 20 },
        ],
      },
      {
        label: 'own student',
        shade: 'student' as const,
        points: [
          { x: 0, value: ends[0]!, low: 8, high: 12 },
          { x: 100, value: ends[1]!, low: 8, high: 12 },
        ],
      },
    ],
  });
