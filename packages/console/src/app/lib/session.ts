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

/** `data` is null where nobody is. */
export function useSession() {
  return useQuery({
    queryKey: sessionKey,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async (): Promise<PageSession | null> => {
      try {
        const { csrf, ...session } = await read(api.session.$get());
        setCsrf(csrf);
        return session;
      } catch (error) {
        if (error instanceof ApiFault && error.isSignedOut) return null;
        throw error;
      }
    },
  });
}
