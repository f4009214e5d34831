/**
 * How long a session lasts, and how it is named in the browser.
 *
 * @module
 */
import { createHmac } from 'node:crypto';
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';

/** Without use. */
export const idleMs = 30 * 60_000;
/** With use. */
export const lifeMs = 12 * 60 * 60_000;

const plain = 'kolben_session';
/** Browsers take a cookie of this name over TLS alone, and let no page without it set one (RFC 6265bis, 4.1.3). */
const secure = '__Secure-kolben_session';

export function tokenIn(c: Context): string | undefined {
  return getCookie(c, secure) ?? getCookie(c, plain);
}

/**
 * @param isTls whether the browser speaks TLS, whoever ends it: what `Origin` says of the page that signs in
 */
export function setToken(c: Context, token: string, isTls: boolean): void {
  setCookie(c, isTls ? secure : plain, token, {
    httpOnly: true,
    sameSite: 'Strict',
    path: '/console',
    secure: isTls,
    maxAge: lifeMs / 1000,
  });
}

export function forgetToken(c: Context): void {
  for (const name of [plain, secure])
    deleteCookie(c, name, { path: '/console', secure: name === secure, httpOnly: true, sameSite: 'Strict' });
}

/** What every act has to show beside the cookie: known to the page, and to nobody who has only made it send the cookie. */
export function csrfOf(token: string): string {
  return createHmac('sha256', token).update('kolben-console-csrf').digest('base64url');
}
