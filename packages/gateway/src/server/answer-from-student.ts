/**
 * Answers a call with the student's word.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { isObject } from '../json.ts';
import { chargeStudent } from '../ledger/charge.ts';
import type { StudentWord } from '../students/ask-student.ts';
import { studentCompletion, studentEvents } from '../students/student-completion.ts';
import { modelName, studentName } from '../tasks/model-names.ts';
import type { Task } from '../tasks/task.ts';
import { Answer } from './answer.ts';
import { answerHeaders, eventStreamHeaders } from './answer-headers.ts';
import type { OpenCall, Reason } from './open-call.ts';

export function answerFromStudent(call: OpenCall, task: Task, student: StudentWord, reason: Reason): Answer {
  const { request, at, target } = call.arrival;
  const { tokens, ...charge } = chargeStudent(task, request, student.answer);
  const from = {
    // Its random bytes are drawn many at a time.
    id: `chatcmpl-${randomUUID().replaceAll('-', '')}`,
    created: Math.floor(at.getTime() / 1000),
    model: target.student?.id === undefined ? modelName(task.name) : studentName(target.student.id),
    answer: student.answer,
    tokens,
  };
  const completion = studentCompletion(from);
  const isStreamed = request.stream === true;
  void call.end({
    answeredBy: 'student',
    status: 'ok',
    reason,
    response: completion,
    charge,
    streamed: isStreamed,
    ...(isStreamed && { ttftMs: call.elapsed() }),
    student,
  });
  const headers = answerHeaders(call.arrival, { answeredBy: 'student', reason, student, charge });
  if (!isStreamed) {
    return new Answer(JSON.stringify(completion), {
      headers: ['content-type', 'application/json', ...headers],
    });
  }
  const options = isObject(request.stream_options) ? request.stream_options : {};
  return new Answer(studentEvents(from, options.include_usage === true), {
    headers: [...eventStreamHeaders, ...headers],
  });
}
