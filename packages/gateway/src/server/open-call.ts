/**
 * A call under way: what is known of it from the start, what it is answered with, and its record at the end.
 *
 * @module
 */
import type { Answerer, Drawn, Endpoint, Key, NewCall, Route } from '@kolben/store';
import { answerTextOf } from '../audit/answer-text.ts';
import type { DriftCounter } from '../drift/drift-counter.ts';
import type { JsonObject } from '../json.ts';
import type { Charge } from '../ledger/charge.ts';
import type { Log } from '../log/log.ts';
import type { StudentWord } from '../students/ask-student.ts';
import type { Target } from '../tasks/target.ts';
import type { Teacher } from '../upstream/provider.ts';
import type { Client } from './client-connection.ts';

/** What is known when the request has been read. */
export interface Arrival {
  id: string;
  at: Date;
  /** `performance.now()` at its arrival. */
  startedAt: number;
  key: Pick<Key, 'id' | 'limits'>;
  endpoint: Endpoint;
  /** Whom it is for. */
  target: Target;
  route: Route;
  /** The body as the client wrote it, and what it says. */
  text: string;
  request: JsonObject;
  /** How labelling found the input, where it was labelling that asks. */
  drawn: Drawn | null;
  /** The lot fell on it: it is asked of student and teacher both (cascade). */
  audited: boolean;
  client: Client;
  /** What the client allows its answer to have to do with a cache (`cache-control`). */
  cacheUse: 'read-write' | 'write' | 'none';
}

/** Why it was this one who answered. */
export type Reason =
  /** The route says so. */
  | 'route'
  /** cascade: the student's confidence reached the certificate's threshold, … */
  | 'confident'
  /** … or didn't. */
  | 'unsure'
  /** cascade: the student has no certificate. */
  | 'no-certificate'
  /** cascade: there is no student. */
  | 'no-student'
  /** cascade: the student was withdrawn, because it kept its promise no longer. */
  | 'withdrawn'
  /** cascade: the student couldn't be loaded, failed or was too slow. */
  | 'student-failed'
  /** cascade: the request asks for what no student can give. */
  | 'request-unsupported'
  /** The very same question was answered before. */
  | 'cached';

/** With these the teacher got the call for what the call is: such calls are no random sample. */
const leftToTeacher: ReadonlySet<Reason> = new Set(['unsure', 'student-failed', 'request-unsupported']);

/** How it ended. */
export interface Ending {
  answeredBy: Answerer;
  /** Who answered, or was asked last without an answer; undefined: no teacher was asked. */
  teacher?: Teacher | undefined;
  status: NewCall['status'];
  reason: Reason;
  response: JsonObject | null;
  charge: Charge;
  streamed: boolean;
  ttftMs?: number | undefined;
  error?: { code: string; message: string };
  /** The client had the end of its stream before the connection closed, whoever closed it. */
  taken?: boolean;
  /** The student's word, where it was asked; the record waits for it. */
  student?: Promise<StudentWord | null>;
}

export class OpenCall {
  readonly arrival: Arrival;
  readonly #log: Log;
  #end!: (ending: { ending: Ending; latencyMs: number }) => void;
  readonly #ended: Promise<{ ending: Ending; latencyMs: number }>;

  constructor(arrival: Arrival, log: Log) {
    this.arrival = arrival;
    this.#log = log;
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** How it ended. */
  get ended(): Promise<Ending> {
    return this.#ended.then(({ ending }) => ending);
  }

  /** Milliseconds since the request came in. */
  elapsed(): number {
    return performance.now() - this.arrival.startedAt;
  }

  /** The answer is complete, as far as it goes. Only the first ending counts. */
  end(ending: Ending): void {
    this.#end({ ending, latencyMs: this.elapsed() });
  }

  /** The call's record; resolves when the answer has gone out (or its client has gone). */
  async record(drift?: DriftCounter): Promise<NewCall> {
    const { arrival } = this;
    const { ending, latencyMs } = await this.#ended;
    arrival.client.mustRead();
    const delivered = await arrival.client.closed;
    const student = (await ending.student) ?? null;
    // A complete answer that nobody was there to take is no answer.
    const status = ending.status === 'ok' && !delivered && !ending.taken ? 'aborted' : ending.status;
    const { endpoint, route } = arrival;
    const task = arrival.target.task?.name ?? null;
    const isTeachers = ending.answeredBy === 'teacher' && ending.status === 'ok';
    const said = isTeachers ? answerTextOf(ending.response) : undefined;
    const agreed = said === undefined ? null : (student?.agrees(said) ?? null);
    if (student && task !== null) drift?.count(task, student, 'confidence', student.confidence, arrival.at);
    const escalated = leftToTeacher.has(ending.reason) && !arrival.audited;
    this.#log.info('call', {
      id: arrival.id,
      task,
      endpoint,
      key: arrival.key.id,
      route,
      answeredBy: ending.answeredBy,
      provider: ending.teacher?.provider.name,
      reason: ending.reason,
      status,
      error: ending.error?.code,
      latencyMs: Math.round(latencyMs),
      streamed: ending.streamed,
    });
    return {
      id: arrival.id,
      at: arrival.at,
      endpoint,
      task,
      keyId: arrival.key.id,
      route,
      answeredBy: ending.answeredBy,
      provider: ending.teacher?.provider.name ?? null,
      model: ending.teacher?.model ?? null,
      request: arrival.request,
      response: ending.response,
      status,
      latencyMs,
      ttftMs: ending.ttftMs ?? null,
      usage: ending.charge.usage,
      cost: ending.charge.cost,
      teacherCost: ending.charge.teacherCost,
      student,
      streamed: ending.streamed,
      drawn: escalated && arrival.drawn !== 'chosen' ? 'escalated' : arrival.drawn,
      audited: arrival.audited,
      agreed,
      error: ending.error ?? null,
    };
  }
}
