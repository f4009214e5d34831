/**
 * Is the request meant for this gateway, by the name it was called?
 *
 * A web page can have its own name point to 127.0.0.1 and so speak to what listens there (DNS rebinding). Its
 * requests carry its own name in the Host header; so on loopback only loopback's names are answered, and those that
 * the configuration adds. On any other address, the names are the network's own affair, unless they are configured.
 *
 * @module
 */
import { isLoopback } from '../config/is-loopback.ts';
import { ApiError } from './api-error.ts';

const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Makes the check for a gateway that listens on `address`: is this Host header one that it answers to? */
export function hostCheck(
  address: string,
  allowedHosts: readonly string[],
): (host: string | undefined) => boolean {
  if (!isLoopback(address) && allowedHosts.length === 0) return () => true;
  const names = new Set([...loopback, nameOf(address), ...allowedHosts.map(nameOf)]);
  return (host) => host !== undefined && names.has(nameOf(host));
}

/** @throws ApiError 421 where the request was meant for somebody else */
export function requireMeant(isMeant: (host: string | undefined) => boolean, host: string | undefined): void {
  if (isMeant(host)) return;
  const message =
    'This gateway does not answer to the name in the Host header; see allowedHosts in its configuration.';
  throw new ApiError(421, 'host_not_allowed', message, { type: 'invalid_request_error' });
}

/** The name without its port, in lower case. */
function nameOf(host: string): string {
  const bare = host.includes(':') && !host.startsWith('[') && host.split(':').length > 2 ? `[${host}]` : host;
  return bare.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
}
