/**
 * The headers that tell who answered, why, how sure it is and what it cost.
 *
 * @module
 */
import type { Answerer, StudentAnswer } from '@kolben/store';
import type { Charge } from '../ledger/charge.ts';
import type { Teacher } from '../upstream/provider.ts';
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

export function answerHeaders(arrival: Arrival, told: Told): Record<string, string> {
  const headers: Record<string, string> = {
    ...callHeaders(arrival),
    'x-kolben-answered-by': told.answeredBy,
    'x-kolben-reason': told.reason,
  };
  if (told.teacher) {
    headers['x-kolben-provider'] = told.teacher.provider.name;
    headers['x-kolben-model'] = headerText(told.teacher.model);
  }
  if (told.student) {
    headers['x-kolben-confidence'] = told.student.confidence.toFixed(6);
    headers['x-kolben-certified'] = String(told.student.certified);
  }
  if (told.charge) {
    headers['x-kolben-cost-usd'] = usd(told.charge.cost);
    headers['x-kolben-teacher-cost-usd'] = usd(told.charge.teacherCost);
    headers['x-kolben-cost-avoided-usd'] = usd(told.charge.teacherCost - told.charge.cost);
  }
  if (told.reserved !== undefined) headers['x-kolben-reserved-usd'] = usd(told.reserved);
  return headers;
}

/** Those that go with an error too. `x-request-id` is where OpenAI's clients look for one. */
export function callHeaders(arrival: Arrival): Record<string, string> {
  return { 'x-kolben-call-id': arrival.id, 'x-kolben-route': arrival.route, 'x-request-id': arrival.id };
}

/** A model's name may hold what no header can. */
function headerText(text: string): string {
  return /^[\x21-\x7e]+$/.test(text) ? text : encodeURIComponent(text);
}

/** Plain decimals, to the nano-dollar, which is how the ledger keeps them. */
export function usd(amount: number): string {
  return amount.toFixed(9).replace(/\.?0+$/, '');
}
