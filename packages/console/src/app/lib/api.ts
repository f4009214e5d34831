/**
 * The console's API as the page calls it, typed by the server's own types.
 *
 * @module
 */
import { type ClientResponse, hc } from 'hono/client';
import type { ConsoleApi } from '../../server/api/index.ts';
import { ApiFault, faultIn } from './api-fault.ts';
import { isAnybodyThere } from './is-anybody-there.ts';

let csrf = '';

/** The token that every act carries; the session's answer brings it. */
export function setCsrf(token: string): void {
  csrf = token;
}

/** `await read(api.overview.$get())`; acts likewise. */
export const api = hc<ConsoleApi>('/console/api', {
  headers: () => ({
    'x-kolben-csrf': csrf,
    // What a page asks by itself doesn't keep a session from ending.
    ...(!isAnybodyThere() && { 'x-kolben-by-itself': 'true' }),
  }),
});

type Said<Response> = Response extends ClientResponse<infer T, number, string> ? T : never;

/**
 * What an endpoint answers.
 *
 * @throws ApiFault where it answers with an error, or can't be reached
 */
export async function read<Response extends ClientResponse<unknown, number, string>>(
  asked: Promise<Response>,
): Promise<Said<Response>> {
  let response: Response;
  try {
    response = await asked;
  } catch {
    throw new ApiFault(0, 'unreachable', 'The gateway can’t be reached.');
  }
  if (!response.ok) throw await faultIn(response);
  return (await response.json()) as Said<Response>;
}
