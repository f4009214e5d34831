/**
 * Who is signed in.
 *
 * @module
 */
import { useQuery } from '@tanstack/react-query';
import { api, read, setCsrf } from './api.ts';
import { ApiFault } from './api-fault.ts';

export const sessionKey = ['session'] as const;

export interface PageSession {
  key: { id: string; name: string };
  /** ISO 8601. */
  expiresAt: string;
  version: string;
}

/** Nobody is signed in, or nobody is any more. */
export type SignedOut = 'none' | 'ended';

export function useSession() {
  return useQuery({
    queryKey: sessionKey,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async (): Promise<PageSession | SignedOut> => {
      try {
        const { csrf, ...session } = await read(api.session.$get());
        setCsrf(csrf);
        return session;
      } catch (error) {
        if (error instanceof ApiFault && error.isSignedOut)
          return error.code === 'session_ended' ? 'ended' : 'none';
        throw error;
      }
    },
  });
}
