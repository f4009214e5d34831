/**
 * Whatever went wrong, as the page hears of it: the API's own shape and the message's values, `{ error: { message, type,
 * param, code, values } }`.
 *
 * @module
 */
import { KolbenError } from '@kolben/engine/error';
import { ApiError, type Log } from '@kolben/gateway';
import { HTTPException } from 'hono/http-exception';

/** What may be otherwise in a moment. */
const passing = new Set([
  'store_locked',
  'store_overloaded',
  'store_unreachable',
  'store_timeout',
  'store_unwritable',
  'store_closed',
]);

/** With the values of the message, by which the page says it in its reader's language. */
export function errorResponse(error: ApiError): Response {
  const body = { error: { ...error.body().error, values: error.values } };
  return Response.json(body, { status: error.status, headers: { ...error.headers } });
}

/** Errors that a user can cause say what to do; of all others only the log is told more. */
export function asApiError(cause: unknown, log: Log): ApiError {
  if (cause instanceof ApiError) return cause;
  if (cause instanceof HTTPException)
    return new ApiError(cause.status, 'bad_request', 'The request can’t be read.', {
      type: 'invalid_request_error',
    });
  if (KolbenError.isInstance(cause)) {
    const isPassing = passing.has(cause.code);
    return new ApiError(isPassing ? 503 : 422, cause.code, cause.message, {
      type: isPassing ? 'server_error' : 'invalid_request_error',
      values: cause.values,
    });
  }
  log.error('console_failed', { reason: cause instanceof Error ? cause.name : 'unknown' });
  return new ApiError(
    500,
    'internal_error',
    'The console made a mistake of its own; the gateway’s log tells where.',
    {
      type: 'server_error',
    },
  );
}
