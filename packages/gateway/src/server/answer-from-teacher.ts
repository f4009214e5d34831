/**
 * Answers a call with a teacher's word: the teacher's, or that of a fallback where it can't answer.
 *
 * @module
 */
import type { Purse } from '../budgets/purse.ts';
import { isObject, parseJson } from '../json.ts';
import { type Charge, chargeTeacher, learnUsage, noCharge, withLost } from '../ledger/charge.ts';
import type { Log } from '../log/log.ts';
import type { StudentWord } from '../students/ask-student.ts';
import type { ProviderAnswer } from '../upstream/call-provider.ts';
import { Gone } from '../upstream/gone.ts';
import type { Protocol, TeacherRequest } from '../upstream/protocols/protocol.ts';
import type { Teacher } from '../upstream/provider.ts';
import { brokeOff, fromProvider, notAnAnswer, tooLarge, tooSlow } from '../upstream/provider-errors.ts';
import { relayStream } from '../upstream/relay-stream.ts';
import type { InVain, Upstream } from '../upstream/upstream.ts';
import { Answer } from './answer.ts';
import { answerHeaders } from './answer-headers.ts';
import { ApiError, errorAnswer } from './api-error.ts';
import type { Ending, OpenCall, Reason } from './open-call.ts';
import { spenderOf } from './spender-of.ts';

export interface TeacherDesk {
  upstream: Upstream;
  purse: Purse;
  log: Log;
}

export interface TeacherTurn {
  reason: Reason;
  /** The student's word, where it was asked first. */
  student?: StudentWord | undefined;
  /** The student's word that is still to come (`shadow`); for the record alone. */
  pending?: Promise<StudentWord | null> | undefined;
}

/** A turn once somebody has been asked. */
interface Asked extends TeacherTurn, InVain {
  protocol: Protocol;
  /** Who answers, or was asked last; undefined: nobody was asked. */
  teacher: Teacher | undefined;
  /** What was set aside for the call, USD; undefined where there is no budget. */
  reserved: number | undefined;
}

/** After these, in the middle of an answer, the provider has read the prompt, and will bill it. */
const atWork = new Set([tooSlow(), brokeOff(), tooLarge()].map((error) => error.code));

const nothingInVain: InVain = { lost: [], failedBefore: [], waitedMs: 0 };

/** Never rejects: what goes wrong at the provider is an answer too, and a record. */
export async function answerFromTeacher(
  desk: TeacherDesk,
  call: OpenCall,
  protocol: Protocol,
  turn: TeacherTurn,
): Promise<Answer> {
  const { id, target, text, request, client } = call.arrival;
  const { task, teachers, estimator } = target;
  let reserved: number | undefined;
  try {
    const prices = teachers.map(({ price }) => price);
    reserved = await desk.purse.reserve(spenderOf(call.arrival), prices);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const nobody = { ...turn, ...nothingInVain, protocol, teacher: undefined, reserved };
    const told = { code: error.code, message: error.message };
    const how = { status: 'error', response: null, charge: noCharge, streamed: false, error: told } as const;
    void call.end(ending(nobody, how));
    return errorAnswer(error, headersOf(call, nobody, noCharge));
  }
  const wasThere = !client.signal.aborted;
  const requests = new Map<Teacher, TeacherRequest>();
  const outcome = await desk.upstream.ask({
    id,
    task: task?.name ?? null,
    endpoint: protocol.endpoint,
    teachers,
    isFenced: task?.isFenced ?? false,
    signal: client.signal,
    watch: call.watch,
    bodyFor(teacher) {
      const made = requests.get(teacher) ?? protocol.requestFor(text, request, teacher, teachers[0]);
      requests.set(teacher, made);
      return made.body;
    },
  });
  // Written out: objects that are spread into others take a call more time than what is in them.
  const asked: Asked = {
    reason: turn.reason,
    student: turn.student,
    pending: turn.pending,
    protocol,
    teacher: outcome.teacher,
    lost: outcome.lost,
    failedBefore: outcome.failedBefore,
    waitedMs: outcome.waitedMs,
    reserved,
  };
  const prompt = async (of: Teacher | undefined) =>
    of ? chargeTeacher(of, estimator, request, null, undefined) : noCharge;
  const gone = async (isUnderWay: boolean) => {
    const charge = total(call, asked, isUnderWay ? await prompt(asked.teacher) : noCharge);
    void call.end(ending(asked, { status: 'aborted', response: null, charge, streamed: false }));
    return new Answer(null, { status: 499 });
  };
  const failed = (error: ApiError, charge: Charge) => {
    const told = { code: error.code, message: error.message };
    void call.end(ending(asked, { status: 'error', response: null, charge, streamed: false, error: told }));
    return errorAnswer(error, headersOf(call, asked, charge));
  };
  if (outcome.kind === 'gone') return gone(outcome.isUnderWay && wasThere);
  if (outcome.kind === 'failed') {
    const billing = outcome.lost.at(-1);
    const others = { ...asked, lost: outcome.lost.slice(0, -1) };
    const charge = billing ? total(call, others, await prompt(billing)) : noCharge;
    return failed(outcome.error, charge);
  }
  const { answer, teacher } = outcome;
  try {
    return isStream(answer.contentType)
      ? streamed(desk, call, asked, teacher, answer, requests.get(teacher)!.stripUsage)
      : await plain(call, asked, teacher, await answer.text());
  } catch (error) {
    if (error instanceof Gone) return gone(true);
    if (!(error instanceof ApiError)) throw error;
    tellOf(desk, call, teacher, error);
    return failed(error, total(call, asked, atWork.has(error.code) ? await prompt(teacher) : noCharge));
  }
}

