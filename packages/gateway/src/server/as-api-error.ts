/**
 * Whatever went wrong, as the client may hear of it.
 *
 * @module
 */
import { type Log, reasonOf } from '../log/log.ts';
import { Gone } from '../upstream/gone.ts';
import { ApiError } from './api-error.ts';

/** An `ApiError` as it is; anything else is the gateway's own fault, of which only the log is told more. */
export function asApiError(error: unknown, log: Log): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof Gone)
    return new ApiError(499, 'client_gone', 'The client has gone.', { type: 'invalid_request_error' });
  log.error('internal_error', { reason: reasonOf(error) });
  return new ApiError(500, 'internal_error', 'This gateway made a mistake of its own; its log tells where.', {
    type: 'server_error',
  });
}
