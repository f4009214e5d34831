/**
 * What the API says of runs, and how the page follows one.
 *
 * @module
 */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api, read } from '../../lib/api.ts';
import { type Live, useLive } from '../../lib/use-live.ts';

export const askRuns = () => read(api.runs.$get({ query: {} }));
export type RunsAnswer = Awaited<ReturnType<typeof askRuns>>;
export type RunInList = RunsAnswer['runs'][number];

const askRun = (id: string) => read(api.runs[':id'].$get({ param: { id } }));
export type RunAnswer = Awaited<ReturnType<typeof askRun>>;
export type WholeRun = RunAnswer['run'];
export type RunPoint = RunAnswer['points'][number];

/** A run with all its points: those that were there when the page was opened, and those that have come since. */
export function useRun(id: string) {
  const query = useQuery({ queryKey: ['runs', id], queryFn: () => askRun(id) });
  const live: Live<Pick<RunAnswer, 'run' | 'points'>> = useLive(
    `/console/api/runs/${encodeURIComponent(id)}/live`,
  );
  const { state } = live;
  const data = useMemo(() => {
    if (!query.data || !state) return query.data;
    const points = new Map([...query.data.points, ...state.points].map((point) => [point.step, point]));
    return {
      ...query.data,
      run: state.run,
      points: [...points.values()].sort((a, b) => a.step - b.step),
    };
  }, [query.data, state]);
  return { query: { ...query, data } as typeof query, live };
}

/** The timelines that end with a step; asked for anew when there are others. */
export function useTimelines(id: string, step: number | null) {
  return useQuery({
    queryKey: ['runs', id, 'timelines', step],
    enabled: step !== null,
    queryFn: () => read(api.runs[':id'].timelines.$get({ param: { id } })),
    // What was shown stays until the next is there.
    placeholderData: (before) => before,
  });
}
