/**
 * `POST /v1/chat/completions`.
 *
 * @module
 */
import type { JsonObject } from '../json.ts';
import { nobody } from '../tasks/task-book.ts';
import type { Answer } from './answer.ts';
import { answerCall } from './answer-call.ts';
import { ApiError } from './api-error.ts';
import type { Caller, Exchange, Services } from './services.ts';
import { type EndpointWork, takeCall } from './take-call.ts';

export function chat(services: Services, exchange: Exchange, caller: Caller): Promise<Answer> {
  return takeCall(services, exchange, caller, chatWork(services));
}

/** What is done for a chat, wherever it comes from. */
export function chatWork(services: Services): EndpointWork {
  return {
    endpoint: 'chat',
    check: checkChat,
    stateOf({ task, student }) {
      if (student) return { route: 'student', student, withdrawn: nobody };
      return task ? services.book.state(task) : { route: 'teacher', student: undefined, withdrawn: nobody };
    },
    answer: (call, standing) => answerCall(services.desks, call, standing),
  };
}

/** What it says beyond that is the teacher's to judge. */
function checkChat(request: JsonObject): void {
  if (!Array.isArray(request.messages) || request.messages.length === 0) {
    throw invalid(
      'messages_missing',
      'The request has no messages: "messages" must be a list of at least one.',
      'messages',
    );
  }
  if (request.stream != null && typeof request.stream !== 'boolean') {
    throw invalid('stream_invalid', '"stream" must be true or false.', 'stream');
  }
}

function invalid(code: string, message: string, param: string): ApiError {
  return new ApiError(400, code, message, { type: 'invalid_request_error', param });
}
