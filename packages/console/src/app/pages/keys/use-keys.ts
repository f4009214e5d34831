/**
 * The keys, and what can be done with them.
 *
 * @module
 */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, read } from '../../lib/api.ts';

const ask = () => read(api.keys.$get());

export type KeyFacts = Awaited<ReturnType<typeof ask>>['keys'][number];
export type Limits = KeyFacts['limits'];

export interface NewKey {
  name: string;
  scope: 'use' | 'admin';
  /** ISO 8601; null: never. */
  expiresAt: string | null;
  limits: Limits;
}

/** A secret that is shown once. */
export interface Shown {
  secret: string;
  /** Of a key that was exchanged: until when the old one works; null: no more. */
  old?: { worksUntil: string | null };
}

export function useKeys() {
  return useQuery({ queryKey: ['keys', 'list'], queryFn: ask });
}

export function useKeyActs() {
  const client = useQueryClient();
  const onSuccess = () => client.invalidateQueries({ queryKey: ['keys'] });
  return {
    create: useMutation({
      onSuccess,
      mutationFn: async (key: NewKey): Promise<Shown> => {
        const { secret } = await read(api.keys.$post({ json: key }));
        return { secret };
      },
    }),
    limit: useMutation({
      onSuccess,
      mutationFn: ({ id, limits }: { id: string; limits: Limits }) =>
        read(api.keys[':id'].limits.$put({ param: { id }, json: limits })),
    }),
    rotate: useMutation({
      onSuccess,
      mutationFn: async ({ id, graceMs }: { id: string; graceMs: number }): Promise<Shown> => {
        const rotated = await read(api.keys[':id'].rotate.$post({ param: { id }, json: { graceMs } }));
        return { secret: rotated.secret, old: { worksUntil: rotated.oldWorksUntil } };
      },
    }),
    revoke: useMutation({
      onSuccess,
      mutationFn: (id: string) => read(api.keys[':id'].revoke.$post({ param: { id } })),
    }),
  };
}
