/**
 * The guard in front of everything but the page itself and the way in.
 *
 * @module
 */
import { timingSafeEqual } from 'node:crypto';
import { ApiError } from '@kolben/gateway';
import type { Session } from '@kolben/store';
import type { MiddlewareHandler } from 'hono';
import { type ConsoleEnv, type ConsoleServices, nowOf } from '../services.ts';
import { requireNotForeign, requireOwnOrigin } from './same-origin.ts';
import { csrfOf, idleMs, tokenIn } from './session-rules.ts';

/** What a page does by itself, and goes on doing when nobody is there: no use of the session. */
const livePath = /\/live$/;
/** The page says so where nobody has touched it for a while. */
const byItself = 'x-kolben-by-itself';

/**
 * A session, and for whatever may change something also its CSRF token and our own origin.
 *
 * @throws ApiError 401 without a session, 403 without the others
 */
export function requireSession(services: ConsoleServices): MiddlewareHandler<ConsoleEnv> {
  return async (c, next) => {
    const isAct = c.req.method !== 'GET' && c.req.method !== 'HEAD';
    if (isAct) requireOwnOrigin(c);
    else requireNotForeign(c);
    const token = tokenIn(c);
    const isUse = !livePath.test(c.req.path) && c.req.header(byItself) === undefined;
    const session = token === undefined ? undefined : await findSession(services, token, isUse);
    if (token === undefined || session === undefined) {
      const [code, what] =
        token === undefined
          ? ['session_missing', 'You are not signed in']
          : ['session_ended', 'Your session has ended'];
      const message = `${what}; sign in with a key of scope "admin".`;
      throw new ApiError(401, code, message, { type: 'authentication_error' });
    }
    if (isAct && !same(c.req.header('x-kolben-csrf') ?? '', csrfOf(token))) {
      const message = 'The request does not carry the token of its session; load the page again.';
      throw new ApiError(403, 'csrf_token_wrong', message, { type: 'permission_error' });
    }
    c.set('session', session);
    c.set('token', token);
    await next();
  };
}

/** @param isUse whether this keeps the session from ending */
export function findSession(
  services: ConsoleServices,
  token: string,
  isUse: boolean,
): Promise<Session | undefined> {
  return services.store.sessions.find(token, { now: nowOf(services), idleMs, isUse });
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
