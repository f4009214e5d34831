/**
 * Who is asking? Every endpoint but `/healthz` wants a key, paths that don't exist included.
 *
 * @module
 */
import type { Key, Scope, Store } from '@kolben/store';
import { ApiError } from './api-error.ts';

/** What a path wants: a key of this scope, or, where there is nothing to be had, any that is valid. */
export type Wanted = Scope | 'any';

/** Paths under `/admin` are for keys of scope admin, those under `/v1` for keys of scope use. */
export function wantedFor(path: string): Wanted {
  if (/^\/v1(\/|$)/.test(path)) return 'use';
  return /^\/admin(\/|$)/.test(path) ? 'admin' : 'any';
}

/**
 * The key of an `Authorization` header. Unknown, revoked, expired and malformed keys get one and the same answer.
 *
 * @throws ApiError 401 without a valid key, 403 with one of another scope
 */
export async function authenticate(
  header: string | undefined,
  keys: Store['keys'],
  wanted: Wanted = 'use',
): Promise<Key> {
  if (header === undefined || header === '') {
    throw refused('No API key was sent; send one as "Authorization: Bearer kb-…".');
  }
  const secret = /^Bearer +(\S+)$/i.exec(header)?.[1];
  const key = secret === undefined ? undefined : await keys.verify(secret);
  if (!key) throw refused('The API key is not valid.');
  if (wanted !== 'any' && key.scope !== wanted) {
    const what = wanted === 'use' ? 'calling models' : 'administration';
    const message = `This API key is not for ${what}; use one of scope "${wanted}".`;
    throw new ApiError(403, 'wrong_scope', message, { type: 'permission_error' });
  }
  return key;
}

function refused(message: string): ApiError {
  return new ApiError(401, 'invalid_api_key', message, {
    type: 'authentication_error',
    headers: { 'www-authenticate': 'Bearer' },
  });
}
