/**
 * Whatever went wrong, as the client may hear of it.
 *
 * @module
 */
import { type Log, reasonOf } from '../log/log.ts';
import { passingFaults } from '../record/passing-faults.ts';
import { Gone } from '../upstream/gone.ts';
import { ApiError } from './api-error.ts';

/** An `ApiError` as it is; anything else is the gateway's own fault, of which only the log is told more. */
export function asApiError(error: unknown, log: Log): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof Gone)
    return new ApiError(499, 'client_gone', 'The client has gone.', { type: 'invalid_request_error' });
  const reason = reasonOf(error);
  if (passingFaults.has(reason)) {
    log.error('store_unavailable', { reason });
    const message = "This gateway can't reach its store at the moment; try again in a moment.";
    return new ApiError(503, 'store_unavailable', message, {
      ...{ type: 'server_error', headers: { 'retry-after': '1' } },
    });
  }
  log.error('internal_error', { reason });
  return new ApiError(500, 'internal_error', 'This gateway made a mistake of its own; its log tells where.', {
    type: 'server_error',
  });
}
