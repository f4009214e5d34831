/**
 * `POST /v1/responses`, plain and streamed.
 *
 * @module
 */
import type { JsonObject } from '../json.ts';
import { responsesProtocol } from '../upstream/protocols/responses.ts';
import type { Answer } from './answer.ts';
import { ApiError } from './api-error.ts';
import { passThrough } from './pass-through.ts';
import type { Caller, Exchange, Services } from './services.ts';

export function responses(services: Services, exchange: Exchange, caller: Caller): Promise<Answer> {
  return passThrough(services, exchange, caller, responsesProtocol, checkResponses);
}

/** An input may be missing: a stored prompt or an earlier response can stand for it. */
function checkResponses(request: JsonObject): void {
  if (request.background === true) {
    const message =
      'A response in the background would be asked for later, at an endpoint that this gateway does not have; leave "background" out.';
    const details = { type: 'invalid_request_error', param: 'background' };
    throw new ApiError(400, 'background_unsupported', message, details);
  }
}
