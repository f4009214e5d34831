/**
 * The headers that tell who answered, why, how sure it is and what it cost.
 *
 * @module
 */
import type { Answerer, StudentAnswer } from '@kolben/store';
import type { Charge } from '../ledger/charge.ts';
import type { Teacher } from '../upstream/provider.ts';
import type { HeaderList } from './answer.ts';
import type { Arrival, Reason } from './open-call.ts';

export interface Told {
  answeredBy: Answerer;
  /** The teacher that really answered, or was asked last. */
  teacher?: Teacher | undefined;
  reason: Reason;
  /** The student's word, where it was asked before the answer went out. */
  student?: StudentAnswer | undefined;
  /** Left out where it isn't known yet: a stream's cost is known at its end, and then headers are long gone. */
  charge?: Charge | undefined;
  /** What was set aside for it, where there is a budget: it won't cost more. USD. */
  reserved?: number | undefined;
}

/** Of a stream that the gateway makes itself. */
export const eventStreamHeaders: HeaderList = [
  ...['content-type', 'text/event-stream; charset=utf-8'],
  // Proxies that gather a response before they pass it on would undo the streaming.
  ...['x-accel-buffering', 'no'],
];

export function answerHeaders(arrival: Arrival, told: Told): string[] {
  const headers = callHeaders(arrival);
  headers.push('x-kolben-answered-by', told.answeredBy, 'x-kolben-reason', told.reason);
  if (told.teacher) {
    const { provider, model } = told.teacher;
    headers.push('x-kolben-provider', provider.name, 'x-kolben-model', headerText(model));
  }
  if (told.student) {
    headers.push('x-kolben-confidence', told.student.confidence.toFixed(6));
    headers.push('x-kolben-certified', String(told.student.certified));
  }
  if (told.charge) {
    const { cost, teacherCost } = told.charge;
    const costUsd = usd(cost);
    headers.push('x-kolben-cost-usd', costUsd);
    headers.push('x-kolben-teacher-cost-usd', teacherCost === cost ? costUsd : usd(teacherCost));
    headers.push('x-kolben-cost-avoided-usd', usd(teacherCost - cost));
  }
  if (told.reserved !== undefined) headers.push('x-kolben-reserved-usd', usd(told.reserved));
  return headers;
}

/** Those that go with an error too. `x-request-id` is where OpenAI's clients look for one. */
export function callHeaders({ id, route }: Arrival): string[] {
  return ['x-kolben-call-id', id, 'x-kolben-route', route, 'x-request-id', id];
}

/** A model's name may hold what no header can. */
function headerText(text: string): string {
  return /^[\x21-\x7e]+$/.test(text) ? text : encodeURIComponent(text);
}

/** Plain decimals, to the nano-dollar, which is how the ledger keeps them. */
export function usd(amount: number): string {
  return amount === 0 ? '0' : amount.toFixed(9).replace(/\.?0+$/, '');
}
