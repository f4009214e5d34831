/**
 * What is kept of the API's answers, and what happens when one is an error.
 *
 * @module
 */
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiFault } from './api-fault.ts';
import { type SignedOut, sessionKey } from './session.ts';

export function makeQueryClient(): QueryClient {
  const onError = (error: Error) => {
    // Whichever request finds that the session is over: the page goes back to its door.
    if (error instanceof ApiFault && error.isSignedOut) signOutHere(client, 'ended');
  };
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        // What changes comes by server-sent events, or is asked for by who looks.
        staleTime: 10_000,
        refetchOnWindowFocus: false,
        // What an operator can mend isn't mended by asking again; a gateway that is restarting is.
        retry: (failures, error) =>
          error instanceof ApiFault && (error.status === 0 || error.status === 503) && failures < 3,
      },
    },
  });
  return client;
}

/** Forgets everything that was shown. */
export function signOutHere(client: QueryClient, as: SignedOut): void {
  client.setQueryData(sessionKey, as);
  client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionKey[0] });
}
