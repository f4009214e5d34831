/**
 * An answer of the API that the server tells anew whenever it is another one.
 *
 * @module
 */
import { type QueryKey, type UseQueryResult, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { type Live, useLive } from './use-live.ts';

export interface LiveQuery<State> {
  query: UseQueryResult<State>;
  live: Live<State>;
}

/**
 * Whichever is newer is shown: what was told last, or what an act of one's own has made the page ask for.
 *
 * @param path of the events that tell the same as `ask` answers
 */
export function useLiveQuery<State>(
  queryKey: QueryKey,
  ask: () => Promise<State>,
  path: string,
): LiveQuery<State> {
  const client = useQueryClient();
  const query = useQuery({ queryKey, queryFn: ask });
  const live = useLive<State>(path);
  const { state } = live;
  const key = JSON.stringify(queryKey);
  useEffect(() => {
    if (state === undefined) return;
    const told: unknown[] = JSON.parse(key);
    // An answer that is still on its way was read before; the next event comes soon where it wasn't.
    void client.cancelQueries({ queryKey: told, exact: true }, { silent: true });
    client.setQueryData(told, state);
  }, [client, key, state]);
  return { query, live };
}
