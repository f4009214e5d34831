/**
 * What the API answers, once it has: loading, an error with a way out, or the content.
 *
 * @module
 */
import type { ReactNode } from 'react';
import { ErrorNotice } from './error-notice.tsx';
import { Loading } from './loading.tsx';

export interface AnswerProps<Data> {
  query: {
    data: Data | undefined;
    error: Error | null;
    /** Why the last try failed, where another one is being made. */
    failureReason?: Error | null;
    refetch: () => unknown;
  };
  children: (data: Data) => ReactNode;
}

/** An answer that is there stays while it's asked for anew, and while that fails; one that isn't says so at the first try. */
export function Answer<Data>({ query, children }: AnswerProps<Data>) {
  const { data, refetch, failureReason = null } = query;
  const error = query.error ?? (data === undefined ? failureReason : null);
  return (
    <>
      {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {data === undefined ? !error && <Loading /> : children(data)}
    </>
  );
}
