/**
 * Decides, by the task's route, who answers a call.
 *
 * @module
 */
import type { AuditDesk } from '../audit/audit-desk.ts';
import type { TaskCaches } from '../cache/task-caches.ts';
import type { DriftCounter } from '../drift/drift-counter.ts';
import { noCharge } from '../ledger/charge.ts';
import {
  askStudent,
  type NoOpinion,
  type Opinion,
  type StudentDesk,
  type StudentWord,
} from '../students/ask-student.ts';
import { studentName } from '../tasks/model-names.ts';
import type { TaskState } from '../tasks/task-book.ts';
import { chatProtocol } from '../upstream/protocols/chat.ts';
import type { Answer } from './answer.ts';
import { answerFromCache } from './answer-from-cache.ts';
import { answerFromStudent } from './answer-from-student.ts';
import { answerFromTeacher, type TeacherDesk, type TeacherTurn } from './answer-from-teacher.ts';
import { callHeaders } from './answer-headers.ts';
import { ApiError, errorAnswer } from './api-error.ts';
import type { OpenCall, Reason } from './open-call.ts';

export interface Desks {
  students: StudentDesk;
  teachers: TeacherDesk;
  caches: TaskCaches;
  audits: AuditDesk;
  drift: DriftCounter;
}

/** What holds for a call's task, and the call's own way into the record. */
export interface Standing extends Pick<TaskState, 'student' | 'withdrawn'> {
  /** Resolves when the call is recorded, or known not to be. */
  recorded: Promise<unknown>;
}

/**
 * - `teacher`: the teacher.
 * - `shadow`: the teacher; the student is asked too, and nobody waits for it.
 * - `cascade`: the student where it is certified, not withdrawn, and sure enough, else the teacher. Where the lot fell on
 *   the call, the teacher is asked about the student's answer too, in the background.
 * - `student`: the student, sure or not; an error where there is none or the request is not for it.
 *
 * Where a teacher might answer, and the task has a cache, what one said to the very same question before goes first.
 */
export async function answerCall(
  desks: Desks,
  call: OpenCall,
  { student, withdrawn, recorded }: Standing,
): Promise<Answer> {
  const { target, route, request, audited } = call.arrival;
  const teacher = (turn: TeacherTurn) => answerFromTeacher(desks.teachers, call, chatProtocol, turn);
  // Who names a teacher gets that teacher.
  const { task } = target;
  if (!task) return teacher({ reason: 'route' });
  // What the lot fell on is to be heard of both, student and teacher.
  if (route !== 'student' && !audited) {
    const kept = await desks.caches.find(call.arrival, task);
    if (kept) return answerFromCache(call, kept);
  }
  // A student that is called by its own name must not push the task's out of its place.
  const place = target.student?.id === undefined ? task.name : studentName(target.student.id);
  const ask = async () => {
    const end = call.watch.attempt({ kind: 'student', task: task.name });
    const opinion = await askStudent(desks.students, { name: place, config: task.config }, student, request);
    end(outcomes[opinion.kind], opinion.kind === 'failed' ? 'student_failed' : undefined);
    return opinion;
  };
  switch (route) {
    case 'teacher':
      return teacher({ reason: 'route' });
    case 'shadow':
      return teacher({ reason: 'route', pending: ask().then(wordOf) });
    case 'cascade': {
      if (student?.digest !== undefined && withdrawn.has(student.digest))
        return teacher({ reason: 'withdrawn' });
      const opinion = await ask();
      if (opinion.kind !== 'opinion') return teacher({ reason: reasons[opinion.kind] });
      const word = opinion.opinion;
      // The student of a folder that the configuration names, or one that still stands in for the next.
      if (withdrawn.has(word.digest)) return teacher({ reason: 'withdrawn', student: word });
      if (audited) countUnknown(desks.drift, task.name, call, word);
      if (word.certified) {
        if (audited) desks.audits.take({ call, task, word, recorded });
        return answerFromStudent(call, task, word, 'confident');
      }
      const reason = opinion.certificate ? 'unsure' : 'no-certificate';
      return teacher({ reason, student: word });
    }
    case 'student': {
      const opinion = await ask();
      return opinion.kind === 'opinion'
        ? answerFromStudent(call, task, opinion.opinion, 'route')
        : refuse(call, refusal(opinion, task.name));
    }
  }
}

const outcomes = { opinion: 'ok', none: 'none', unsupported: 'none', failed: 'failed' } as const;

const reasons: Record<NoOpinion['kind'], Reason> = {
  unsupported: 'request-unsupported',
  none: 'no-student',
  failed: 'student-failed',
};

/** Of the calls that the lot fell on: reading a text once more costs too much for all. */
function countUnknown(drift: DriftCounter, task: string, { arrival }: OpenCall, word: StudentWord): void {
  void word.unknown().then((share) => {
    if (share !== null) drift.count(task, word, 'unknownGrams', share, arrival.at);
  });
}

function wordOf(opinion: Opinion): StudentWord | null {
  return opinion.kind === 'opinion' ? opinion.opinion : null;
}

function refusal(why: NoOpinion, task: string): ApiError {
  switch (why.kind) {
    case 'unsupported': {
      const message = `This task is answered by a student alone, which gives one answer of its kind to one text; it can't serve a request with "${why.obstacle}" as it is.`;
      const details = { type: 'invalid_request_error', param: why.obstacle };
      return new ApiError(400, 'request_unsupported', message, details);
    }
    case 'none': {
      const message = 'This task is to be answered by a student alone, and it has none yet.';
      return new ApiError(503, 'student_missing', message, { type: 'server_error', values: { task } });
    }
    case 'failed': {
      const message = "This task's student could not answer; the gateway's log says why.";
      return new ApiError(503, 'student_failed', message, { type: 'server_error' });
    }
  }
}

function refuse(call: OpenCall, error: ApiError): Answer {
  void call.end({
    answeredBy: 'student',
    status: 'error',
    reason: 'route',
    response: null,
    charge: noCharge,
    streamed: false,
    error: { code: error.code, message: error.message },
  });
  return errorAnswer(error, callHeaders(call.arrival));
}
