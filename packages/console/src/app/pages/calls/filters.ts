/**
 * Which calls are meant, as the page's address says it, so that a link shows the same to somebody else.
 *
 * @module
 */
import { useMemo } from 'react';
import { useSearchParams } from 'wouter';

export const filterNames = [
  'task',
  'route',
  'answeredBy',
  'status',
  'errorCode',
  'reason',
  'provider',
  'model',
  'keyId',
  'minConfidence',
  'maxConfidence',
  'certified',
  'audited',
  'agreed',
] as const;
export type FilterName = (typeof filterNames)[number];
export type Filters = Partial<Record<FilterName, string>>;

export const spans = { hour: 3_600_000, day: 86_400_000, week: 7 * 86_400_000, month: 30 * 86_400_000 };
export type Span = keyof typeof spans | 'all';

export interface CallChoice {
  filters: Filters;
  span: Span;
  /** What the API is asked: the filters, and since when. */
  query: Filters & { since?: string };
  /** An empty value takes a filter away. */
  set(name: FilterName | 'span', value: string): void;
  clear(): void;
}

export function useFilters(): CallChoice {
  const [params, setParams] = useSearchParams();
  return useMemo(() => {
    const filters: Filters = {};
    for (const name of filterNames) {
      const value = params.get(name);
      if (value) filters[name] = value;
    }
    const given = params.get('span');
    const span: Span = given !== null && given in spans ? (given as Span) : 'all';
    // To the minute, so that the same question is the same query for a while.
    const minute = Math.floor(Date.now() / 60_000) * 60_000;
    const since = span === 'all' ? undefined : new Date(minute - spans[span]).toISOString();
    return {
      filters,
      span,
      query: { ...filters, ...(since !== undefined && { since }) },
      set: (name, value) =>
        setParams(
          (before) => {
            const next = new URLSearchParams(before);
            if (value === '' || (name === 'span' && value === 'all')) next.delete(name);
            else next.set(name, value);
            return next;
          },
          { replace: true },
        ),
      clear: () => setParams(new URLSearchParams(), { replace: true }),
    };
  }, [params, setParams]);
}