function isStream(contentType: string): boolean {
  return contentType !== 'application/json' && /^text\/event-stream\b/i.test(contentType);
}

async function plain(call: OpenCall, asked: Asked, teacher: Teacher, body: string): Promise<Answer> {
  const { target, request } = call.arrival;
  const { protocol } = asked;
  const said = parseJson(body);
  const first = target.teachers[0];
  const translated = isObject(said) ? protocol.translate?.(said, false, teacher, first) : undefined;
  const answer = translated ?? said;
  if (!isObject(answer) || !protocol.isAnswer(answer)) {
    // Some providers send their errors with status 200.
    if (isObject(answer) && answer.error != null) throw fromProvider(502, body, {}, teacher.provider.key);
    throw notAnAnswer();
  }
  const own = await chargeTeacher(teacher, target.estimator, request, answer, protocol.usageOf(answer));
  const charge = total(call, asked, own);
  if (target.task && protocol.endpoint === 'chat') learnUsage(target.task, request, answer);
  void call.end(ending(asked, { status: 'ok', response: answer, charge, streamed: false }));
  const headers = headersOf(call, asked, charge);
  headers.push('content-type', 'application/json');
  return new Answer(translated ? JSON.stringify(translated) : body, { headers });
}

function streamed(
  desk: TeacherDesk,
  call: OpenCall,
  asked: Asked,
  teacher: Teacher,
  answer: ProviderAnswer,
  stripUsage: boolean,
): Answer {
  const { target, request, startedAt } = call.arrival;
  const { protocol } = asked;
  const pieces = relayStream(answer.body, {
    protocol,
    stripUsage,
    translate: (said) => protocol.translate?.(said, true, teacher, target.teachers[0]),
    secret: teacher.provider.key,
    heard: async ({ answer: heard, status, taken, firstTokenAt, error }) => {
      if (error) tellOf(desk, call, teacher, error);
      const usage = heard ? protocol.usageOf(heard) : undefined;
      const own = await chargeTeacher(teacher, target.estimator, request, heard, usage);
      const charge = total(call, asked, own);
      if (status === 'ok' && heard && target.task && protocol.endpoint === 'chat')
        learnUsage(target.task, request, heard);
      const ttftMs = firstTokenAt === undefined ? undefined : firstTokenAt - startedAt;
      const how = {
        status,
        response: heard,
        charge,
        streamed: true,
        ttftMs,
        taken,
        ...(error && { error }),
      };
      return call.end(ending(asked, how));
    },
  });
  return new Answer(pieces, {
    headers: [
      ...['content-type', answer.contentType],
      // Proxies that gather a response before they pass it on would undo the streaming.
      ...['x-accel-buffering', 'no'],
      ...headersOf(call, asked, undefined),
    ],
  });
}

/** What went wrong once an answer had begun; before that `Upstream` tells of it. */
function tellOf(
  { upstream, log }: TeacherDesk,
  call: OpenCall,
  { provider, model }: Teacher,
  error: { code: string; status?: number; forLog?: string | undefined },
): void {
  upstream.failedLater(provider);
  log.warn('provider_failed', {
    id: call.arrival.id,
    task: call.arrival.target.task?.name ?? null,
    provider: provider.name,
    model,
    reason: error.code,
    detail: error.forLog,
    status: error.status,
  });
}

function total(call: OpenCall, { lost }: Pick<Asked, 'lost'>, charge: Charge): Charge {
  const { target, request } = call.arrival;
  return withLost(charge, lost, target.estimator, request);
}

function headersOf(call: OpenCall, asked: Asked, charge: Charge | undefined): string[] {
  return answerHeaders(call.arrival, {
    answeredBy: 'teacher',
    teacher: asked.teacher,
    reason: asked.reason,
    student: asked.student,
    charge,
    reserved: asked.reserved,
  });
}

function ending(asked: Asked, how: Omit<Ending, 'answeredBy' | 'teacher' | 'reason' | 'student'>): Ending {
  return {
    answeredBy: 'teacher',
    teacher: asked.teacher,
    reason: asked.reason,
    student: asked.pending ?? asked.student ?? null,
    status: how.status,
    response: how.response,
    charge: how.charge,
    streamed: how.streamed,
    ttftMs: how.ttftMs,
    error: how.error,
    taken: how.taken,
    failedBefore: asked.failedBefore,
    waitedMs: asked.waitedMs,
  };
}
