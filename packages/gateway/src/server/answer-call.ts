/**
 * Decides, by the task's route, who answers a call.
 *
 * @module
 */
import type { StudentAnswer } from '@kolben/store';
import { noCharge } from '../ledger/charge.ts';
import { askStudent, type NoOpinion, type Opinion, type StudentDesk } from '../students/ask-student.ts';
import type { StudentReference } from '../students/student-pool.ts';
import { studentName } from '../tasks/model-names.ts';
import { chatProtocol } from '../upstream/protocols/chat.ts';
import { answerFromStudent } from './answer-from-student.ts';
import { answerFromTeacher, type TeacherDesk, type TeacherTurn } from './answer-from-teacher.ts';
import { callHeaders } from './answer-headers.ts';
import { ApiError, errorResponse } from './api-error.ts';
import type { OpenCall, Reason } from './open-call.ts';

export interface Desks {
  students: StudentDesk;
  teachers: TeacherDesk;
}

/**
 * - `teacher`: the teacher.
 * - `shadow`: the teacher; the student is asked too, and nobody waits for it.
 * - `cascade`: the student where it is certified and sure enough, else the teacher.
 * - `student`: the student, sure or not; an error where there is none or the request is not for it.
 */
export async function answerCall(
  desks: Desks,
  call: OpenCall,
  student: StudentReference | undefined,
): Promise<Response> {
  const { target, route, request } = call.arrival;
  const teacher = (turn: TeacherTurn) => answerFromTeacher(desks.teachers, call, chatProtocol, turn);
  // Who names a teacher gets that teacher.
  const { task } = target;
  if (!task) return teacher({ reason: 'route' });
  // A student that is called by its own name must not push the task's out of its place.
  const place = target.student?.id === undefined ? task.name : studentName(target.student.id);
  const ask = () => askStudent(desks.students, { name: place, config: task.config }, student, request);
  switch (route) {
    case 'teacher':
      return teacher({ reason: 'route' });
    case 'shadow':
      return teacher({ reason: 'route', pending: ask().then(wordOf) });
    case 'cascade': {
      const opinion = await ask();
      if (opinion.kind !== 'opinion') return teacher({ reason: reasons[opinion.kind] });
      if (opinion.opinion.certified) return answerFromStudent(call, task, opinion.opinion, 'confident');
      const reason = opinion.certificate ? 'unsure' : 'no-certificate';
      return teacher({ reason, student: opinion.opinion });
    }
    case 'student': {
      const opinion = await ask();
      return opinion.kind === 'opinion'
        ? answerFromStudent(call, task, opinion.opinion, 'route')
        : refuse(call, refusal(opinion));
    }
  }
}

const reasons: Record<NoOpinion['kind'], Reason> = {
  unsupported: 'request-unsupported',
  none: 'no-student',
  failed: 'student-failed',
};

function wordOf(opinion: Opinion): StudentAnswer | null {
  return opinion.kind === 'opinion' ? opinion.opinion : null;
}

function refusal(why: NoOpinion): ApiError {
  switch (why.kind) {
    case 'unsupported': {
      const message = `This task is answered by a student alone, which gives one answer of its kind to one text; it can't serve a request with "${why.obstacle}" as it is.`;
      const details = { type: 'invalid_request_error', param: why.obstacle };
      return new ApiError(400, 'request_unsupported', message, details);
    }
    case 'none': {
      const message = 'This task is to be answered by a student alone, and it has none yet.';
      return new ApiError(503, 'student_missing', message, { type: 'server_error' });
    }
    case 'failed': {
      const message = "This task's student could not answer; the gateway's log says why.";
      return new ApiError(503, 'student_failed', message, { type: 'server_error' });
    }
  }
}

function refuse(call: OpenCall, error: ApiError): Response {
  void call.end({
    answeredBy: 'student',
    status: 'error',
    reason: 'route',
    response: null,
    charge: noCharge,
    streamed: false,
    error: { code: error.code, message: error.message },
  });
  return errorResponse(error, callHeaders(call.arrival));
}
