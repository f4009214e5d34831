/**
 * One call that wants something set aside: what counters it looks at, whether there is room, and what it changes.
 *
 * @module
 */
import type { Insertable } from 'kysely';
import { subjectsOf } from '../counters/count-call.ts';
import { type Counter, type CounterKey, nameOf } from '../counters/counter.ts';
import { leftOfMinute, minuteOf, monthOf } from '../counters/period.ts';
import { StoreValueError } from '../errors.ts';
import { fromDate, toNanoUsd, toUsd } from '../integers.ts';
import type { ReservationsTable } from '../schema.ts';
import type {
  AdmissionAnswer,
  BudgetSubject,
  NewAdmission,
  NewReservation,
  ReservationAnswer,
} from './budget.ts';

export interface Verdict<Answer> {
  answer: Answer;
  granted: boolean;
  /** Refused for no more than what calls under way have set aside. */
  mayChange: boolean;
}

export interface Claim<Answer> {
  callId: string;
  /** The counters it counts in. */
  keys: readonly CounterKey[];
  /** What it adds to each of them when it is granted. */
  by: Partial<Counter>;
  /** The row that says what is set aside; undefined where that is nothing to be taken back. */
  reservation: Omit<Insertable<ReservationsTable>, 'instance_id'> | undefined;
  /** @param counters the state of `keys`, by `nameOf` */
  judge(counters: ReadonlyMap<string, Counter>): Verdict<Answer>;
}

/** @throws StoreValueError for amounts that are none */
export function moneyClaim(reservation: NewReservation): Claim<ReservationAnswer> {
  const { callId, task, keyId, budgets } = reservation;
  const period = monthOf(fromDate(reservation.at, 'The time of a reservation'));
  const amount = roundedUp(reservation.most, 'What a call can cost');
  const keys = subjectsOf(period, task, keyId);
  const limits = keys.flatMap((key) => {
    const subject = key.grain as BudgetSubject;
    const budget = budgets[subject];
    return budget === undefined
      ? []
      : [{ subject, name: nameOf(key), budget: toNanoUsd(budget, 'A budget') }];
  });
  return {
    callId,
    keys,
    by: { reserved_nano_usd: amount },
    reservation: {
      call_id: callId,
      what: 'money',
      amount,
      period,
      task: task ?? '',
      key_id: keyId ?? '',
    },
    judge: (counters) => {
      for (const { subject, name, budget } of limits) {
        const counter = counters.get(name);
        const spent = counter?.cost_nano_usd ?? 0n;
        const reserved = counter?.reserved_nano_usd ?? 0n;
        if (spent + reserved + amount <= budget) continue;
        const final = spent + amount > budget;
        return {
          granted: false,
          mayChange: !final,
          answer: {
            granted: false,
            subject,
            budget: toUsd(budget),
            spent: toUsd(spent),
            reserved: toUsd(reserved),
            final,
          },
        };
      }
      return { granted: true, mayChange: false, answer: { granted: true } };
    },
  };
}

/** @throws StoreValueError for numbers that are none */
export function minuteClaim(admission: NewAdmission): Claim<AdmissionAnswer> {
  const { callId, keyId, tokens } = admission;
  if (!Number.isSafeInteger(tokens) || tokens < 0) {
    throw new StoreValueError(
      `A call can use ${tokens} tokens, it says; it must be a whole number from 0 on.`,
    );
  }
  const { requestsPerMinute, tokensPerMinute } = admission.limits;
  const at = fromDate(admission.at, 'The time of an admission');
  const key = { grain: 'minute', period: minuteOf(at), keyId } as const;
  const amount = tokensPerMinute === undefined ? 0n : BigInt(tokens);
  const left = (limit: number, used: bigint) => ({
    limit,
    remaining: Math.max(0, limit - Number(used)),
  });
  return {
    callId,
    keys: [key],
    by: { admitted_calls: 1n, reserved_tokens: amount },
    reservation:
      tokensPerMinute === undefined
        ? undefined
        : { call_id: callId, what: 'tokens', amount, period: key.period, task: '', key_id: keyId },
    judge: (counters) => {
      const counter = counters.get(nameOf(key));
      const calls = counter?.admitted_calls ?? 0n;
      const used = (counter?.prompt_tokens ?? 0n) + (counter?.completion_tokens ?? 0n);
      const held = used + (counter?.reserved_tokens ?? 0n);
      const refusedBy =
        requestsPerMinute !== undefined && calls + 1n > requestsPerMinute
          ? 'requests'
          : tokensPerMinute !== undefined && held + amount > tokensPerMinute
            ? 'tokens'
            : undefined;
      const admitted = refusedBy === undefined;
      return {
        granted: admitted,
        mayChange: refusedBy === 'tokens' && used + amount <= tokensPerMinute!,
        answer: {
          admitted,
          ...(refusedBy && { refusedBy }),
          ...(requestsPerMinute !== undefined && {
            requests: left(requestsPerMinute, admitted ? calls + 1n : calls),
          }),
          ...(tokensPerMinute !== undefined && {
            tokens: left(tokensPerMinute, admitted ? held + amount : held),
          }),
          resetMs: leftOfMinute(at),
        },
      };
    },
  };
}

function roundedUp(usd: number, what: string): bigint {
  const nearest = toNanoUsd(usd, what);
  return Number(nearest) / 1e9 < usd ? nearest + 1n : nearest;
}
