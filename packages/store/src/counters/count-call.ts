/**
 * What a recorded call adds to the counters.
 *
 * @module
 */
import type { Insertable, Selectable } from 'kysely';
import { toBigInt } from '../integers.ts';
import type { CallsTable } from '../schema.ts';
import type { Counter, CounterChanges, CounterKey } from './counter.ts';
import { monthOf } from './period.ts';

/** The rows that a call of this month, task and key belongs to: those that budgets look at. */
export function subjectsOf(period: string, task: string | null, keyId: string | null): CounterKey[] {
  return [
    { grain: 'total', period },
    { grain: 'task', period, task: task ?? '' },
    ...(keyId === null ? [] : [{ grain: 'key', period, keyId } as const]),
  ];
}

/** What a call cost beyond its record, such as the teacher's answer in an audit. */
export function countCost(
  call: Pick<Selectable<CallsTable>, 'at' | 'task' | 'key_id' | 'answered_by'>,
  cost: bigint,
  changes: CounterChanges,
): void {
  const period = monthOf(Number(call.at));
  const by = { cost_nano_usd: cost };
  for (const subject of subjectsOf(period, call.task, call.key_id)) changes.add(subject, by);
  changes.add({ grain: 'answerer', period, task: call.task ?? '', answeredBy: call.answered_by }, by);
}

export function countCall(figures: Insertable<CallsTable>, changes: CounterChanges): void {
  const period = monthOf(Number(figures.at));
  const task = figures.task ?? '';
  const by: Partial<Counter> = {
    calls: 1n,
    estimated_calls: toBigInt(figures.usage_estimated),
    prompt_tokens: toBigInt(figures.prompt_tokens),
    completion_tokens: toBigInt(figures.completion_tokens),
    cached_tokens: toBigInt(figures.cached_tokens),
    cache_write_tokens: toBigInt(figures.cache_write_tokens),
    reasoning_tokens: toBigInt(figures.reasoning_tokens),
    audio_input_tokens: toBigInt(figures.audio_input_tokens),
    audio_output_tokens: toBigInt(figures.audio_output_tokens),
    cost_nano_usd: toBigInt(figures.cost_nano_usd),
    teacher_cost_nano_usd: toBigInt(figures.teacher_cost_nano_usd),
  };
  for (const subject of subjectsOf(period, figures.task ?? null, figures.key_id ?? null)) {
    changes.add(subject, by);
  }
  changes.add({ grain: 'answerer', period, task, answeredBy: figures.answered_by }, by);
}
