/**
 * What the endpoints have in common that students have no part in: the call goes to a teacher, whatever the task's route
 * is, and is recorded and charged like any other.
 *
 * @module
 */
import type { JsonObject } from '../json.ts';
import { nobody } from '../tasks/task-book.ts';
import type { Protocol } from '../upstream/protocols/protocol.ts';
import type { Answer } from './answer.ts';
import { answerFromTeacher } from './answer-from-teacher.ts';
import { ApiError } from './api-error.ts';
import type { Caller, Exchange, Services } from './services.ts';
import { takeCall } from './take-call.ts';

/** @param check looks at the request; throws ApiError 400 */
export function passThrough(
  services: Services,
  exchange: Exchange,
  caller: Caller,
  protocol: Protocol,
  check: (request: JsonObject) => void,
): Promise<Answer> {
  return takeCall(services, exchange, caller, {
    endpoint: protocol.endpoint,
    check,
    stateOf({ student }) {
      if (student) {
        const message = `A student answers chats; /v1/${protocol.endpoint} is for tasks and teachers.`;
        const details = { type: 'invalid_request_error', param: 'model' };
        throw new ApiError(400, 'model_unsuited', message, details);
      }
      return { route: 'teacher', student: undefined, withdrawn: nobody };
    },
    answer: (call) => answerFromTeacher(services.desks.teachers, call, protocol, { reason: 'route' }),
  });
}

/** @throws ApiError 400 where the request has no `input` */
export function checkInput(request: JsonObject): void {
  if (request.input != null && request.input !== '') return;
  const message = 'The request has no input: set "input" to what is to be read.';
  throw new ApiError(400, 'input_missing', message, { type: 'invalid_request_error', param: 'input' });
}
