/**
 * Was it a page of ours that sent this request?
 *
 * The gateway has looked at the Host header before (DNS rebinding); what is left is another site's page that sends to
 * the right name. A browser says in `Origin`, which no page can change, whose page it was.
 *
 * @module
 */
import { ApiError } from '@kolben/gateway';
import type { Context } from 'hono';

/** @throws ApiError 403 where the browser says that another site's page asks */
export function requireNotForeign(c: Context): void {
  const site = c.req.header('sec-fetch-site');
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw foreign();
}

/** @returns the origin @throws ApiError 403 unless `Origin` names this very address */
export function requireOwnOrigin(c: Context): URL {
  requireNotForeign(c);
  const origin = c.req.header('origin');
  const host = c.req.header('host')?.toLowerCase();
  if (origin === undefined || host === undefined || !URL.canParse(origin)) throw foreign();
  const url = new URL(origin);
  if (!/^https?:$/.test(url.protocol) || (url.host !== host && hostAt(url, host) !== url.host))
    throw foreign();
  return url;
}

/** The Host header as a URL of this scheme writes it: without the port that goes without saying. */
function hostAt({ protocol }: URL, host: string): string | undefined {
  return URL.canParse(`${protocol}//${host}`) ? new URL(`${protocol}//${host}`).host : undefined;
}

function foreign(): ApiError {
  const message =
    'The console takes requests from its own page alone; open it at the address under which it is served, and let a proxy in front pass on the Host header.';
  return new ApiError(403, 'origin_foreign', message, { type: 'permission_error' });
}
