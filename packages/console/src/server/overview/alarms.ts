/**
 * What an operator should know of before anything else.
 *
 * @module
 */
import { budgetRows, inputsDrifted } from '@kolben/gateway';
import type { ConsoleServices } from '../services.ts';
import type { TaskFacts } from './task-facts.ts';

export type Alarm =
  /** The task's student kept its promise no longer; its calls go to the teacher, unless the route forces it to answer. */
  | { kind: 'withdrawn'; task: string; student: string; isForced: boolean }
  /** Calls don't look any more as those that the student was calibrated on. */
  | { kind: 'drift'; task: string; student: string; at: string }
  /** Nearly used up, or used up. Money in USD. */
  | { kind: 'budget'; of: 'all' | 'task' | 'key'; name: string | null; used: number; budget: number }
  /** A provider is left alone because it failed again and again. */
  | { kind: 'provider'; provider: string; leftAloneMs: number }
  /** The disk takes no calls, so the gateway takes none either. */
  | { kind: 'recording'; waiting: number };

/** The share of a budget from which on it is told. */
const nearly = 0.8;
/** How long drift is told after it was found last. Milliseconds. */
const driftMs = 7 * 24 * 3_600_000;
/** Times are told to the second only: what changes each time that it is looked at would be sent each time. */
const second = 1_000;

export async function alarmsOf(
  { store, config, inside }: ConsoleServices,
  tasks: readonly TaskFacts[],
  now: Date,
): Promise<Alarm[]> {
  const { unrecorded } = await inside.status();
  const rows = await budgetRows(store, config);
  const drifts = await store.events.list({ what: [inputsDrifted], limit: 200 });
  return [
    ...(unrecorded.failing ? [{ kind: 'recording' as const, waiting: unrecorded.calls }] : []),
    ...inside
      .providers()
      .filter(({ suspended }) => suspended)
      .map(({ name, leftAloneMs }) => ({
        kind: 'provider' as const,
        provider: name,
        leftAloneMs: Math.ceil(leftAloneMs / (30 * second)) * 30 * second,
      })),
    ...tasks.flatMap(({ name, student, state }) =>
      student !== null && (state === 'withdrawn' || state === 'forced')
        ? [{ kind: 'withdrawn' as const, task: name, student, isForced: state === 'forced' }]
        : [],
    ),
    ...tasks.flatMap(({ name, student }) => {
      const last = drifts.find((event) => event.task === name && event.student === student);
      return student !== null && last && now.getTime() - last.at.getTime() < driftMs
        ? [{ kind: 'drift' as const, task: name, student, at: last.at.toISOString() }]
        : [];
    }),
    ...rows.flatMap(({ of, name, keyName, spent, reserved, budget }) => {
      const used = spent + reserved;
      return budget !== null && used >= nearly * budget
        ? [{ kind: 'budget' as const, of, name: keyName ?? name, used, budget }]
        : [];
    }),
  ];
}
