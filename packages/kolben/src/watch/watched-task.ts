/**
 * What is known of a task that is watched, read from the store: nothing of it is kept in the watching process, so another
 * one can go on at any moment.
 *
 * @module
 */
import type { Config } from '@kolben/gateway/config';
import { routeSet } from '@kolben/gateway/tasks';
import type { Event, RegisteredStudent, Route, Store } from '@kolben/store';
import { distillBegun, distillFailed, trained } from '../students/distill-recorded.ts';
import { refusalOfCalls } from '../students/refusal-of-calls.ts';
import type { WatchedStudent, WatchedTask } from './next-step.ts';

/** The events of steps, as the store names them. */
export const stepUndone = 'step_undone';

const recent = 500;

export interface Watched {
  state: WatchedTask;
  current: RegisteredStudent | undefined;
  /** The task's latest events, newest first. */
  events: Event[];
}

export async function watchedTask(store: Store, config: Config, task: string): Promise<Watched> {
  const configured = config.tasks[task]!;
  const events = await store.events.list({
    task,
    what: [trained, distillBegun, distillFailed, routeSet, stepUndone],
    limit: recent,
  });
  const current = await store.students.current(task);
  const teachers = await store.calls.teachers(task);
  const calls = teachers.reduce((sum, one) => sum + one.calls, 0);
  const refusal = await refusalOfCalls({ config, task, teachers, kind: configured.kind });
  const last = lastDistillation(events);
  return {
    state: {
      route: (await store.routes.get(task)) ?? configured.route,
      student: current ? await watchedStudent(store, current, events) : null,
      calls,
      newCalls: last ? await store.calls.countTeachable(task, { since: new Date(last.asOf + 1) }) : calls,
      distilled: last !== undefined,
      begun: begunOf(events),
      pinned: configured.student !== undefined,
      refusal: refusal ? { message: refusal.message, values: refusal.values } : null,
    },
    current,
    events,
  };
}

async function watchedStudent(
  store: Store,
  { id, task, digest, certificate, promotedAt }: RegisteredStudent,
  events: readonly Event[],
): Promise<WatchedStudent> {
  const { alpha, coverage } = (certificate ?? {}) as { alpha?: number; coverage?: number };
  return {
    id,
    certificate: alpha === undefined || coverage === undefined ? null : { alpha, coverage },
    withdrawn: (await store.watches.withdrawn(task)).has(digest),
    shadow: await store.calls.agreement({
      ...{ task, student: id, route: 'shadow' },
      ...(promotedAt && { since: promotedAt }),
    }),
    barred: barredOf(events, id),
  };
}

/**
 * Routes that an undone step, the shadow itself, or an operator who gave the calls back to the teacher keeps from a
 * student. What an operator decides stands above everything before it.
 */
function barredOf(events: readonly Event[], student: string): Route[] {
  const barred = new Set<Route>();
  for (const { what, student: of, detail } of events) {
    if (of !== student || (what !== routeSet && what !== stepUndone)) continue;
    if (typeof detail.bars === 'string') barred.add(detail.bars as Route);
    if (detail.by === 'operator') break;
  }
  return [...barred];
}

/** As of when calls were last taken into a dataset, whatever became of it, milliseconds since 1970. */
function lastDistillation(events: readonly Event[]): { asOf: number } | undefined {
  for (const { what, detail } of events) {
    const asOf = what === trained ? (detail.dataset as { asOf?: string }).asOf : detail.asOf;
    if ((what === trained || what === distillFailed) && asOf !== undefined)
      return { asOf: new Date(String(asOf)).getTime() };
  }
  return undefined;
}

/** As of when a distillation began that neither ended nor failed. */
function begunOf(events: readonly Event[]): Date | null {
  const last = events.find(({ what }) => what === distillBegun || what === trained || what === distillFailed);
  return last?.what === distillBegun ? new Date(String(last.detail.asOf)) : null;
}
