/**
 * What a recorded call adds to the counters.
 *
 * @module
 */
import type { Insertable, Selectable } from 'kysely';
import type { CallsTable } from '../schema.ts';
import { type Counter, type CounterChanges, type CounterKey, callSums } from './counter.ts';
import { monthOf, nextMonth } from './period.ts';

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

/** What of a call is added up, and what counts as none where a call doesn't tell it. */
const sums = callSums.filter((sum) => sum !== 'calls' && sum !== 'estimated_calls');

/** What recorded calls add to the counters. Calls alike are added up first: nearly all of a moment are. */
export function countCalls(calls: Iterable<Insertable<CallsTable>>, changes: CounterChanges): void {
  const groups = new Map<string, Insertable<CallsTable>[]>();
  let month = '';
  let from = 0;
  let until = 0;
  for (const figures of calls) {
    const at = Number(figures.at);
    if (at < from || at >= until) [month, from, until] = [monthOf(at), at, nextMonth(at)];
    const name = [month, figures.task, figures.key_id, figures.answered_by].join('\0');
    const group = groups.get(name);
    if (group) group.push(figures);
    else groups.set(name, [figures]);
  }
  for (const group of groups.values()) {
    const { at, task, key_id: keyId, answered_by: answeredBy } = group[0]!;
    const period = monthOf(Number(at));
    const by: Partial<Counter> = {
      calls: BigInt(group.length),
      estimated_calls: sumOf(group, 'usage_estimated'),
    };
    for (const sum of sums) by[sum] = sumOf(group, sum);
    for (const subject of subjectsOf(period, task ?? null, keyId ?? null)) changes.add(subject, by);
    changes.add({ grain: 'answerer', period, task: task ?? '', answeredBy }, by);
  }
}

/** Exact, and in numbers as far as these are. */
function sumOf(
  calls: readonly Insertable<CallsTable>[],
  column: Exclude<(typeof sums)[number], 'calls' | 'estimated_calls'> | 'usage_estimated',
): bigint {
  let sum = 0n;
  let small = 0;
  for (const call of calls) {
    const value = call[column] ?? 0;
    if (typeof value === 'bigint') sum += value;
    else {
      if (small + value > Number.MAX_SAFE_INTEGER) {
        sum += BigInt(small);
        small = 0;
      }
      small += value;
    }
  }
  return sum + BigInt(small);
}
