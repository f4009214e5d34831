/**
 * A call under way: what is known of it from the start, what it is answered with, and its record at the end.
 *
 * @module
 */
import type {
  Answerer,
  Drawn,
  Endpoint,
  FailedAttempt,
  Key,
  LaterFacts,
  NewCall,
  Route,
} from '@kolben/store';
import { answerTextOf } from '../audit/answer-text.ts';
import type { DriftCounter } from '../drift/drift-counter.ts';
import type { JsonObject } from '../json.ts';
import type { Charge } from '../ledger/charge.ts';
import type { Log } from '../log/log.ts';
import type { CallToRecord } from '../record/recorder.ts';
import type { StudentWord } from '../students/ask-student.ts';
import type { Target } from '../tasks/target.ts';
import { type CallWatch, noWatch } from '../telemetry/telemetry.ts';
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
  /** What the client calls it by. */
  clientRequestId: string | null;
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
  error?: { code: string; message: string } | undefined;
  /** The client had the end of its stream before the connection closed, whoever closed it. */
  taken?: (() => boolean) | undefined;
  /** Who failed before the teacher was asked, and how long that took, milliseconds; left out: nobody. */
  failedBefore?: readonly FailedAttempt[];
  waitedMs?: number;
  /** The student's word, where it was asked; where it's still to come, the record waits for it. */
  student?: StudentWord | null | Promise<StudentWord | null>;
}

export class OpenCall {
  readonly arrival: Arrival;
  readonly watch: CallWatch;
  readonly #log: Log;
  #end!: (ending: { ending: Ending; latencyMs: number }) => void;
  readonly #ended: Promise<{ ending: Ending; latencyMs: number }>;
  #hasEnded = false;
  #accepted: Promise<void> = Promise.resolve();

  constructor(arrival: Arrival, log: Log, watch: CallWatch) {
    this.arrival = arrival;
    this.watch = watch;
    this.#log = log;
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** How it ended. */
  get ended(): Promise<Ending> {
    return this.#ended.then(({ ending }) => ending);
  }

  /** Its record as it is when the answer is complete, and why it was this one who answered. */
  outcome(): Promise<{ record: NewCall; reason: Reason }> {
    return this.#ended.then(({ ending, latencyMs }) => ({
      record: this.#recordOf(ending, latencyMs),
      reason: ending.reason,
    }));
  }

  /** Milliseconds since the request came in. */
  elapsed(): number {
    return performance.now() - this.arrival.startedAt;
  }

  /** What the end of the answer has to wait for, once the answer is complete. */
  holdFor(accepted: Promise<void>): void {
    this.#accepted = accepted;
  }

  /**
   * The answer is complete, as far as it goes. Only the first ending counts.
   *
   * @returns resolves when the call can't be lost any more: the end of the answer must not go out before
   */
  end(ending: Ending): Promise<void> {
    this.#hasEnded = true;
    this.#end({ ending, latencyMs: this.elapsed() });
    return this.#accepted;
  }

  /** Resolves at once where the answer is still being written, else when it may go out. */
  async mayGoOut(): Promise<void> {
    if (this.#hasEnded) await this.#accepted;
  }

  /** The call's record, and what comes out after it: whether there was anybody to take the answer, and the student's word. */
  toRecord(drift?: DriftCounter): CallToRecord {
    return {
      id: this.arrival.id,
      complete: this.#ended.then(({ ending, latencyMs }) => this.#recordOf(ending, latencyMs)),
      later: this.#ended.then(({ ending, latencyMs }) => this.#factsAfter(ending, latencyMs, drift)),
    };
  }

  #recordOf(ending: Ending, latencyMs: number): NewCall {
    const { id, at, endpoint, target, key, route, request, clientRequestId, drawn, audited } = this.arrival;
    const student = ending.student instanceof Promise ? null : (ending.student ?? null);
    const escalated = leftToTeacher.has(ending.reason) && !audited;
    return {
      id,
      at,
      endpoint,
      task: target.task?.name ?? null,
      keyId: key.id,
      route,
      answeredBy: ending.answeredBy,
      provider: ending.teacher?.provider.name ?? null,
      model: ending.teacher?.model ?? null,
      request,
      response: ending.response,
      status: ending.status,
      latencyMs,
      ttftMs: ending.ttftMs ?? null,
      usage: ending.charge.usage,
      cost: ending.charge.cost,
      teacherCost: ending.charge.teacherCost,
      student,
      streamed: ending.streamed,
      clientRequestId,
      drawn: escalated && drawn !== 'chosen' ? 'escalated' : drawn,
      audited,
      agreed: agreementOf(ending, student),
      error: ending.error ?? null,
      reason: ending.reason,
      failedBefore: ending.failedBefore ?? [],
      waitedMs: ending.failedBefore?.length ? (ending.waitedMs ?? 0) : null,
    };
  }

  async #factsAfter(ending: Ending, latencyMs: number, drift: DriftCounter | undefined): Promise<LaterFacts> {
    const { id, at, target, endpoint, key, route, client } = this.arrival;
    client.mustRead();
    const delivered = await client.closed;
    const student = (await ending.student) ?? null;
    // A complete answer that nobody was there to take is no answer.
    const status = ending.status === 'ok' && !delivered && !ending.taken?.() ? 'aborted' : ending.status;
    const task = target.task?.name ?? null;
    if (student && task !== null) drift?.count(task, student, 'confidence', student.confidence, at);
    this.#log.info('call', {
      id,
      task,
      endpoint,
      key: key.id,
      route,
      answeredBy: ending.answeredBy,
      provider: ending.teacher?.provider.name,
      reason: ending.reason,
      status,
      error: ending.error?.code,
      latencyMs: Math.round(latencyMs),
      streamed: ending.streamed,
    });
    const facts: LaterFacts = {};
    if (status !== ending.status) facts.status = status;
    if (student && ending.student instanceof Promise) {
      facts.student = student;
      facts.agreed = agreementOf(ending, student);
    }
    if (this.watch !== noWatch)
      this.watch.end({ ...this.#recordOf(ending, latencyMs), ...facts }, ending.reason);
    return facts;
  }
}

/** Whether student and teacher said the same, where both have spoken. */
function agreementOf(ending: Ending, student: StudentWord | null): boolean | null {
  const isTeachers = ending.answeredBy === 'teacher' && ending.status === 'ok';
  const said = isTeachers ? answerTextOf(ending.response) : undefined;
  return said === undefined ? null : (student?.agrees(said) ?? null);
}
