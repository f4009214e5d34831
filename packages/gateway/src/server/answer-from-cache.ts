/**
 * Answers a call with what a teacher said to the very same question before.
 *
 * @module
 */
import { completionEvents } from '../cache/completion-events.ts';
import type { KeptAnswer } from '../cache/task-caches.ts';
import { isObject, parseJson } from '../json.ts';
import { Answer } from './answer.ts';
import { answerHeaders, eventStreamHeaders } from './answer-headers.ts';
import type { OpenCall } from './open-call.ts';

export function answerFromCache(call: OpenCall, kept: KeptAnswer): Answer {
  const { request } = call.arrival;
  const parsed = parseJson(kept.body);
  const completion = isObject(parsed) ? parsed : {};
  const isStreamed = request.stream === true;
  const charge = { usage: kept.usage, cost: 0, teacherCost: kept.teacherCost };
  const { teacher } = kept;
  void call.end({
    answeredBy: 'cache',
    teacher,
    status: 'ok',
    reason: 'cached',
    response: completion,
    charge,
    streamed: isStreamed,
    ...(isStreamed && { ttftMs: call.elapsed() }),
  });
  const headers = [
    ...answerHeaders(call.arrival, { answeredBy: 'cache', teacher, reason: 'cached', charge }),
    ...['x-kolben-first-call-id', kept.callId],
  ];
  if (!isStreamed) {
    return new Answer(kept.body, { headers: ['content-type', 'application/json', ...headers] });
  }
  const options = isObject(request.stream_options) ? request.stream_options : {};
  return new Answer(completionEvents(completion, options.include_usage === true), {
    headers: [...eventStreamHeaders, ...headers],
  });
}
