/**
 * All calls of some filters as the rows of a table; those looked at are fetched.
 *
 * One page is asked for at a time, and the next one only when it is there, from where one looks by then: a thumb that is
 * drawn over a hundred thousand calls asks for the few pages at which it rests.
 *
 * @module
 */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useReducer, useRef, useState } from 'react';
import { api, read } from '../../lib/api.ts';
import { CallPages } from './call-pages.ts';
import type { CallRow } from './call-rows.tsx';
import type { CallChoice } from './filters.ts';

/** Beyond the rows in view, on both sides. */
const ahead = 30;

export interface CallList {
  /** Undefined until it is known. */
  total: number | undefined;
  /** Undefined until the first are there. */
  rows: { readonly length: number; at(index: number): CallRow | undefined } | undefined;
  error: Error | null;
  /** Tells which rows are in view. */
  look(first: number, last: number): void;
  retry(): void;
}

export function useCallList(query: CallChoice['query']): CallList {
  const client = useQueryClient();
  const first = useQuery({
    queryKey: ['calls', 'list', query],
    queryFn: ({ signal }) => read(api.calls.$get({ query: query as never }, { init: { signal } })),
    // Another first page is another list; it is asked for anew by who comes to the page.
    ...{ staleTime: Number.POSITIVE_INFINITY, gcTime: 0, refetchOnReconnect: false },
  });
  const next = first.data?.next ?? null;
  const rest = useQuery({
    queryKey: ['calls', 'count', query, next],
    queryFn: ({ signal }) =>
      read(
        api.calls.count.$get(
          { query: { ...query, ...(next !== null && { before: next }) } as never },
          { init: { signal } },
        ),
      ),
    enabled: next !== null,
    ...{ staleTime: Number.POSITIVE_INFINITY, gcTime: 0, refetchOnReconnect: false },
  });
  const pages = useMemo(() => first.data && new CallPages(first.data), [first.data]);
  const firstLength = first.data?.calls.length ?? 0;
  const total = next === null ? first.data && firstLength : rest.data && firstLength + rest.data.calls;

  const [arrived, redraw] = useReducer((n: number) => n + 1, 0);
  const [fault, setFault] = useState<{ of: CallPages; error: Error }>();
  const view = useRef({ first: 0, last: 0 });
  const underWay = useRef<CallPages>(undefined);
  const error = fault?.of === pages ? (fault?.error ?? null) : null;

  const fetchMissing = () => {
    if (!pages || total === undefined || error || underWay.current === pages) return;
    const { first, last } = view.current;
    const page =
      pages.missing(first, last) ??
      pages.missing(Math.max(0, first - ahead), Math.min(total - 1, last + ahead));
    if (page === undefined) return;
    underWay.current = pages;
    client
      .fetchQuery({
        queryKey: ['calls', 'page', query, next, page],
        queryFn: () => read(api.calls.$get({ query: { ...query, ...pages.placeOf(page) } as never })),
        gcTime: 0,
      })
      .then(
        (answer) => pages.put(page, answer),
        (error: Error) => setFault({ of: pages, error }),
      )
      .finally(() => {
        if (underWay.current === pages) underWay.current = undefined;
        redraw();
      });
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: each page that has come makes way for the next
  useEffect(fetchMissing, [pages, total, arrived, error]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: other rows wherever a page has come
  const rows = useMemo(
    () => pages && { length: total ?? firstLength, at: (index: number) => pages.at(index) },
    [pages, total, firstLength, arrived],
  );
  return {
    ...{ total, rows },
    error: first.error ?? rest.error ?? error,
    look: (first, last) => {
      view.current = { first, last };
      fetchMissing();
    },
    retry: () => {
      if (first.error) void first.refetch();
      if (rest.error) void rest.refetch();
      setFault(undefined);
    },
  };
}
