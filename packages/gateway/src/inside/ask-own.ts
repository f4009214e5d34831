/**
 * Asks a task, a teacher or a student for a person at the console: a call like any other, without a client.
 *
 * @module
 */
import { isObject, parseJson } from '../json.ts';
import { chatWork } from '../server/chat.ts';
import type { Client } from '../server/client-connection.ts';
import type { Services } from '../server/services.ts';
import { openCall } from '../server/take-call.ts';
import type { OwnAnswer, OwnQuestion } from './gateway-inside.ts';

/** @throws ApiError where the call isn't taken at all */
export async function askOwn(services: Services, question: OwnQuestion): Promise<OwnAnswer> {
  const { model, key, signal } = question;
  const { stream: _never, ...rest } = question.request;
  const request = { ...rest, model };
  let give: (isTaken: boolean) => void = () => {};
  const closed = new Promise<boolean>((resolve) => {
    give = resolve;
  });
  const gone = new AbortController();
  const leave = () => gone.abort();
  const client: Client = {
    signal: gone.signal,
    closed,
    mustRead: () => {},
    isReading: () => {},
    drop: leave,
  };
  if (signal?.aborted) leave();
  signal?.addEventListener('abort', leave, { once: true });
  try {
    const { answer, call } = await openCall(services, key, chatWork(services), {
      connect: () => client,
      read: () => ({ text: JSON.stringify(request), request }),
      wishes: () => ({ drawn: 'chosen', cacheUse: 'none', clientRequestId: null }),
      lot: 1,
      isSample: false,
    });
    const said = typeof answer.body === 'string' ? parseJson(answer.body) : null;
    const { record, reason } = await call.outcome();
    const { task, route, answeredBy, provider, latencyMs, cost, teacherCost, usage, student } = record;
    const word = student && {
      ...{ id: student.id, answer: student.answer },
      ...{ confidence: student.confidence, certified: student.certified },
    };
    return {
      status: answer.status,
      body: isObject(said) ? said : {},
      error: answer.error ?? null,
      call: {
        ...{ id: call.arrival.id, task, route, answeredBy, provider, model: record.model, latencyMs },
        ...{ cost, teacherCost, usage, student: word ?? null },
      },
      reason,
    };
  } finally {
    signal?.removeEventListener('abort', leave);
    give(!gone.signal.aborted);
  }
}
